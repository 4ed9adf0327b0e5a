import type { Language } from "../../core/language.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { button, context, linkButton, plainText, section } from "../blocks/blocks.ts";
import { escapeMrkdwn, mrkdwn, plain } from "../blocks/foreign-text.ts";
import type { Block, MessageView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";
import { actionIds } from "./action-ids.ts";
import { who } from "./case-state.ts";

/** S1, empty mention: one line and three things to press. */
export function emptyView(language: Language): MessageView {
  const words = wordsOf(language);
  return {
    text: words.empty,
    blocks: [
      section(words.empty),
      {
        type: "actions",
        elements: words.prompts.map(([title, message], i) =>
          button({ text: title, action: `${actionIds.prompt}.${i}`, value: message }),
        ),
      },
    ],
  };
}

/** One sentence of ours. */
export function noteView(text: string): MessageView {
  return { text, blocks: [section(text)] };
}

/** Why the analyst did not do what somebody asked for. */
export function refusalView(message: string, language: Language): MessageView {
  return noteView(mrkdwn(wordsOf(language).phrase(message), 500));
}

/** Leads one person to the report page; the address stands in the button alone. */
export function reportLinkView(url: string, language: Language): MessageView {
  const words = wordsOf(language);
  const open = linkButton({ text: words.openReport, action: actionIds.openLink, url });
  return {
    text: words.reportLink,
    blocks: [section(words.reportLink), { type: "actions", elements: [open] }],
  };
}

/** S9: what went wrong in one line, the run's id, and a way to try again. Never a stack trace. */
export function errorView(options: {
  readonly run: string;
  /** Why, where it may be shown. */
  readonly why: string | null;
  readonly incident: string | null;
  readonly found: readonly string[];
  readonly language: Language;
}): MessageView {
  const words = wordsOf(options.language);
  const run = words.errorRun(mrkdwn(options.run, 80));
  const text = options.why ? words.errorWhy(mrkdwn(words.phrase(options.why), 300)) : words.error;
  const found = options.found.slice(0, 5).map((line) => `• ${mrkdwn(line, 200)}`);
  return {
    text: `${text}\n${run}`,
    blocks: [
      section(`⚠️ ${text}`),
      ...(found.length > 0 ? [section(`${words.errorPartial}\n${found.join("\n")}`)] : []),
      context(run),
      ...(options.incident
        ? [
            {
              type: "actions" as const,
              elements: [
                button({ text: words.retry, action: actionIds.retry, value: options.incident }),
              ],
            },
          ]
        : []),
    ],
  };
}

/** What a person decided about a runbook action, as a task card that says nothing was executed. */
export function decisionView(options: {
  readonly verdict: "approved" | "rejected" | "pending";
  readonly by: string;
  readonly action: string;
  readonly reason: string | null;
  readonly language: Language;
}): MessageView {
  const words = wordsOf(options.language);
  const sentence = {
    approved: words.approved,
    rejected: words.rejected,
    pending: words.pendingApproval,
  }[options.verdict];
  const name = plain(options.action, 120);
  const blocks: Block[] = [
    section(`${marks[options.verdict]} ${sentence(who(options.by), mrkdwn(name, 120))}`),
    ...(options.reason ? [context(words.reasonGiven(mrkdwn(options.reason, 500)))] : []),
    ...(options.verdict === "pending" ? [] : [context(words.recordedOnly)]),
  ];
  return { text: escapeMrkdwn(sentence(plain(options.by, 40), name)), blocks };
}

const marks = { approved: "✅", rejected: "🚫", pending: "⏳" } as const;

/** The prompts under a direct message; they speak of the incident when the reader looks at one. */
export function prompts(language: Language, inIncident: boolean) {
  const words = wordsOf(language);
  return (inIncident ? words.incidentPrompts : words.prompts).map(([title, message]) => ({
    title: plainText(title, max.promptTitle).text,
    message,
  }));
}
