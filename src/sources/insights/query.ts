import { type LogSearchQuery, severityRank } from "../../core/query.ts";

/** Words that mark a failing line, whatever writes it. */
const words: Readonly<Record<string, readonly string[]>> = {
  warn: ["warn", "warning"],
  error: ["error", "err", "severe", "exception"],
  fatal: ["fatal", "critical", "panic", "emergency"],
};

/** Filter for the lines of a severity or worse. Nothing is filtered below `warn`. */
function severityFilter(severity: string): string | null {
  const rank = severityRank(severity);
  if (rank < 3) return null;
  const wanted = Object.keys(words).filter((each) => severityRank(each) >= rank);
  return `@message like /(?i)\\b(${wanted.flatMap((each) => words[each] ?? []).join("|")})\\b/`;
}

/** Lines of severity error and worse. */
export const failingFilter = severityFilter("error") ?? "";

/** A search: the filter stands before the limit, so that it is not a search of some first rows. */
export function searchText(query: LogSearchQuery, limit: number): string {
  const filters = [
    query.text ? `@message like /(?i)${literal(query.text)}/` : null,
    query.severityMin ? severityFilter(query.severityMin) : null,
    query.traceId ? `@message like /${literal(query.traceId)}/` : null,
  ].filter((each) => each !== null);
  return [
    "fields @timestamp, @message, @log",
    ...(filters.length > 0 ? [`filter ${filters.join(" and ")}`] : []),
    "sort @timestamp desc",
    `limit ${limit}`,
  ].join("\n| ");
}

/** Text as a regular expression that matches just it; nothing in it can end the expression. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/"'`]/g, "\\$&").replace(/\s+/g, "\\s+");
}

/** Severity of a line: its own field when it is JSON, else the first such word in it. */
export function severityOf(message: string): string {
  const said =
    /"(?:level|severity|log\.level|levelname)"\s*:\s*"(\w+)"/i.exec(message)?.[1] ??
    /\b(trace|debug|info|notice|warn|warning|error|err|severe|fatal|critical|panic)\b/i.exec(
      message.slice(0, 400),
    )?.[1] ??
    "info";
  const word = said.toLowerCase();
  const known = Object.keys(words).find((each) => words[each]?.includes(word));
  if (known) return known;
  return ["trace", "debug"].includes(word) ? word : "info";
}
