import type { LogPattern, OperationStats } from "../../core/rows.ts";
import { lengthMs, type Window } from "../../core/window.ts";

/** What the count of a pattern is measured against, in both periods. */
export interface Exposure {
  readonly window: number;
  readonly baseline: number;
  readonly per: "call" | "line" | "hour";
  /** The line that normally goes with it, when `per` is `line`. */
  readonly companion?: string;
}

/** Lines needed in normal time before two patterns count as going together. */
const companionLinesMin = 8;
/** Share of the companion's lines that the pattern must have accompanied in normal time. */
const companionShareMin = 0.9;

/** Finds what a pattern's count should be judged against. */
export interface ExposureFinder {
  /** Calls of the operation that writes the line, else time. */
  readonly work: (pattern: LogPattern) => Exposure;
  /** The line of the same operation that it nearly always accompanied, if there is one. */
  readonly companion: (pattern: LogPattern) => Exposure | null;
}

/**
 * Prepares exposures. Mixes of requests change from minute to minute, so counts per call move
 * without any fault; but a line that always followed another in the code follows it still, unless
 * the code path broke in between. That makes companions the sharper measure where they exist.
 */
export function exposures(
  patterns: readonly LogPattern[],
  operations: readonly OperationStats[],
  window: Window,
  baseline: Window,
): ExposureFinder {
  const calls = new Map<string, Exposure>();
  for (const { service, operation, window: now, baseline: usual } of operations) {
    calls.set(key(service, operation), { window: now.count, baseline: usual.count, per: "call" });
  }
  const groups = new Map<string, LogPattern[]>();
  for (const pattern of patterns) {
    if (pattern.operation === null || pattern.baselineCount < companionLinesMin) continue;
    const name = key(pattern.service, pattern.operation);
    const group = groups.get(name);
    if (group) group.push(pattern);
    else groups.set(name, [pattern]);
  }
  const time: Exposure = {
    window: Math.max(1, lengthMs(window)) / 3_600_000,
    baseline: Math.max(1, lengthMs(baseline)) / 3_600_000,
    per: "hour",
  };
  return {
    work(pattern) {
      const known = calls.get(key(pattern.service, pattern.operation));
      return known && known.window + known.baseline > 0 ? known : time;
    },
    companion(pattern) {
      if (pattern.operation === null) return null;
      const group = groups.get(key(pattern.service, pattern.operation)) ?? [];
      const best = closest(pattern, group);
      return best
        ? {
            window: best.windowCount,
            baseline: best.baselineCount,
            per: "line",
            companion: best.pattern,
          }
        : null;
    },
  };
}

function key(service: string, operation: string | null): string {
  return `${service}\u0000${operation ?? ""}`;
}

/** The companion with the most lines now: the one that a broken path leaves standing alone. */
function closest(pattern: LogPattern, group: readonly LogPattern[]): LogPattern | null {
  let best: LogPattern | null = null;
  for (const other of group) {
    if (other === pattern || other.pattern === pattern.pattern) continue;
    const share = pattern.baselineCount / other.baselineCount;
    if (share < companionShareMin || share > 1 / companionShareMin) continue;
    if (other.windowCount < pattern.windowCount) continue;
    if (!best || isBetter(other, best)) best = other;
  }
  return best;
}

function isBetter(a: LogPattern, b: LogPattern): boolean {
  if (a.windowCount !== b.windowCount) return a.windowCount > b.windowCount;
  return a.pattern < b.pattern;
}
