import { severityRank } from "../core/query.ts";
import type { LogPattern, OperationStats } from "../core/rows.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { median } from "./robust.ts";

export type LogShiftKind = "new" | "vanished" | "more" | "less";

/** A log pattern that occurs more or less often than the work being done explains. */
export interface LogShift {
  readonly pattern: LogPattern;
  readonly kind: LogShiftKind;
  /** Signed root deviance of the counts, corrected for the scatter of all patterns. */
  readonly deviations: number;
  /** Lines per call of the operation (or per hour when calls are unknown). */
  readonly rate: number;
  readonly usualRate: number;
  readonly per: "call" | "hour";
  /** rate / usualRate with a 95 % interval; Infinity when it never occurred before. */
  readonly ratio: number;
  readonly ratioInterval: readonly [number, number];
  /**
   * 0..1: how much the pattern behaves like a branch of the program that began or ceased to be taken
   * (once in every call against never), rather than like data that varies from call to call.
   */
  readonly branching: number;
  /** 0..1: novelty, severity and rarity together; orders the list. */
  readonly weight: number;
}

export interface LogComparison {
  readonly patterns: readonly LogPattern[];
  readonly operations: readonly OperationStats[];
  readonly window: Window;
  readonly baseline: Window;
}

interface Exposure {
  readonly window: number;
  readonly baseline: number;
  readonly per: "call" | "hour";
}

/** Below this many lines in both periods together a count says nothing. */
const linesMin = 3;
/** Median of chi-square with one degree of freedom. */
const chiSquareMedian = 0.4549;
const deviationsMin = 2;

/**
 * Compares pattern counts in both directions: what appeared, and what ceased. Counts are judged
 * against the calls of the operation that writes the line where that is known, so that mere traffic
 * does not look like a fault. DEBUG and TRACE lines are left out: they come and go with log levels.
 */
export function logShifts(input: LogComparison): readonly LogShift[] {
  const exposureOf = exposures(input);
  const merged = mergeSeverities(input.patterns).filter(
    (pattern) =>
      severityRank(pattern.severity) >= severityRank("info") &&
      pattern.windowCount + pattern.baselineCount >= linesMin,
  );
  const raw = merged.map((pattern) => {
    const exposure = exposureOf(pattern);
    return { pattern, exposure, deviance: signedDeviance(pattern, exposure) };
  });
  const squares = raw.map((item) => item.deviance ** 2).filter((square) => square > 0);
  // Lines come in bunches: when the typical pattern already scatters more than Poisson, all shrink.
  const inflation =
    squares.length >= 20 ? Math.max(1, median(Float64Array.from(squares)) / chiSquareMedian) : 1;
  return raw
    .map((item) => judge(item.pattern, item.exposure, item.deviance / Math.sqrt(inflation)))
    .filter((shift) => Math.abs(shift.deviations) >= deviationsMin)
    .sort((a, b) => b.weight - a.weight);
}

/** The same text at two levels is one pattern; the higher level names it. */
function mergeSeverities(patterns: readonly LogPattern[]): readonly LogPattern[] {
  const found = new Map<string, LogPattern>();
  for (const pattern of patterns) {
    const key = `${pattern.service}\u0000${pattern.operation ?? ""}\u0000${pattern.pattern}`;
    const known = found.get(key);
    if (!known) {
      found.set(key, pattern);
      continue;
    }
    const louder = severityRank(pattern.severity) > severityRank(known.severity) ? pattern : known;
    found.set(key, {
      ...louder,
      windowCount: known.windowCount + pattern.windowCount,
      baselineCount: known.baselineCount + pattern.baselineCount,
      firstAt: least(known.firstAt, pattern.firstAt),
      lastAt: -least(-known.lastAt, -pattern.lastAt),
    });
  }
  return [...found.values()];
}

function least(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}

/** Calls of the operation, else lines' time: what a count is measured against. */
function exposures(input: LogComparison): (pattern: LogPattern) => Exposure {
  const calls = new Map<string, Exposure>();
  for (const operation of input.operations) {
    calls.set(`${operation.service}\u0000${operation.operation}`, {
      window: operation.window.count,
      baseline: operation.baseline.count,
      per: "call",
    });
  }
  const time: Exposure = {
    window: Math.max(1, lengthMs(input.window)) / 3_600_000,
    baseline: Math.max(1, lengthMs(input.baseline)) / 3_600_000,
    per: "hour",
  };
  return (pattern) => {
    const known = calls.get(`${pattern.service}\u0000${pattern.operation ?? ""}`);
    return known && known.window + known.baseline > 0 ? known : time;
  };
}

/** Signed square root of the deviance of a split count against the split of the exposure. */
function signedDeviance(pattern: LogPattern, exposure: Exposure): number {
  const total = pattern.windowCount + pattern.baselineCount;
  const share = exposure.window / (exposure.window + exposure.baseline);
  // Without any call in one of the periods there is nothing to compare with.
  if (!(share > 0 && share < 1)) return 0;
  const expected = total * share;
  const term = (seen: number, wanted: number) => (seen > 0 ? seen * Math.log(seen / wanted) : 0);
  const deviance =
    2 * (term(pattern.windowCount, expected) + term(pattern.baselineCount, total - expected));
  return Math.sign(pattern.windowCount - expected) * Math.sqrt(Math.max(0, deviance));
}

function judge(pattern: LogPattern, exposure: Exposure, deviations: number): LogShift {
  const rate = exposure.window > 0 ? pattern.windowCount / exposure.window : 0;
  const usualRate = exposure.baseline > 0 ? pattern.baselineCount / exposure.baseline : 0;
  const branching =
    exposure.per === "call"
      ? Math.abs(Math.min(1, rate) - Math.min(1, usualRate))
      : Math.abs(rate - usualRate) / Math.max(rate, usualRate);
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
    weight: weigh(deviations, branching, kind, pattern.severity),
  };
}

function kindOf(pattern: LogPattern, deviations: number): LogShiftKind {
  if (pattern.baselineCount === 0) return "new";
  if (pattern.windowCount === 0) return "vanished";
  return deviations > 0 ? "more" : "less";
}

/** Surprise × branching × harm, on 0..1. An error that stops is good news, and rarely a cause. */
function weigh(
  deviations: number,
  branching: number,
  kind: LogShiftKind,
  severity: string,
): number {
  const strength = Math.abs(deviations) * branching;
  const surprise = strength ** 2 / (strength ** 2 + 16);
  const isError = severityRank(severity) >= severityRank("error");
  const isRising = kind === "new" || kind === "more";
  const harm = isError ? (isRising ? 1 : 0.2) : isRising ? 0.6 : 0.8;
  return surprise * harm;
}

/** 95 % interval of the ratio of two Poisson rates (log-normal, half a line added to both counts). */
function ratioInterval(pattern: LogPattern, exposure: Exposure): readonly [number, number] {
  const window = pattern.windowCount + 0.5;
  const baseline = pattern.baselineCount + 0.5;
  const ratio = window / exposure.window / (baseline / exposure.baseline);
  const spread = Math.exp(1.96 * Math.sqrt(1 / window + 1 / baseline));
  return [ratio / spread, ratio * spread];
}
