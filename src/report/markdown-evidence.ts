import { limits } from "../core/limits.ts";
import { citedIds, type Report, type ReportEvidence } from "../core/report.ts";
import { dayAndClock } from "./format.ts";
import type { Words } from "./languages.ts";
import { code, fence, link, plain } from "./markdown-text.ts";
import { quoteBeside } from "./quote.ts";

type Provenance = ReportEvidence["provenance"][number];

/** Items shown when nothing cites them; the JSON has all. */
const uncitedMax = 3;
const queriesPerItemMax = 3;
const queryCharsMax = 1_500;

/**
 * Every cited item of evidence, and below them the queries that make them again, once each: many
 * items come from one query.
 */
export function evidenceSection(report: Report, words: Words): string {
  const title = `## ${words.say("section.evidence")}`;
  if (report.evidence.length === 0) return `${title}\n\n${words.say("evidence.none")}`;
  const cited = new Set(citedIds(report).map((cite) => cite.id));
  const uncited = report.evidence.filter((item) => !cited.has(item.id)).slice(0, uncitedMax);
  const shown = report.evidence.filter((item) => cited.has(item.id) || uncited.includes(item));
  const rest = report.evidence.length - shown.length;
  const queries = queriesOf(shown);
  return [
    title,
    shown.map((item) => evidenceItem(item, queries, words)).join("\n"),
    ...(rest > 0 ? [words.say("evidence.more", { count: rest })] : []),
    ...(queries.size > 0 ? querySection(report.id, [...queries.values()], words) : []),
  ].join("\n\n");
}

function querySection(incident: string, queries: readonly NumberedQuery[], words: Words) {
  const command = code(`shodo evidence ${incident} E1`);
  return [
    `### ${words.say("evidence.queries")}`,
    words.say("evidence.rerun", { command }),
    ...queries.map((query) => queryItem(query, words)),
  ];
}

interface NumberedQuery {
  readonly id: string;
  readonly made: Provenance;
}

/** Each distinct query, numbered in the order of first use. */
function queriesOf(items: readonly ReportEvidence[]): Map<string, NumberedQuery> {
  const queries = new Map<string, NumberedQuery>();
  for (const made of items.flatMap((item) => item.provenance.slice(0, queriesPerItemMax))) {
    const key = keyOf(made);
    if (!queries.has(key)) queries.set(key, { id: `Q${queries.size + 1}`, made });
  }
  return queries;
}

function keyOf({ source, query, window, account }: Provenance): string {
  return [source, account ?? "", window.from, window.to, query].join("\u0000");
}

function evidenceItem(
  item: ReportEvidence,
  queries: ReadonlyMap<string, NumberedQuery>,
  words: Words,
): string {
  const anchor = `<a id="${item.id.toLowerCase()}"></a>`;
  const links = item.provenance
    .slice(0, queriesPerItemMax)
    .flatMap((made) => queries.get(keyOf(made))?.id ?? [])
    .map((id) => link(id, `#${id.toLowerCase()}`));
  const line = `- ${anchor}**${item.id}** ${plain(item.statement)} ${[...new Set(links)].join(" ")}`;
  const quote = quoteBeside(item);
  if (quote === null) return line.trimEnd();
  const fenced = [words.say("evidence.quote"), fence(quote, "text", limits.quoteCharsMax)];
  return [line.trimEnd(), ...fenced]
    .join("\n\n")
    .replaceAll("\n", "\n  ")
    .replaceAll("\n  \n", "\n\n");
}

function queryItem({ id, made }: NumberedQuery, words: Words): string {
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
  const anchor = `<a id="${id.toLowerCase()}"></a>`;
  const head = [`${anchor}**${id}** ${plain(again)}`, ...extra].join(" · ");
  return `${head}\n\n${fence(made.query, languageOf(made.query), queryCharsMax)}`;
}

/** Name of the fence, so that editors colour the query. */
function languageOf(query: string): string {
  if (/^\s*(?:select|with)\b/i.test(query)) return "sql";
  return /^\s*[[{]/.test(query) ? "json" : "text";
}
