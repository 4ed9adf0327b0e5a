import type { DuckDBDataChunk } from "@duckdb/node-api";
import { addPair, pairTable } from "../log-templates/pair-table.ts";
import type { LogGroups, LogOwner } from "../log-templates/pattern-rows.ts";
import type { HashedLines } from "../log-templates/word-lists.ts";
import { doublesOf, halvesOf, listsOf } from "./duck-frame.ts";
import type { Engine, Stop } from "./engine.ts";
import { deliveredAgain } from "./log-repeats.ts";

/** Masked lines that cross over to be clustered; rarer ones beyond it are counted as a gap. */
export const groupsMax = 300_000;

/** What the query of the groups must give; the last two are made here. */
const columns = [
  ...["service", "severity", "operation", "masked", "period", "lines", "again"],
  ...["first_at", "last_at", "example", "trace_id", "owner", "words"],
] as const;
type ColumnName = (typeof columns)[number];
const at = (name: ColumnName) => columns.indexOf(name);

/** What `period` tells of a line; above zero it is counted. */
export const periods = { unreadable: -1, badTime: -2, neither: 0, window: 1, baseline: 2 } as const;

/** Groups of lines that count, and the numbers of all. */
export interface ReadGroups extends LogGroups {
  readonly all: Record<"period" | "lines" | "firstAt" | "lastAt", Float64Array>;
  /** There were more than cross over; the rarest stayed behind. */
  readonly isCut: boolean;
  /** Lines that were delivered again, and do not count. */
  readonly repeats: number;
}

/**
 * Reads groups of log lines as DuckDB holds them. Texts become strings for the few that matter:
 * `owner` stands for what few groups differ in, `words` for the words of the masked line.
 */
export async function groupsOf(engine: Engine, groups: string, stop: Stop): Promise<ReadGroups> {
  const sql = `SELECT *, hash(service, severity, operation) AS owner, hashed_words(masked) AS words
FROM (${groups})`;
  let chunks = await engine.chunks(`${sql}\nLIMIT ${groupsMax + 1}`, stop);
  const isCut = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0) > groupsMax;
  // So many groups are not ordinary; read again, so that it is the rarest that stay behind.
  if (isCut) {
    chunks = await engine.chunks(
      `${sql}\nORDER BY period >= 0, lines DESC LIMIT ${groupsMax}`,
      stop,
    );
  }
  const [period, lines] = [doubles(chunks, "period"), doubles(chunks, "lines")];
  const [firstAt, lastAt] = [doubles(chunks, "first_at"), doubles(chunks, "last_at")];
  const rows = counted(period);
  const places = placesOf(chunks, rows);
  const all = { period, lines, firstAt, lastAt };
  const of = (values: Float64Array, which: number, otherwise: number) => {
    const own = new Float64Array(rows.length).fill(otherwise);
    for (let group = 0; group < rows.length; group++) {
      const row = rows[group] as number;
      if (period[row] === which) own[group] = values[row] as number;
    }
    return own;
  };
  const textOf = (name: ColumnName, group: number) => {
    const chunk = chunks[places.chunk[group] as number];
    const item = chunk?.getColumnVector(at(name)).getItem(places.row[group] as number);
    return typeof item === "string" ? item : null;
  };
  const owned = ownersOf(chunks, places, textOf);
  const service = (group: number) => owned.owners[owned.owner[group] as number]?.service ?? "";
  const { once, repeats } = withoutRepeats(all, doubles(chunks, "again"), rows, service);
  return {
    all,
    isCut,
    repeats,
    ...owned,
    masked: maskedLines(chunks, places, (group) => textOf("masked", group) ?? ""),
    inside: of(once, periods.window, 0),
    before: of(once, periods.baseline, 0),
    firstAt: of(firstAt, periods.window, Number.NaN),
    lastAt: of(lastAt, periods.window, Number.NaN),
    example: (group) => textOf("example", group) ?? "",
    traceId: (group) => textOf("trace_id", group),
  };
}

/** Lines of each row without those that were delivered again. */
function withoutRepeats(
  { period, lines, firstAt, lastAt }: ReadGroups["all"],
  again: Float64Array,
  rows: Uint32Array,
  service: (group: number) => string,
): { once: Float64Array; repeats: number } {
  if (again.every((count) => count === 0)) return { once: lines, repeats: 0 };
  const groups = Array.from(rows, (row, group) => ({
    service: service(group),
    period: period[row] as number,
    lines: lines[row] as number,
    again: again[row] as number,
    lengthMs: (lastAt[row] as number) - (firstAt[row] as number),
  }));
  const once = lines.slice();
  let repeats = 0;
  for (const [group, count] of deliveredAgain(groups).entries()) {
    once[rows[group] as number] = (lines[rows[group] as number] as number) - count;
    repeats += count;
  }
  return { once, repeats };
}

function doubles(chunks: readonly DuckDBDataChunk[], name: ColumnName): Float64Array {
  const parts = chunks.map((chunk) => doublesOf(chunk.getColumnVector(at(name))));
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    values.set(part, start);
    start += part.length;
  }
  return values;
}

/** The rows that count; the others tell what could not be used. */
function counted(period: Float64Array): Uint32Array {
  const rows = new Uint32Array(period.length);
  let end = 0;
  for (let row = 0; row < period.length; row++) if ((period[row] as number) > 0) rows[end++] = row;
  return rows.subarray(0, end);
}

/** Of each row that counts the chunk it is in, and its place in there. */
interface Places {
  readonly chunk: Uint32Array;
  readonly row: Uint32Array;
}

function placesOf(chunks: readonly DuckDBDataChunk[], rows: Uint32Array): Places {
  const sizes = chunks.map((chunk) => chunk.rowCount);
  const places = { chunk: new Uint32Array(rows.length), row: new Uint32Array(rows.length) };
  let chunk = 0;
  let start = 0;
  for (let group = 0; group < rows.length; group++) {
    const row = rows[group] as number;
    while (row >= start + (sizes[chunk] as number)) start += sizes[chunk++] as number;
    places.chunk[group] = chunk;
    places.row[group] = row - start;
  }
  return places;
}

/** Which owner each group has, by number, and who they are. */
function ownersOf(
  chunks: readonly DuckDBDataChunk[],
  places: Places,
  textOf: (name: ColumnName, group: number) => string | null,
) {
  const known = pairTable(64);
  const owner = new Uint32Array(places.row.length);
  const owners: LogOwner[] = [];
  const halves = chunks.map((chunk) => halvesOf(chunk.getColumnVector(at("owner"))));
  for (let group = 0; group < owner.length; group++) {
    const own = halves[places.chunk[group] as number] as Int32Array;
    const half = (places.row[group] as number) * 2;
    const number = addPair(known, (own[half] as number) >>> 0, (own[half + 1] as number) >>> 0);
    owner[group] = number;
    if (number < owners.length) continue;
    const text = (name: ColumnName) => textOf(name, group);
    const [service, severity] = [text("service") ?? "", text("severity") ?? ""];
    owners.push({ service, severity, operation: text("operation") });
  }
  return { owner, owners };
}

/** The words of the masked lines that count. */
function maskedLines(
  chunks: readonly DuckDBDataChunk[],
  places: Places,
  text: (group: number) => string,
): HashedLines {
  const lists = chunks.map((chunk) => listsOf(chunk.getColumnVector(at("words"))));
  const halves = lists.map(({ items }) => halvesOf(items));
  const out = new Uint32Array(halves.reduce((sum, { length }) => sum + length, 0));
  const starts = new Uint32Array(places.row.length + 1);
  let end = 0;
  for (let group = 0; group < places.row.length; group++) {
    const chunk = places.chunk[group] as number;
    const own = halves[chunk] as Int32Array;
    const [from, to] = (lists[chunk] as (typeof lists)[number]).reach(places.row[group] as number);
    for (let half = from * 2; half < to * 2; half++) out[end++] = own[half] as number;
    starts[group + 1] = end / 2;
  }
  return { halves: out.subarray(0, end), starts, text };
}
