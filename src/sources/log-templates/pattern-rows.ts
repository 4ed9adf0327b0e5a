import type { Frame } from "../../core/frame.ts";
import { severityRank } from "../../core/query.ts";
import { addPair, pairTable } from "./pair-table.ts";
import { type Clusters, clusterLines } from "./templates.ts";
import type { HashedLines } from "./word-lists.ts";

/** What few groups differ in. */
export interface LogOwner {
  readonly service: string;
  readonly severity: string;
  readonly operation: string | null;
}

/** Lines grouped by owner and masked text, by columns. */
export interface LogGroups {
  /** The number of each group's owner. */
  readonly owner: Uint32Array;
  readonly owners: readonly LogOwner[];
  readonly masked: HashedLines;
  /** Lines in the window and in the baseline. */
  readonly inside: Float64Array;
  readonly before: Float64Array;
  /** Epoch ms of the first and the last line in the window; NaN without one. */
  readonly firstAt: Float64Array;
  readonly lastAt: Float64Array;
  /** Looked up for the few groups that stand for a pattern. */
  example(group: number): string;
  traceId(group: number): string | null;
}

/** One pattern of one owner. */
export interface PatternRow extends LogOwner {
  readonly pattern: string;
  windowCount: number;
  baselineCount: number;
  /** Groups it is made of; the most frequent one inside the window comes first. */
  readonly groups: number[];
}

/**
 * Clusters the masked lines into templates and adds up what they have in common. Each service is
 * mined by itself: what varies within one program is a variable, what differs between programs is
 * their text, and many programs in one log format would look like one slot with many words.
 */
export function patternRows(groups: LogGroups): PatternRow[] {
  const { owner, owners, inside, before } = groups;
  const { size, place, text } = clusterByService(groups);
  const numbers = pairTable(size);
  const rows: PatternRow[] = [];
  for (let group = 0; group < owner.length; group++) {
    const template = place[group] as number;
    const number = addPair(numbers, owner[group] as number, template);
    if (number === rows.length) {
      rows.push({
        ...(owners[owner[group] as number] as LogOwner),
        get pattern() {
          return text(template);
        },
        windowCount: 0,
        baselineCount: 0,
        groups: [],
      });
    }
    const row = rows[number] as PatternRow;
    const best = row.groups[0];
    if (best !== undefined && (inside[group] as number) > (inside[best] as number)) {
      row.groups[0] = group;
      row.groups.push(best);
    } else row.groups.push(group);
    row.windowCount += inside[group] as number;
    row.baselineCount += before[group] as number;
  }
  return rows;
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

/** The patterns whose counts changed most, at most `most`. */
export function mostSurprising(
  rows: readonly PatternRow[],
  ratio: number,
  most: number,
): readonly PatternRow[] {
  const scored = rows.map((row) => ({ row, score: surprise(row, ratio) }));
  scored.sort((a, b) => b.score - a.score || byText(a.row, b.row));
  return scored.slice(0, most).map(({ row }) => row);
}

/** Patterns as the frame of `log-patterns`. */
export function patternsFrame(rows: readonly PatternRow[], groups: LogGroups): Frame {
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
  const best = (row: PatternRow) => row.groups[0] as number;
  return {
    length: rows.length,
    columns: [
      text("service", (r) => r.service),
      text("pattern", (r) => r.pattern),
      text("severity", (r) => r.severity),
      text("operation", (r) => r.operation),
      number("window_count", "number", (r) => r.windowCount),
      number("baseline_count", "number", (r) => r.baselineCount),
      number("first_at", "time", (r) => leastOf(groups.firstAt, r.groups)),
      number("last_at", "time", (r) => greatestOf(groups.lastAt, r.groups)),
      text("example", (r) => groups.example(best(r))),
      text("trace_id", (r) => groups.traceId(best(r))),
    ],
  };
}

/** The least of the times that are known; NaN without one. */
function leastOf(times: Float64Array, groups: readonly number[]): number {
  return groups.reduce((least, group) => {
    const time = times[group] as number;
    return time >= least || Number.isNaN(time) ? least : time;
  }, Number.NaN);
}

function greatestOf(times: Float64Array, groups: readonly number[]): number {
  return groups.reduce((most, group) => {
    const time = times[group] as number;
    return time <= most || Number.isNaN(time) ? most : time;
  }, Number.NaN);
}

function clusterByService({ owner, owners, masked, inside, before }: LogGroups): Clusters {
  const linesOf = Map.groupBy(owner.keys(), (group) => owners[owner[group] as number]?.service);
  const texts: (() => string)[] = [];
  const place = new Uint32Array(owner.length);
  for (const lines of linesOf.values()) {
    const counts = lines.map((line) => (inside[line] as number) + (before[line] as number));
    const own = clusterLines(masked, lines, counts);
    const first = texts.length;
    for (let template = 0; template < own.size; template++) texts.push(() => own.text(template));
    for (const [at, line] of lines.entries()) place[line] = first + (own.place[at] as number);
  }
  const known: (string | undefined)[] = new Array(texts.length);
  const text = (template: number) => (known[template] ??= texts[template]?.() ?? "");
  return { size: texts.length, place, text };
}
