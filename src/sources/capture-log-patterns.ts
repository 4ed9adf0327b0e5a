import { type Frame, numbers, texts } from "../core/frame.ts";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import { type LogPatternsQuery, severityRank } from "../core/query.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { type Answerer, forServices, inPeriods, inWindow } from "./capture-answer.ts";
import { operationOfLog, prepareSpans } from "./capture-span-facts.ts";
import { type MaskedLine, templatesOf } from "./log-templates.ts";

/** Masked lines that cross over to be clustered; rarer ones beyond it are counted as a gap. */
const groupsMax = 300_000;
const exampleCharsMax = 2_000;

interface PatternRow {
  service: string;
  pattern: string;
  severity: string;
  operation: string | null;
  windowCount: number;
  baselineCount: number;
  firstAt: number;
  lastAt: number;
  example: string;
  traceId: string | null;
}

/** Masks and counts where the lines are; only the groups cross over, to become templates. */
export const logPatterns: Answerer<LogPatternsQuery> = {
  tables: ["logs"],
  async answer(capture, query, window, stop) {
    const withOperation = query.byOperation === true && (await prepareSpans(capture.store, stop));
    const sql = patternsSql(query, window, withOperation);
    const grouped = await capture.store.engine.query(
      `${sql}\nORDER BY window_count + baseline_count DESC\nLIMIT ${groupsMax + 1}`,
      stop,
    );
    const rows = mergeGroups(grouped);
    const most = Math.min(query.limit ?? limits.logPatternsMax, limits.logPatternsMax);
    const ratio = query.baseline ? lengthMs(window) / lengthMs(query.baseline) : 0;
    const order = rows.sort((a, b) => surprise(b, ratio) - surprise(a, ratio) || byText(a, b));
    const gaps: Gap[] = [];
    if (grouped.length > groupsMax) {
      gaps.push({
        what: "rare log lines",
        why: `there are more than ${groupsMax} different masked lines`,
        effect: "the rarest lines are in no pattern",
        signal: "logs",
      });
    }
    return {
      frame: patternsFrame(order.slice(0, most)),
      sql,
      truncated: order.length > most || grouped.length > groupsMax,
      gaps,
    };
  },
};

function patternsSql(query: LogPatternsQuery, window: Window, withOperation: boolean): string {
  const within = inWindow("timestamp", window);
  const before = query.baseline ? inWindow("timestamp", query.baseline) : "false";
  const from = withOperation ? operationOfLog : "SELECT *, NULL::VARCHAR AS operation FROM logs";
  return `SELECT service, severity, operation, mask(body) AS masked,
  count(*) FILTER (${within}) AS window_count,
  count(*) FILTER (${before}) AS baseline_count,
  min(ms(timestamp)) FILTER (${within}) AS first_at,
  max(ms(timestamp)) FILTER (${within}) AS last_at,
  left(coalesce(any_value(body) FILTER (${within}), any_value(body)), ${exampleCharsMax}) AS example,
  coalesce(any_value(trace_id) FILTER (${within}), any_value(trace_id)) AS trace_id
FROM (${from})
WHERE ${inPeriods("timestamp", window, query.baseline)}
  AND ${forServices("service", query.services)}
GROUP BY ALL`;
}

function mergeGroups(frame: Frame): PatternRow[] {
  const masked = texts(frame, "masked");
  const [inside, before] = [numbers(frame, "window_count"), numbers(frame, "baseline_count")];
  const [first, last] = [numbers(frame, "first_at"), numbers(frame, "last_at")];
  const [service, severity] = [texts(frame, "service"), texts(frame, "severity")];
  const [operation, example] = [texts(frame, "operation"), texts(frame, "example")];
  const traceId = texts(frame, "trace_id");
  const templates = templatesByService(
    service,
    masked.map((text, row) => ({
      masked: text ?? "",
      count: (inside[row] ?? 0) + (before[row] ?? 0),
    })),
  );
  const rows = new Map<string, PatternRow>();
  for (const [row, pattern] of templates.entries()) {
    const key = JSON.stringify([service[row], severity[row], operation[row], pattern]);
    const windowCount = inside[row] ?? 0;
    const known = rows.get(key);
    if (!known) {
      rows.set(key, {
        service: service[row] ?? "",
        pattern,
        severity: severity[row] ?? "info",
        operation: operation[row] ?? null,
        windowCount,
        baselineCount: before[row] ?? 0,
        firstAt: first[row] ?? Number.NaN,
        lastAt: last[row] ?? Number.NaN,
        example: example[row] ?? "",
        traceId: traceId[row] ?? null,
      });
      continue;
    }
    if (known.windowCount === 0 && windowCount > 0) {
      known.example = example[row] ?? "";
      known.traceId = traceId[row] ?? null;
    }
    known.windowCount += windowCount;
    known.baselineCount += before[row] ?? 0;
    known.firstAt = pick(Math.min, known.firstAt, first[row]);
    known.lastAt = pick(Math.max, known.lastAt, last[row]);
  }
  return [...rows.values()];
}

/**
 * Templates of each service by itself: what varies within one program is a variable, what differs
 * between programs is their text. Over all services together the messages of many programs in one
 * log format would look like one slot with many words.
 */
function templatesByService(
  services: readonly (string | null)[],
  lines: readonly MaskedLine[],
): readonly string[] {
  const rowsOf = new Map<string | null, number[]>();
  for (const [row, service] of services.entries()) {
    const rows = rowsOf.get(service);
    if (rows) rows.push(row);
    else rowsOf.set(service, [row]);
  }
  const templates = new Array<string>(lines.length).fill("");
  for (const rows of rowsOf.values()) {
    const own = templatesOf(rows.map((row) => lines[row] as MaskedLine));
    for (const [at, row] of rows.entries()) templates[row] = own[at] ?? "";
  }
  return templates;
}

function pick(choose: (a: number, b: number) => number, a: number, b = Number.NaN): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : choose(a, b);
}

/**
 * How far the count is from what the baseline leads to expect, in standard deviations of a Poisson
 * count (Anscombe's root); failing lines first among equals. Only orders what a limit may cut.
 */
function surprise(row: PatternRow, ratio: number): number {
  const expected = row.baselineCount * ratio;
  const shift = Math.abs(Math.sqrt(row.windowCount) - Math.sqrt(expected));
  return shift * (severityRank(row.severity) >= 3 ? 2 : 1);
}

function byText(a: PatternRow, b: PatternRow): number {
  return a.service < b.service || (a.service === b.service && a.pattern < b.pattern) ? -1 : 1;
}

function patternsFrame(rows: readonly PatternRow[]): Frame {
  const text = (name: string, of: (row: PatternRow) => string | null) => ({
    name,
    type: "text" as const,
    values: rows.map(of),
  });
  const number = (name: string, type: "number" | "time", of: (row: PatternRow) => number) => ({
    name,
    type,
    values: Float64Array.from(rows, of),
  });
  return {
    length: rows.length,
    columns: [
      text("service", (r) => r.service),
      text("pattern", (r) => r.pattern),
      text("severity", (r) => r.severity),
      text("operation", (r) => r.operation),
      number("window_count", "number", (r) => r.windowCount),
      number("baseline_count", "number", (r) => r.baselineCount),
      number("first_at", "time", (r) => r.firstAt),
      number("last_at", "time", (r) => r.lastAt),
      text("example", (r) => r.example),
      text("trace_id", (r) => r.traceId),
    ],
  };
}
