import { severityRank } from "../../core/query.ts";
import type { LogPattern, OperationStats } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { median } from "../statistics/robust.ts";
import { type Exposure, exposures } from "./exposure.ts";
import { completeUntraced, logStatements, mergeSeverities } from "./groups.ts";

export type LogShiftKind = "new" | "vanished" | "more" | "less";

/** A log pattern that occurs more or less often than the work being done explains. */
export interface LogShift {
  readonly pattern: LogPattern;
  readonly kind: LogShiftKind;
  /** Signed root deviance of the counts, corrected for the scatter of all patterns. */
  readonly deviations: number;
  /** Lines per call of the operation, per companion line, or per hour. */
  readonly rate: number;
  readonly usualRate: number;
  readonly per: Exposure["per"];
  /** rate / usualRate with a 95 % interval; Infinity when it never occurred before. */
  readonly ratio: number;
  readonly ratioInterval: readonly [number, number];
  /**
   * 0..1: how much the pattern behaves like a branch of the program that began or ceased to be
   * taken (once in every call against never), rather than like data that varies from call to call.
   */
  readonly branching: number;
  /** 0..1: surprise, branching and severity together; orders the list. */
  readonly weight: number;
}

export interface LogComparison {
  readonly patterns: readonly LogPattern[];
  readonly operations: readonly OperationStats[];
  readonly window: Window;
  readonly baseline: Window;
}

type Counts = Pick<LogPattern, "windowCount" | "baselineCount">;

/** Below this many lines in both periods together a count says nothing. */
const linesMin = 3;
/** Median of chi-square with one degree of freedom. */
const chiSquareMedian = 0.4549;
const deviationsMin = 2;
/** Strength (deviations × root of branching) at which a shift counts half. */
const half = 4;
/** What a shift still counts where a failure of normal time has healed. */
const healedShare = 0.3;

/**
 * Compares pattern counts in both directions: what appeared, and what ceased. Counts are judged
 * against the calls of the operation that writes the line, or the line that it always accompanied,
 * so that mere traffic does not look like a fault. DEBUG and TRACE lines are left out: they come
 * and go with log levels.
 */
export function logShifts(input: LogComparison): readonly LogShift[] {
  const spoken = completeUntraced(mergeSeverities(input.patterns)).filter(
    (pattern) => severityRank(pattern.severity) >= severityRank("info"),
  );
  const all = logStatements(spoken).filter(
    (pattern) => pattern.windowCount + pattern.baselineCount >= linesMin,
  );
  const find = exposures(all, input.operations, input.window, input.baseline);
  const byWork = all.map((pattern) => {
    const exposure = find.work(pattern);
    return { pattern, exposure, deviance: signedDeviance(pattern, exposure) };
  });
  const once = byWork.filter((item) => isNested(item.pattern, item.exposure));
  const often = byWork.filter((item) => !isNested(item.pattern, item.exposure));
  const inflation = [overdispersion(often), overdispersion(once)] as const;
  const shifts = byWork.map(({ pattern, exposure, deviance }) => {
    const scale = isNested(pattern, exposure)
      ? inflation[1] ** (1 - extremeness(pattern, exposure))
      : inflation[0];
    const plain = judge(pattern, exposure, deviance / scale);
    const companion = find.companion(pattern);
    if (!companion) return plain;
    const paired = judge(pattern, companion, signedDeviance(pattern, companion));
    return paired.weight > plain.weight ? paired : plain;
  });
  return discountHealing(shifts)
    .filter((shift) => Math.abs(shift.deviations) >= deviationsMin)
    .sort((a, b) => b.weight - a.weight);
}

/** Lines come in bunches: when the typical pattern scatters more than chance, all shrink by it. */
function overdispersion(
  items: readonly { readonly pattern: Counts; readonly deviance: number }[],
): number {
  const both = items.filter(({ pattern: p }) => p.windowCount > 0 && p.baselineCount > 0);
  const squares = both.map((item) => item.deviance ** 2);
  if (squares.length < 20) return 1;
  return Math.sqrt(Math.max(1, median(Float64Array.from(squares)) / chiSquareMedian));
}

/**
 * 1 when the line came always or never in one of the periods, 0 when in half of the calls in both.
 * Mixes of requests move the middle; they do not make a line of every call.
 */
function extremeness(pattern: Counts, exposure: Exposure): number {
  const now = Math.abs((2 * pattern.windowCount) / Math.max(1, exposure.window) - 1);
  const usual = Math.abs((2 * pattern.baselineCount) / Math.max(1, exposure.baseline) - 1);
  return Math.min(1, Math.max(now, usual));
}

/** At most one line per unit of work in both periods. */
function isNested(pattern: Counts, exposure: Exposure): boolean {
  return (
    exposure.per !== "hour" &&
    pattern.windowCount <= exposure.window &&
    pattern.baselineCount <= exposure.baseline
  );
}

/**
 * Signed root of the deviance (G²) between the two periods: binomial where the line occurs at most
 * once per unit of work in both, else Poisson counts split by exposure. Half a line is moved
 * towards the expectation first (Yates), since a single call of normal time would otherwise count
 * for much.
 */
export function signedDeviance(counts: Counts, exposure: Exposure): number {
  const total = counts.windowCount + counts.baselineCount;
  const share = exposure.window / (exposure.window + exposure.baseline);
  // Without any work in one of the periods there is nothing to compare with.
  if (!(share > 0 && share < 1)) return 0;
  const expected = total * share;
  const difference = counts.windowCount - expected;
  const moved = Math.max(0, Math.abs(difference) - 0.5) * Math.sign(difference);
  const now = expected + moved;
  const usual = total - now;
  const term = (seen: number, wanted: number) => (seen > 0 ? seen * Math.log(seen / wanted) : 0);
  let deviance = term(now, expected) + term(usual, total - expected);
  const without = exposure.window + exposure.baseline - total;
  if (without > 0 && isNested(counts, exposure)) {
    deviance += term(exposure.window - now, without * share);
    deviance += term(exposure.baseline - usual, without * (1 - share));
  }
  return Math.sign(difference) * Math.sqrt(Math.max(0, 2 * deviance));
}

function judge(pattern: LogPattern, exposure: Exposure, deviations: number): LogShift {
  const rate = exposure.window > 0 ? pattern.windowCount / exposure.window : 0;
  const usualRate = exposure.baseline > 0 ? pattern.baselineCount / exposure.baseline : 0;
  const larger = Math.max(rate, usualRate);
  const branching =
    exposure.per === "hour"
      ? larger > 0
        ? Math.abs(rate - usualRate) / larger
        : 0
      : Math.abs(Math.min(1, rate) - Math.min(1, usualRate));
  const kind = kindOf(pattern, deviations);
  return {
    pattern,
    kind,
    deviations,
    rate,
    usualRate,
    per: exposure.per,
    ratio: usualRate > 0 ? rate / usualRate : Number.POSITIVE_INFINITY,
    ratioInterval: ratioInterval(pattern, exposure),
    branching,
    weight: weigh(Math.abs(deviations) * Math.sqrt(branching), kind, pattern.severity),
  };
}

function kindOf(pattern: LogPattern, deviations: number): LogShiftKind {
  if (pattern.baselineCount === 0) return "new";
  if (pattern.windowCount === 0) return "vanished";
  return deviations > 0 ? "more" : "less";
}

/** Surprise × harm, on 0..1. An error that stops is good news, and rarely a cause. */
function weigh(strength: number, kind: LogShiftKind, severity: string): number {
  const surprise = strength ** 2 / (strength ** 2 + half ** 2);
  const isError = severityRank(severity) >= severityRank("error");
  const isRising = kind === "new" || kind === "more";
  const harm = isError ? (isRising ? 1 : 0.2) : isRising ? 0.6 : 0.8;
  return surprise * harm;
}

/**
 * Where errors of normal time stopped, the ordinary lines that appear instead are the path that
 * works again: no harm, so they count little.
 */
function discountHealing(shifts: readonly LogShift[]): readonly LogShift[] {
  const healing = new Map<string, number>();
  for (const shift of shifts) {
    const isError = severityRank(shift.pattern.severity) >= severityRank("error");
    if (!isError || shift.deviations > -deviationsMin) continue;
    const size = Math.abs(shift.deviations) * shift.branching;
    const known = healing.get(shift.pattern.service) ?? 0;
    healing.set(shift.pattern.service, Math.max(known, size));
  }
  return shifts.map((shift) => {
    const healed = healing.get(shift.pattern.service) ?? 0;
    const isOrdinary = severityRank(shift.pattern.severity) < severityRank("error");
    const size = Math.abs(shift.deviations) * shift.branching;
    const isExplained = isOrdinary && shift.deviations > 0 && size < 1.5 * healed;
    return isExplained ? { ...shift, weight: shift.weight * healedShare } : shift;
  });
}

/**
 * 95 % interval of the ratio of two Poisson rates (log-normal, half a line added to both counts).
 */
function ratioInterval(pattern: LogPattern, exposure: Exposure): readonly [number, number] {
  const window = pattern.windowCount + 0.5;
  const baseline = pattern.baselineCount + 0.5;
  const ratio = window / exposure.window / (baseline / exposure.baseline);
  const spread = Math.exp(1.96 * Math.sqrt(1 / window + 1 / baseline));
  return [ratio / spread, ratio * spread];
}
