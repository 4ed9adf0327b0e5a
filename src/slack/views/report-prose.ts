import type { Report } from "../../core/report.ts";
import { markdown, mrkdwn } from "../blocks/foreign-text.ts";
import type { Words } from "../messages/words.ts";
import { percent } from "./numbers.ts";

/**
 * Why, what else was considered, what was ruled out; at most 4,000 characters, null when nothing.
 */
export function causeText(report: Report, words: Words): string | null {
  if (report.conclusion === "no-incident") {
    return ruledOut(report, words).join("\n").trim() || null;
  }
  const lines: string[] = [];
  const [first, ...rest] = report.rootCauses;
  if (!first) lines.push(words.noCause);
  else if (report.conclusion === "inconclusive") {
    lines.push(`### ${words.causes}`);
    for (const cause of report.rootCauses.slice(0, listMax))
      lines.push(`${cause.rank}. ${line(cause, words, "")}`);
  } else {
    lines.push(`### ${words.cause}`, line(first, words, report.summary));
    if (rest.length > 0) lines.push("", `### ${words.otherCauses}`);
    for (const cause of rest.slice(0, 2)) lines.push(`- ${line(cause, words, "")}`);
  }
  return [...lines, ...ruledOut(report, words)].join("\n");
}

type Cause = Report["rootCauses"][number];

/** A cause on one line, without the mechanism where `said` tells it already. */
function line(cause: Cause, words: Words, said: string): string {
  const place = cause.resource ?? cause.service;
  const isSaid = place !== null && said.includes(cause.mechanism);
  const mechanism = isSaid ? "" : markdown(cause.mechanism, 500);
  const name = place ? `**${markdown(place, 80)}**${isSaid ? "" : ": "}` : "";
  const certainty = `(${percent(cause.confidence)}${cites(cause.supporting)})`;
  const change = cause.change
    ? `${words.period}${words.guilty(
        markdown(cause.change.kind, 20),
        markdown(cause.change.ref, 40),
        markdown(cause.change.title, 120),
      )}`
    : "";
  return `${name}${mechanism} ${certainty}${change}${words.period.trim()}`;
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
          `- ~~${markdown(item.claim, 160)}~~: ${markdown(item.because, 240)}${cites(item.evidence, " (", ")")}`,
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
    ...report.actions.slice(0, listMax).map((action, i) => {
      const label = words.action[action.kind];
      const isBare = (isOpen && action.kind === "monitor") || repeats(label, action.text);
      const text = markdown(action.text, 300).replace(/[.。]$/, "");
      const risk = hasRisk(action.risk) ? ` (${words.risk(markdown(action.risk, 120))})` : "";
      const cited = cites(action.evidence, " [", "]");
      return `${i + 1}. ${isBare ? "" : `**${label}**: `}${text}${risk}${cited}`;
    }),
    ...rest(report.actions.length, words),
  ].join("\n");
}

/** True when a text begins with the verb of its label, or ends with it, as Japanese does. */
function repeats(label: string, text: string): boolean {
  const [verb = label] = label.toLowerCase().split(" ");
  const said = text.toLowerCase().replace(/[.。]$/, "");
  return said.startsWith(verb) || said.endsWith(label.slice(-verbTail));
}

/** Characters of a Japanese verb with its ending, as in 元に戻す. */
const verbTail = 4;

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
  return `⚠️ *${words.gaps}:* ${shown}${rest}`;
}

/** Items per list; the full report has them all. */
const listMax = 4;

function rest(total: number, words: Words): string[] {
  return total > listMax ? [`_${words.evidenceMore(listMax, total)}_`] : [];
}

function cites(ids: readonly string[], before = ", ", after = ""): string {
  return ids.length === 0 ? "" : `${before}${ids.slice(0, 5).join(", ")}${after}`;
}
