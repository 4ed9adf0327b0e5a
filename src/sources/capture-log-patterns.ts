import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Frame } from "../core/frame.ts";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { LogPatternsQuery } from "../core/query.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { type Answerer, forServices, nothing } from "./capture-answer.ts";
import { censusOfTotals, least } from "./capture-census.ts";
import type { Engine, Stop } from "./capture-engine.ts";
import { operationOfLog, prepareSpans } from "./capture-span-facts.ts";
import type { MappedFile } from "./capture-tables.ts";
import { type LogGroups, mostSurprising, patternRows, patternsFrame } from "./log-pattern-rows.ts";

/** Masked lines that cross over to be clustered; rarer ones beyond it are counted as a gap. */
const groupsMax = 300_000;
const exampleCharsMax = 2_000;

/** Masks and counts where the lines are; only the groups cross over, to become templates. */
export const logPatterns: Answerer<LogPatternsQuery> = {
  tables: ["logs"],
  opensTables: true,
  async answer(capture, query, window, stop) {
    const { store } = capture;
    const withOperation = query.byOperation === true && (await prepareSpans(store, stop));
    const sql = patternsSql(query, window, withOperation);
    const read = () => groupsOf(store.engine, sql, stop);
    const ridden = await store.ride("logs", stop, async (files) => {
      const groups = await read();
      return { value: groups, census: censusOf(groups, files) };
    });
    const table = await store.table("logs", stop);
    if (table.state !== "ready") return { ...nothing, sql };
    const groups = ridden ?? (await read());
    const rows = patternRows(groups);
    const most = Math.min(query.limit ?? limits.logPatternsMax, limits.logPatternsMax);
    const ratio = query.baseline ? lengthMs(window) / lengthMs(query.baseline) : 0;
    return {
      frame: patternsFrame(mostSurprising(rows, ratio, most), groups),
      sql,
      truncated: rows.length > most || groups.isCut,
      gaps: groups.isCut ? [rareGap] : [],
    };
  },
};

const rareGap: Gap = {
  what: "rare log lines",
  why: `there are more than ${groupsMax} different masked lines`,
  effect: "the rarest lines are in no pattern",
  signal: "logs",
};

const columns = [
  ...["service", "severity", "operation", "masked", "period", "fault", "bad_file", "lines"],
  ...["first_at", "last_at", "example", "trace_id"],
] as const;
type ColumnName = (typeof columns)[number];
const at = (name: ColumnName) => columns.indexOf(name);

/**
 * Every line of the table, those that cannot be used in groups of their own; `period` is 1 in the
 * window and 2 in the baseline. The time is worked out once per line, below the conditions that
 * name it often: a WHERE would be pushed down to the file and parse it again for each of them.
 */
function patternsSql(query: LogPatternsQuery, window: Window, withOperation: boolean): string {
  const within = (period: Window) => `t >= ${period.from} AND t < ${period.to}`;
  const baseline = query.baseline ? `WHEN ${within(query.baseline)} THEN 2 ` : "";
  const kept = (sql: string) => `CASE WHEN period > 0 THEN ${sql} END`;
  return `SELECT ${kept("service")} AS service, ${kept("severity")} AS severity,
  ${withOperation ? kept("operation") : "NULL::VARCHAR"} AS operation, ${kept("mask(body)")} AS masked,
  period, fault, CASE WHEN fault IS NOT NULL THEN file END AS bad_file,
  CAST(count(*) AS DOUBLE) AS lines, min(t) AS first_at, max(t) AS last_at,
  left(any_value(body), ${exampleCharsMax}) AS example, any_value(trace_id) AS trace_id
FROM (SELECT *, CASE WHEN NOT ${forServices("service", query.services)} THEN NULL
      WHEN ${within(window)} THEN 1 ${baseline}END AS period,
    CASE WHEN unreadable THEN 'unreadable'
      WHEN NOT coalesce(t >= ${possible.from} AND t < ${possible.to}, false) THEN 'bad_time' END
      AS fault
  FROM (SELECT *, ms(timestamp) AS t FROM ${withOperation ? `(${operationOfLog})` : "logs_read"}))
GROUP BY ALL`;
}

/** As `is_possible_time` has it. */
const possible = { from: Date.UTC(1980, 0, 1), to: Date.UTC(2200, 0, 1) };

interface Groups extends LogGroups {
  readonly chunks: readonly DuckDBDataChunk[];
  readonly isCut: boolean;
}

async function groupsOf(engine: Engine, sql: string, stop: Stop): Promise<Groups> {
  let chunks = await engine.chunks(`${sql}\nLIMIT ${groupsMax + 1}`, stop);
  const isCut = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0) > groupsMax;
  // So many groups are not ordinary; read again, so that it is the rarest that stay behind.
  if (isCut) {
    chunks = await engine.chunks(
      `${sql}\nORDER BY fault IS NULL, lines DESC LIMIT ${groupsMax}`,
      stop,
    );
  }
  const masked = valuesOf<string | null>(chunks, "masked");
  const rows = [...masked.keys()].filter((row) => masked[row] !== null);
  const of = <Value>(name: ColumnName) => {
    const values = valuesOf<Value>(chunks, name);
    return rows.map((row) => values[row] as Value);
  };
  const starts = [0];
  for (const chunk of chunks) starts.push((starts.at(-1) ?? 0) + chunk.rowCount);
  const text = (name: ColumnName, group: number) => {
    const row = rows[group] as number;
    const which = starts.findLastIndex((start) => start <= row);
    const vector = chunks[which]?.getColumnVector(at(name));
    return (vector?.getItem(row - (starts[which] as number)) as string | null | undefined) ?? null;
  };
  const period = of<number>("period");
  const lines = of<number>("lines");
  const inWindow = (times: readonly number[]) =>
    times.map((time, group) => (period[group] === 1 ? time : null));
  return {
    chunks,
    example: (group) => text("example", group) ?? "",
    traceId: (group) => text("trace_id", group),
    firstAt: inWindow(of("first_at")),
    lastAt: inWindow(of("last_at")),
    service: of("service"),
    severity: of("severity"),
    operation: of("operation"),
    masked: rows.map((row) => masked[row] as string),
    inside: lines.map((count, group) => (period[group] === 1 ? count : 0)),
    before: lines.map((count, group) => (period[group] === 2 ? count : 0)),
    isCut,
  };
}

function valuesOf<Value>(chunks: readonly DuckDBDataChunk[], name: ColumnName): Value[] {
  const values: Value[] = [];
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(at(name));
    const rows = chunk.rowCount;
    for (let row = 0; row < rows; row++) values.push(vector.getItem(row) as Value);
  }
  return values;
}

/** Faults and reach of the table, from the groups. */
function censusOf(groups: Groups, files: readonly MappedFile[]): Frame | null {
  if (groups.isCut) return null;
  const fault = valuesOf<string | null>(groups.chunks, "fault");
  const lines = valuesOf<number>(groups.chunks, "lines");
  const sum = (kind: string | null) =>
    lines.reduce((total, count, row) => (fault[row] === kind ? total + count : total), 0);
  const good = (name: ColumnName) =>
    valuesOf<number>(groups.chunks, name).filter((_, row) => fault[row] === null);
  const totals = {
    usable: sum(null),
    unreadable: sum("unreadable"),
    badTime: sum("bad_time"),
    badValue: 0,
    firstAt: least(good("first_at")),
    lastAt: -least(good("last_at").map((time) => -time)),
  };
  return censusOfTotals(totals, files);
}
