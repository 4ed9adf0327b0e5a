import { limits } from "../core/limits.ts";
import { citedIds, type Report, type ReportEvidence } from "../core/report.ts";
import { dayAndClock } from "./format.ts";
import type { Words } from "./languages.ts";
import { fence, link, plain } from "./markdown-text.ts";

/** Items shown when nothing cites them; the JSON has all. */
const uncitedMax = 3;
const queriesMax = 2;
const queryCharsMax = 1_500;

/** Every cited item of evidence with the query that makes it again. */
export function evidenceSection(report: Report, words: Words): string {
  const title = `## ${words.say("section.evidence")}`;
  if (report.evidence.length === 0) return `${title}\n\n${words.say("evidence.none")}`;
  const cited = new Set(citedIds(report).map((cite) => cite.id));
  const uncited = report.evidence.filter((item) => !cited.has(item.id)).slice(0, uncitedMax);
  const shown = report.evidence.filter((item) => cited.has(item.id) || uncited.includes(item));
  const rest = report.evidence.length - shown.length;
  return [
    title,
    ...shown.map((item) => evidenceItem(item, words)),
    ...(rest > 0 ? [words.say("evidence.more", { count: rest })] : []),
  ].join("\n\n");
}

function evidenceItem(item: ReportEvidence, words: Words): string {
  const anchor = `<a id="${item.id.toLowerCase()}"></a>`;
  const parts = [`${anchor}**${item.id}** ${plain(item.statement)}`];
  if (item.quote) {
    parts.push(words.say("evidence.quote"), fence(item.quote, "text", limits.quoteCharsMax));
  }
  for (const made of item.provenance.slice(0, queriesMax)) {
    const at = (iso: string) => dayAndClock(Date.parse(iso));
    const account = made.account ? words.say("evidence.account", { account: made.account }) : "";
    const again = words.say("evidence.again", {
      source: `${made.source}${account}`,
      from: at(made.window.from),
      to: at(made.window.to),
    });
    const extra = [
      made.truncated ? words.say("evidence.truncated") : "",
      made.link ? link(words.say("evidence.open"), made.link) : "",
    ].filter((part) => part !== "");
    parts.push([plain(again), ...extra].join(" · "));
    parts.push(fence(made.query, languageOf(made.query), queryCharsMax));
  }
  return parts.join("\n\n");
}

/** Name of the fence, so that editors colour the query. */
function languageOf(query: string): string {
  if (/^\s*(?:select|with)\b/i.test(query)) return "sql";
  return /^\s*[[{]/.test(query) ? "json" : "text";
}
