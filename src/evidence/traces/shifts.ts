import type { DurationStats, EdgePeriod, EdgeStats, OperationStats } from "../../core/rows.ts";
import { median, quantile } from "../statistics/robust.ts";
import { type Durations, excessTime, medianDeviations } from "./duration-shift.ts";

/** What one operation lost during the incident, measured from spans. */
export interface OperationShift {
  readonly operation: OperationStats;
  /** Extra self time, ms × calls; 0 when it is within the noise. */
  readonly selfExcessMs: number;
  /** Extra failures that began here. */
  readonly errorExcess: number;
  readonly deviations: number;
}

/**
 * What one caller lost on the way to one callee: network, connection, queueing before the callee.
 */
export interface EdgeShift {
  readonly edge: EdgeStats;
  readonly gapExcessMs: number;
  readonly deviations: number;
  /** 0..1: how surely, and how much for a request, the way became slower. */
  readonly slowed: number;
  /** Calls per unit of the caller's work, now against usual; below 1 when calls went missing. */
  readonly callRatio: number;
}

export interface TraceShifts {
  readonly operations: readonly OperationShift[];
  readonly edges: readonly EdgeShift[];
  /** Extra time over all operations and edges, as a share of the usual time for the same calls. */
  readonly slowdown: number;
  /** Extra failures as a share of calls. */
  readonly failureGrowth: number;
}

const callsMin = 3;
const floorMs = 0.1;
/** Deviations of the median at which a slowdown counts half. */
const deviationsHalf = 6;

/** Compares operations and edges between incident and normal time. */
export function traceShifts(
  operations: readonly OperationStats[],
  edges: readonly EdgeStats[],
): TraceShifts {
  const typicalMs = typicalDuration(operations);
  const shifted = operations.map(operationShift);
  const gaps = withSureness(edges.map((edge) => edgeShift(edge, operations, typicalMs)));
  let usual = 0;
  let calls = 0;
  for (const { window, baseline } of operations) {
    if (baseline.count > 0 && window.count > 0) usual += baseline.selfMeanMs * window.count;
    calls += window.count;
  }
  for (const { window, baseline } of edges) {
    if (window.calls > 0 && baseline.gapMeanMs > 0) usual += baseline.gapMeanMs * window.calls;
  }
  const excess =
    shifted.reduce((sum, item) => sum + item.selfExcessMs, 0) +
    gaps.reduce((sum, item) => sum + item.gapExcessMs, 0);
  const failures = shifted.reduce((sum, item) => sum + item.errorExcess, 0);
  return {
    operations: shifted,
    edges: gaps,
    slowdown: usual > 0 ? excess / usual : 0,
    failureGrowth: calls > 0 ? failures / calls : 0,
  };
}

/**
 * What a request usually takes: the upper quartile of operations, since most are parts of others.
 */
function typicalDuration(operations: readonly OperationStats[]): number {
  const usual = operations
    .filter((item) => item.baseline.count >= callsMin)
    .map((item) => item.baseline.meanMs);
  const value = quantile(usual, 0.75);
  return Number.isFinite(value) ? Math.max(floorMs, value) : 1;
}

function operationShift(operation: OperationStats): OperationShift {
  const { window, baseline } = operation;
  const isKnown = baseline.count >= callsMin && window.count >= callsMin;
  const now = selfTime(window);
  const usual = selfTime(baseline);
  return {
    operation,
    selfExcessMs: isKnown ? excessTime(now, usual) : 0,
    errorExcess: errorExcess(window, baseline),
    deviations: isKnown ? medianDeviations(now, usual) : 0,
  };
}

function selfTime(stats: DurationStats): Durations {
  const { count, selfMeanMs, selfP50Ms, selfP95Ms } = stats;
  return { count, mean: selfMeanMs, median: selfP50Ms, high: selfP95Ms };
}

/**
 * Weighs `slowed` (what it is to a request) by how sure it is. Timings of two periods differ by
 * more than chance within each of them (load, caches, neighbours), so deviations count in units of
 * the typical one.
 */
function withSureness(items: readonly EdgeShift[]): readonly EdgeShift[] {
  const sizes = items.map((item) => Math.abs(item.deviations)).filter((size) => size > 0);
  const unit = sizes.length >= 8 ? Math.max(1, median(sizes) / 0.6745) : 1;
  return items.map((item) => {
    const size = Math.max(0, item.deviations / unit);
    return { ...item, slowed: (size ** 2 / (size ** 2 + deviationsHalf ** 2)) * item.slowed };
  });
}

/** Failures that began here beyond the usual rate and its binomial scatter. */
function errorExcess(window: DurationStats, baseline: DurationStats): number {
  if (window.count === 0) return 0;
  const usualRate = (baseline.errorOrigins + 0.5) / (baseline.count + 1);
  const known = baseline.count > 0 ? usualRate : 0;
  const expected = known * window.count;
  const scatter = Math.sqrt(Math.max(expected, 0.25));
  return window.errorOrigins > expected + 2 * scatter ? window.errorOrigins - expected : 0;
}

function edgeShift(
  edge: EdgeStats,
  operations: readonly OperationStats[],
  typicalMs: number,
): EdgeShift {
  const isKnown = edge.baseline.calls >= callsMin && edge.window.calls >= callsMin;
  const now = gapTime(edge.window);
  const usual = gapTime(edge.baseline);
  const slower = Math.max(0, now.median - usual.median);
  return {
    edge,
    gapExcessMs: isKnown ? excessTime(now, usual) : 0,
    deviations: isKnown ? medianDeviations(now, usual) : 0,
    slowed: isKnown && slower > 0 ? slower / (slower + typicalMs) : 0,
    callRatio: callRatio(edge, operations),
  };
}

function gapTime(period: EdgePeriod): Durations {
  const { calls, gapMeanMs, gapP50Ms, gapP95Ms } = period;
  return { count: calls, mean: gapMeanMs, median: gapP50Ms, high: gapP95Ms };
}

/** Calls to the callee per span of the caller, against the same in normal time. */
function callRatio(edge: EdgeStats, operations: readonly OperationStats[]): number {
  let now = 0;
  let usual = 0;
  for (const operation of operations) {
    if (operation.service !== edge.caller) continue;
    now += operation.window.count;
    usual += operation.baseline.count;
  }
  if (now === 0 || usual === 0 || edge.baseline.calls === 0) return Number.NaN;
  return edge.window.calls / now / (edge.baseline.calls / usual);
}
