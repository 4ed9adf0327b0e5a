import type { Answer } from "../../core/incident.ts";
import type { ReportEvidence } from "../../core/report.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import { button, context, plainText, section } from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { escapeMrkdwn, mrkdwn, plain, prose, safeUrl } from "../blocks/foreign-text.ts";
import type { Block, MessageView } from "../blocks/types.ts";
import { type Language, wordsOf } from "../messages/words.ts";
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

/** S7: an answer of at most 1,500 characters with the evidence it stands on. */
export function answerView(options: {
  readonly answer: Answer;
  readonly evidence: readonly ReportEvidence[];
  readonly isRunning: boolean;
  readonly language: Language;
  readonly linkHosts: readonly string[];
}): MessageView {
  const words = wordsOf(options.language);
  const cited = options.evidence.filter((item) => options.answer.evidence.includes(item.id));
  const sources = cited.slice(0, 6).map((item) => {
    const url = item.provenance
      .map((origin) => safeUrl(origin.link, options.linkHosts))
      .find((link) => link !== null);
    const link = url ? ` (<${escapeMrkdwn(url)}|${words.source}>)` : "";
    return `\`${item.id}\` ${mrkdwn(item.statement, 160)}${link}`;
  });
  const open = options.answer.open.slice(0, 3).map((item) => mrkdwn(item, 160));
  const blocks: Block[] = [
    ...(options.isRunning ? [context(`⏳ ${words.stillWorking}`)] : []),
    { type: "markdown", text: prose(options.answer.text, 1_500) },
    ...(sources.length > 0 ? [context(`*${words.answerSources}*\n${sources.join("\n")}`)] : []),
    ...(open.length > 0 ? [context(`*${words.answerOpen}*\n${open.join("\n")}`)] : []),
  ];
  return {
    text: escapeMrkdwn(plain(options.answer.text, 1_500)),
    blocks: fitBlocks(blocks, "message", words.more).blocks,
  };
}

/** S9: one friendly line, the run's id, and a way to try again. Never a stack trace. */
export function errorView(options: {
  readonly run: string;
  readonly incident: string | null;
  readonly found: readonly string[];
  readonly language: Language;
}): MessageView {
  const words = wordsOf(options.language);
  const text = words.error(mrkdwn(options.run, 80));
  const found = options.found.slice(0, 5).map((line) => `• ${mrkdwn(line, 200)}`);
  return {
    text,
    blocks: [
      section(`⚠️ ${text}`),
      ...(found.length > 0 ? [section(`${words.errorPartial}\n${found.join("\n")}`)] : []),
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
