import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { LogPatternsQuery } from "../../core/query.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { addPair, pairTable } from "../log-templates/pair-table.ts";
import {
  type LogGroups,
  mostSurprising,
  patternRows,
  patternsFrame,
} from "../log-templates/pattern-rows.ts";
import { type Answerer, forServices, nothing } from "./answer.ts";
import { censusOfTotals } from "./census.ts";
import { doublesOf, halvesOf } from "./duck-frame.ts";
import type { Engine, Stop } from "./engine.ts";
import { operationOfLog, prepareSpans } from "./span-facts.ts";
import type { MappedFile } from "./tables.ts";

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
  ...["owner", "service", "severity", "operation", "masked", "period", "lines"],
  ...["first_at", "last_at", "example", "trace_id"],
] as const;
type ColumnName = (typeof columns)[number];
const at = (name: ColumnName) => columns.indexOf(name);

/** What `period` tells of a line; above zero it is counted. */
const periods = { unreadable: -1, badTime: -2, neither: 0, window: 1, baseline: 2 } as const;

/**
 * Every line of the table, those that cannot be used in groups of their own. The time is worked out
 * once per line, below the conditions that name it often: a WHERE would be pushed down to the file
 * and parse it again for each of them. `owner` stands for the texts that few groups differ in, so
 * that these are made strings once and not for every group.
 */
function patternsSql(query: LogPatternsQuery, window: Window, withOperation: boolean): string {
  const within = (period: Window) => `t >= ${period.from} AND t < ${period.to}`;
  const baseline = query.baseline ? `WHEN ${within(query.baseline)} THEN ${periods.baseline} ` : "";
  const kept = (sql: string) => `CASE WHEN period > 0 THEN ${sql} END`;
  const owner = ["service", "severity", ...(withOperation ? ["operation"] : [])];
  return `SELECT hash(${owner.join(", ")}) AS owner, service, severity,
  ${withOperation ? "operation" : "NULL::VARCHAR AS operation"}, masked, period, lines,
  first_at, last_at, left(example, ${exampleCharsMax}) AS example, trace_id
FROM (SELECT ${owner.map((name) => `${kept(name)} AS ${name}`).join(", ")},
    ${kept("mask(body)")} AS masked, CAST(period AS DOUBLE) AS period,
    CAST(count(*) AS DOUBLE) AS lines, coalesce(min(t), 'nan'::DOUBLE) AS first_at,
    coalesce(max(t), 'nan'::DOUBLE) AS last_at, any_value(body) AS example,
    any_value(trace_id) AS trace_id
  FROM (SELECT *, CASE WHEN unreadable THEN ${periods.unreadable}
        WHEN NOT coalesce(t >= ${possible.from} AND t < ${possible.to}, false)
          THEN ${periods.badTime}
        WHEN NOT ${forServices("service", query.services)} THEN ${periods.neither}
        WHEN ${within(window)} THEN ${periods.window} ${baseline}ELSE ${periods.neither} END AS period
    FROM (SELECT *, ms(timestamp) AS t FROM ${withOperation ? `(${operationOfLog})` : "logs_read"}))
  GROUP BY ALL)`;
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
      `${sql}\nORDER BY period >= 0, lines DESC LIMIT ${groupsMax}`,
      stop,
    );
  }
  const period = doubles(chunks, "period");
  const lines = doubles(chunks, "lines");
  const rows = [...period.keys()].filter((row) => (period[row] as number) > 0);
  const textOf = textReader(chunks);
  const owners = ownersOf(chunks);
  const owned = (name: ColumnName) => {
    const texts = owners.firstRows.map((row) => textOf(name, row));
    return rows.map((row) => texts[owners.of[row] as number] ?? null);
  };
  const of = (values: Float64Array, which: number) =>
    rows.map((row) => (period[row] === which ? (values[row] as number) : null));
  const count = (which: number) =>
    rows.map((row) => (period[row] === which ? (lines[row] as number) : 0));
  return {
    chunks,
    example: (group) => textOf("example", rows[group] as number) ?? "",
    traceId: (group) => textOf("trace_id", rows[group] as number),
    firstAt: of(doubles(chunks, "first_at"), periods.window),
    lastAt: of(doubles(chunks, "last_at"), periods.window),
    service: owned("service").map((text) => text ?? ""),
    severity: owned("severity").map((text) => text ?? ""),
    operation: owned("operation"),
    masked: maskedOf(chunks, period),
    inside: count(periods.window),
    before: count(periods.baseline),
    isCut,
  };
}

function doubles(chunks: readonly DuckDBDataChunk[], name: ColumnName): Float64Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0);
  const values = new Float64Array(length);
  let start = 0;
  for (const chunk of chunks) {
    values.set(doublesOf(chunk.getColumnVector(at(name))), start);
    start += chunk.rowCount;
  }
  return values;
}

/** The masked texts of the lines that count. */
function maskedOf(chunks: readonly DuckDBDataChunk[], period: Float64Array): string[] {
  const masked: string[] = [];
  let start = 0;
  for (const chunk of chunks) {
    const vector = chunk.getColumnVector(at("masked"));
    for (let row = 0; row < chunk.rowCount; row++) {
      if ((period[start + row] as number) > 0) masked.push(String(vector.getItem(row) ?? ""));
    }
    start += chunk.rowCount;
  }
  return masked;
}

/** Which owner each row has, by number, and the first row of each. */
function ownersOf(chunks: readonly DuckDBDataChunk[]) {
  const known = pairTable(64);
  const of: number[] = [];
  const firstRows: number[] = [];
  for (const chunk of chunks) {
    const halves = halvesOf(chunk.getColumnVector(at("owner")));
    for (let row = 0; row < chunk.rowCount; row++) {
      const low = (halves[row * 2] as number) >>> 0;
      const owner = addPair(known, low, (halves[row * 2 + 1] as number) >>> 0);
      if (owner === firstRows.length) firstRows.push(of.length);
      of.push(owner);
    }
  }
  return { of, firstRows };
}

/** Makes a text a string only when it is asked for. */
function textReader(chunks: readonly DuckDBDataChunk[]) {
  const starts = [0];
  for (const chunk of chunks) starts.push((starts.at(-1) ?? 0) + chunk.rowCount);
  return (name: ColumnName, row: number): string | null => {
    const which = starts.findLastIndex((start) => start <= row);
    const vector = chunks[which]?.getColumnVector(at(name));
    return (vector?.getItem(row - (starts[which] as number)) as string | null | undefined) ?? null;
  };
}

/** Faults and reach of the table, from the groups. */
function censusOf(groups: Groups, files: readonly MappedFile[]): Frame | null {
  if (groups.isCut) return null;
  const period = doubles(groups.chunks, "period");
  const lines = doubles(groups.chunks, "lines");
  const [firstAt, lastAt] = [doubles(groups.chunks, "first_at"), doubles(groups.chunks, "last_at")];
  const totals = { usable: 0, unreadable: 0, badTime: 0, badValue: 0 };
  let first = Number.NaN;
  let last = Number.NaN;
  for (const [row, which] of period.entries()) {
    const count = lines[row] as number;
    if (which === periods.unreadable) totals.unreadable += count;
    else if (which === periods.badTime) totals.badTime += count;
    else {
      totals.usable += count;
      first = Math.min(Number.isNaN(first) ? Infinity : first, firstAt[row] as number);
      last = Math.max(Number.isNaN(last) ? -Infinity : last, lastAt[row] as number);
    }
  }
  return censusOfTotals({ ...totals, firstAt: first, lastAt: last }, files);
}
