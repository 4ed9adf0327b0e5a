import type { Gap } from "../../core/outcome.ts";

/**
 * Lines of one sort, in one period. Shippers deliver at least once: after a fault some lines come
 * again. A line is known by its time, service, text, trace and attributes; but a loop, too, may
 * write the same line twice within one step of the clock. What was delivered again is told from
 * that by whom it meets: lines of most sorts, not of a few.
 */
export interface LineGroup {
  readonly service: string;
  readonly period: number;
  /** All of them, and those that came before. */
  readonly lines: number;
  readonly again: number;
  /** Time from its first to its last line. */
  readonly lengthMs: number;
}

/** Repeats that a sort of line must be expected to show before it is asked. */
const expectedMin = 2;
/** Sorts of line needed: one alone may be a loop. */
const sortsMin = 2;
/** Repeats beyond those that chance brings at this rate of lines. */
const chanceFactor = 3;

/**
 * SQL that names a line whose time in ms is `t`. Without parts of a second and without a trace,
 * equal lines are normal life: those have no name. Attributes tell jobs of one batch apart.
 */
export const lineName = `CASE WHEN t % 1000 <> 0 OR trace_id <> ''
  THEN hash(t, service, body, trace_id, span_id, attributes) END`;

/** SQL for how many of a group's named lines came before. */
export function repeatsAmong(name: string): string {
  const names = `list(${name}) FILTER (${name} IS NOT NULL)`;
  return `CAST(coalesce(len(${names}) - list_unique(${names}), 0) AS DOUBLE)`;
}

/**
 * How many lines of each group were delivered again. Each period is asked by itself, since often
 * only its end comes again; and each service too, where not all of them share one shipper.
 */
export function deliveredAgain(groups: readonly LineGroup[]): readonly number[] {
  const found = new Set<LineGroup>();
  for (const all of Map.groupBy(groups, ({ period }) => period).values()) {
    const lists = isRedelivered(all)
      ? [all]
      : [...Map.groupBy(all, ({ service }) => service).values()].filter((list) =>
          isRedelivered(list),
        );
    for (const group of lists.flat()) found.add(group);
  }
  return groups.map((group) => (found.has(group) ? group.again : 0));
}

function isRedelivered(groups: readonly LineGroup[]): boolean {
  const sum = (of: (group: LineGroup) => number) => groups.reduce((all, each) => all + of(each), 0);
  const share = sum(({ again }) => again) / sum(({ lines }) => lines);
  const asked = groups.filter(({ lines }) => lines * share >= expectedMin);
  const met = asked.filter(({ lines, again, lengthMs }) => {
    const byChance = (lines - again) ** 2 / (2 * Math.max(1, lengthMs));
    return again > 0 && again > chanceFactor * byChance;
  });
  return asked.length >= sortsMin && met.length > asked.length / 2;
}

/** What was left out; nothing is missing for it, so that no signal is named. */
export function repeatsGap(what: "log lines" | "spans", count: number, equalIn: string): Gap {
  return {
    what: `${what} that came more than once`,
    why: `about ${count} were delivered again, equal in ${equalIn}`,
    effect: "each is counted once",
  };
}
