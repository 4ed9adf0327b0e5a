import type { Report } from "../../core/report.ts";
import { markdown, mrkdwn } from "../blocks/foreign-text.ts";
import type { Words } from "../messages/words.ts";
import { percent } from "./numbers.ts";

/** Answer in two sentences, why, what else was considered, what was ruled out. At most 4,000 chars. */
export function causeText(report: Report, words: Words): string {
  const lines = [`**${markdown(report.summary, 1_200)}**`, ""];
  if (report.conclusion === "no-incident") return [...lines, ...ruledOut(report, words)].join("\n");
  const [first, ...rest] = report.rootCauses;
  if (!first) lines.push(words.noCause);
  else if (report.conclusion === "inconclusive") {
    lines.push(`### ${words.causes}`);
    for (const cause of report.rootCauses.slice(0, listMax))
      lines.push(`${cause.rank}. ${line(cause, words)}`);
  } else {
    lines.push(`### ${words.cause}`, line(first, words));
    if (rest.length > 0) lines.push("", `### ${words.otherCauses}`);
    for (const cause of rest.slice(0, 2)) lines.push(`- ${line(cause, words)}`);
  }
  return [...lines, ...ruledOut(report, words)].join("\n");
}

type Cause = Report["rootCauses"][number];

function line(cause: Cause, words: Words): string {
  const place = cause.resource ?? cause.service;
  const name = place ? `**${markdown(place, 80)}**: ` : "";
  const certainty = `(${percent(cause.confidence)}${cites(cause.supporting)})`;
  const change = cause.change
    ? `${words.period}${words.guilty(
        markdown(cause.change.kind, 20),
        markdown(cause.change.ref, 40),
        markdown(cause.change.title, 120),
      )}`
    : "";
  return `${name}${markdown(cause.mechanism, 500)} ${certainty}${change}${words.period.trim()}`;
}

function ruledOut(report: Report, words: Words): string[] {
  if (report.ruledOut.length === 0) return [];
  return [
    "",
    `### ${words.ruledOut}`,
    ...report.ruledOut
      .slice(0, listMax)
      .map(
        (item) =>
          `- ~~${markdown(item.claim, 160)}~~ ${markdown(item.because, 240)}${cites(item.evidence, " (", ")")}`,
      ),
    ...rest(report.ruledOut.length, words),
  ];
}

/** What to do, most useful first; null when the report has nothing to advise. */
export function nextStepsText(report: Report, words: Words): string | null {
  if (report.actions.length === 0) return null;
  const isOpen = report.conclusion === "inconclusive";
  return [
    `### ${isOpen ? words.checkByHand : words.nextSteps}`,
    ...report.actions
      .slice(0, listMax)
      .map(
        (action, i) =>
          `${i + 1}. ${isOpen && action.kind === "monitor" ? "" : `**${words.action[action.kind]}**: `}${markdown(action.text, 300)}${
            hasRisk(action.risk) ? ` (${words.risk(markdown(action.risk, 120))})` : ""
          }${cites(action.evidence, " [", "]")}`,
      ),
    ...rest(report.actions.length, words),
  ].join("\n");
}

/** A risk of "none" is not worth the words. */
function hasRisk(risk: string): boolean {
  return risk !== "" && !/^(none|なし)[.。]?$/i.test(risk);
}

/** What could not be read and what that does to the conclusion, as one mrkdwn line. */
export function gapsText(report: Report, words: Words): string | null {
  if (report.gaps.length === 0) return null;
  const shown = report.gaps
    .slice(0, 3)
    .map((gap) => `${mrkdwn(gap.what, 120)}: ${mrkdwn(gap.why, 160)}`)
    .join(" · ");
  const rest = report.gaps.length > 3 ? ` (+${report.gaps.length - 3})` : "";
  return `⚠️ *${words.gaps}* ${shown}${rest}`;
}

/** Items per list; the full report has them all. */
const listMax = 4;

function rest(total: number, words: Words): string[] {
  return total > listMax ? [`_${words.evidenceMore(listMax, total)}_`] : [];
}

function cites(ids: readonly string[], before = ", ", after = ""): string {
  return ids.length === 0 ? "" : `${before}${ids.slice(0, 5).join(", ")}${after}`;
}
