import { priorityLevels } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import { blockLimits as max } from "../blocks/block-limits.ts";
import {
  button,
  context,
  fields,
  header,
  linkButton,
  plainText,
  section,
} from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { clip, escapeMrkdwn, mrkdwn, plain, safeUrl } from "../blocks/foreign-text.ts";
import type { Block, Button, MessageView } from "../blocks/types.ts";
import { type Words, wordsOf } from "../messages/words.ts";
import { acknowledgeButton } from "./acknowledge-button.ts";
import { actionIds } from "./action-ids.ts";
import {
  type CaseState,
  computedLevel,
  levelMark,
  levelOf,
  levelTag,
  who,
  whoDid,
} from "./case-state.ts";
import { overriddenText, ownerLine } from "./headline.ts";
import { amount, localTime, percent } from "./numbers.ts";
import { chartBlocks } from "./report-charts.ts";
import { evidenceTable, timelineContainer } from "./report-evidence.ts";
import { causeText, gapsText, nextStepsText } from "./report-prose.ts";

/** S4: the report as its own message. Verdict and priority first; what is uncertain looks so. */
export function reportView(state: CaseState, report: Report): MessageView {
  const words = wordsOf(state.language);
  const title = reportTitle(state, report, words);
  const causes = causeText(report, words);
  const steps = nextStepsText(report, words);
  const gaps = gapsText(report, words);
  const blocks: Block[] = [
    header(title),
    ...(state.stoppedBy ? [context(words.stoppedBy(who(state.stoppedBy)))] : []),
    ...(report.status === "partial" && !state.stoppedBy ? [context(`⚠️ ${words.partial}`)] : []),
    section(`*${mrkdwn(report.summary, 1_200)}*`),
    fields(keyFacts(state, report, words)),
    ...(causes ? [{ type: "markdown" as const, text: causes }] : []),
    ...chartBlocks(state, report, words),
    ...evidenceTable(report, words, state.linkHosts),
    ...timelineContainer(report, words),
    ...(steps ? [{ type: "markdown" as const, text: steps }] : []),
    ...(gaps ? [context(gaps)] : []),
    ...(ownerLine(state.incident, words) ?? []),
    ...reportActions(state, report, words),
    feedbackButtons(state, words),
    context(footer(report, words)),
  ];
  return {
    text: plainSummary(title, report, words),
    blocks: fitBlocks(blocks, "message", words.more).blocks,
  };
}

function reportTitle(state: CaseState, report: Report, words: Words): string {
  const verdict = words.conclusion[report.conclusion];
  if (report.conclusion === "no-incident") return `✅ ${verdict} · ${plain(report.title, 110)}`;
  const level = levelTag(levelOf(state.incident, report));
  const doubt = report.conclusion === "inconclusive" ? "❔ " : "";
  return `${level} · ${doubt}${verdict} · ${plain(report.title, 90)}`;
}

function keyFacts(state: CaseState, report: Report, words: Words): [string, string][] {
  const { incident } = state;
  const level = levelOf(incident, report);
  const first = report.rootCauses[0];
  const service = first?.service ?? report.firstFailing ?? incident.service;
  const override = incident.override ?? report.priority.overriddenBy ?? null;
  const urgency = override
    ? `${levelTag(level)} (${overriddenText(override, computedLevel(report), words)})`
    : words.respondWithin(report.priority.level, mrkdwn(report.priority.respondWithin, 60));
  const onset = report.onset ? Date.parse(report.onset) : Number.NaN;
  return [
    [words.priority, urgency],
    [
      words.impact,
      `${words.rating[report.priority.impact]} · ${mrkdwn(report.impact.users, 240)}${business(report, words)}`,
    ],
    [words.service, service ? mrkdwn(service, 80) : words.unknown],
    [words.started, Number.isNaN(onset) ? words.unknown : localTime(onset)],
    [words.confidence, percent(report.confidence)],
    [words.owner, incident.acknowledgedBy ? whoDid(incident.acknowledgedBy) : words.nobody],
  ];
}

/** Money and budget, as the report computed them. */
function business(report: Report, words: Words): string {
  const kpi = report.impact.business[0];
  const slo = report.impact.slos[0];
  const lines: string[] = [];
  if (kpi && kpi.expected !== 0) {
    const share = percent(Math.abs(1 - kpi.actual / kpi.expected));
    const direction = kpi.actual > kpi.expected ? "above" : "below";
    lines.push(words.lost(mrkdwn(kpi.kpi, 60), share, direction, lossOf(kpi, words)));
  }
  if (slo) {
    lines.push(words.burn(mrkdwn(slo.name, 60), amount(slo.burnRate), percent(slo.budgetLeft)));
  }
  return lines.map((line) => `\n${line}`).join("");
}

/** What is lost in money, else in things; null for a rate, of which nothing can be lost. */
function lossOf(kpi: Report["impact"]["business"][number], words: Words): string | null {
  if (kpi.lostValue !== undefined) return amount(kpi.lostValue, mrkdwn(kpi.currency ?? "", 8));
  const isRate = ["", "1", "%", "ratio", "share"].includes(kpi.unit);
  return isRate ? null : amount(kpi.lost, words.unit(mrkdwn(kpi.unit, 20)));
}

function reportActions(state: CaseState, report: Report, words: Words): Block[] {
  const { incident } = state;
  const level = levelOf(incident, report);
  const buttons: Button[] = [];
  if (!incident.acknowledgedBy && incident.resolvedAt === null) {
    buttons.push(acknowledgeButton(incident, words));
  }
  if (state.runbook) {
    buttons.push(
      button({
        text: words.reviewRunbook,
        action: actionIds.runbook,
        value: JSON.stringify([incident.id, state.runbook.name, state.runbook.action.name]),
      }),
    );
  }
  buttons.push(
    state.reportUrl
      ? linkButton({ text: words.openReport, action: actionIds.openLink, url: state.reportUrl })
      : button({ text: words.openReport, action: actionIds.openReport, value: incident.id }),
  );
  const dashboard = dashboardUrl(report, state);
  if (dashboard) {
    buttons.push(
      linkButton({
        text: words.openDashboard,
        action: `${actionIds.openLink}.dashboard`,
        url: dashboard,
      }),
    );
  }
  const select = {
    type: "static_select" as const,
    action_id: actionIds.priority,
    placeholder: plainText(words.setPriority, max.placeholder),
    options: priorityLevels
      .filter((one) => one !== level)
      .map((one) => ({
        text: plainText(`${levelMark[one]} ${one}`, max.optionText),
        value: `${one}:${incident.id}`,
      })),
  };
  return [{ type: "actions", elements: [...buttons, select] }];
}

/** The console view of the first cited evidence. */
function dashboardUrl(report: Report, state: CaseState): string | null {
  const cited = new Set(report.rootCauses[0]?.supporting ?? []);
  for (const item of report.evidence.filter((one) => cited.has(one.id))) {
    for (const origin of item.provenance) {
      const url = safeUrl(origin.link, state.linkHosts);
      if (url) return url;
    }
  }
  return null;
}

function feedbackButtons(state: CaseState, words: Words): Block {
  const value = (verdict: string) => `${verdict}:${state.incident.id}`;
  return {
    type: "context_actions",
    elements: [
      {
        type: "feedback_buttons",
        action_id: actionIds.feedback,
        positive_button: {
          text: plainText(words.helpful, max.buttonText),
          value: value("helpful"),
        },
        negative_button: {
          text: plainText(words.notHelpful, max.buttonText),
          value: value("not-helpful"),
        },
      },
    ],
  };
}

function footer(report: Report, words: Words): string {
  const { usage } = report;
  return words.madeBy(
    mrkdwn(report.model, 60),
    amount(usage.seconds),
    usage.toolCalls,
    `\`${mrkdwn(report.id, 80)}\``,
  );
}

/** The whole in plain words, for notifications and screen readers. */
function plainSummary(title: string, report: Report, words: Words): string {
  const first = report.rootCauses[0];
  const lines = [
    title,
    plain(report.summary, 1_200),
    `${words.users}: ${plain(report.impact.users, 300)}`,
    first ? `${words.cause} (${percent(first.confidence)}): ${plain(first.mechanism, 600)}` : "",
    report.actions[0] ? `${words.nextSteps}: ${plain(report.actions[0].text, 300)}` : "",
  ];
  return plainLines(lines);
}

function plainLines(lines: readonly string[]): string {
  return clip(escapeMrkdwn(lines.filter(Boolean).join("\n")), max.textChars);
}
