import type { Frame } from "../../core/frame.ts";
import { severityRank } from "../../core/query.ts";
import { least } from "../capture/census.ts";
import { type Clusters, clusterLines } from "./templates.ts";

/** Lines grouped by service, severity, operation and masked text, by columns. */
export interface LogGroups {
  readonly service: readonly string[];
  readonly severity: readonly string[];
  readonly operation: readonly (string | null)[];
  readonly masked: readonly string[];
  /** Lines in the window and in the baseline. */
  readonly inside: readonly number[];
  readonly before: readonly number[];
  /** Epoch ms of the first and the last line in the window; null without one. */
  readonly firstAt: readonly (number | null)[];
  readonly lastAt: readonly (number | null)[];
  /** Looked up for the few groups that stand for a pattern. */
  example(group: number): string;
  traceId(group: number): string | null;
}

/** One pattern of one service, severity and operation. */
export interface PatternRow {
  readonly service: string;
  readonly pattern: string;
  readonly severity: string;
  readonly operation: string | null;
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
  const { service, severity, operation, masked, inside, before } = groups;
  const counts = inside.map((count, row) => count + (before[row] as number));
  const { templates, place } = clusterByService(service, masked, counts);
  // Owners are few: numbering them makes the key of a row a number.
  const owners = new Map<string, number>();
  const rows = new Map<number, PatternRow>();
  for (let row = 0; row < masked.length; row++) {
    const name = `${service[row]}\0${severity[row]}\0${operation[row] ?? ""}`;
    let owner = owners.get(name);
    if (owner === undefined) {
      owner = owners.size;
      owners.set(name, owner);
    }
    const template = place[row] as number;
    const key = owner * templates.length + template;
    let known = rows.get(key);
    if (!known) {
      known = {
        service: service[row] as string,
        pattern: templates[template] as string,
        severity: severity[row] as string,
        operation: operation[row] ?? null,
        windowCount: 0,
        baselineCount: 0,
        groups: [],
      };
      rows.set(key, known);
    }
    const best = known.groups[0];
    if (best !== undefined && (inside[row] as number) > (inside[best] as number)) {
      known.groups[0] = row;
      known.groups.push(best);
    } else known.groups.push(row);
    known.windowCount += inside[row] as number;
    known.baselineCount += before[row] as number;
  }
  return [...rows.values()];
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
      number("first_at", "time", (r) => least(r.groups.map((g) => groups.firstAt[g] ?? null))),
      number("last_at", "time", (r) => -least(r.groups.map((g) => negative(groups.lastAt[g])))),
      text("example", (r) => groups.example(best(r))),
      text("trace_id", (r) => groups.traceId(best(r))),
    ],
  };
}

function negative(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : -value;
}

function clusterByService(
  service: readonly string[],
  masked: readonly string[],
  counts: readonly number[],
): Clusters {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < service.length; row++) {
    const name = service[row] as string;
    const rows = rowsOf.get(name);
    if (rows) rows.push(row);
    else rowsOf.set(name, [row]);
  }
  const templates: string[] = [];
  const place = new Uint32Array(masked.length);
  for (const rows of rowsOf.values()) {
    const own = clusterLines(
      rows.map((row) => masked[row] as string),
      rows.map((row) => counts[row] as number),
    );
    const first = templates.length;
    for (const template of own.templates) templates.push(template);
    for (const [at, row] of rows.entries()) place[row] = first + (own.place[at] as number);
  }
  return { templates, place };
}
