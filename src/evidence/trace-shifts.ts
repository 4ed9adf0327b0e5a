import type { DurationStats, EdgeStats, OperationStats } from "../core/rows.ts";

/** What one operation lost during the incident, measured from spans. */
export interface OperationShift {
  readonly operation: OperationStats;
  /** Extra self time, ms × calls; 0 when it is within the noise. */
  readonly selfExcessMs: number;
  /** Extra failures that began here. */
  readonly errorExcess: number;
  readonly deviations: number;
}

/** What one caller lost on the way to one callee: network, connection, queueing before the callee. */
export interface EdgeShift {
  readonly edge: EdgeStats;
  readonly gapExcessMs: number;
  readonly deviations: number;
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
/** Scatter of a mean is never taken below this share of it, nor below 0.1 ms. */
const floorShare = 0.05;
const floorMs = 0.1;

/** Compares operations and edges between incident and normal time. */
export function traceShifts(
  operations: readonly OperationStats[],
  edges: readonly EdgeStats[],
): TraceShifts {
  const shifted = operations.map(operationShift);
  const gaps = edges.map((edge) => edgeShift(edge, operations));
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

function operationShift(operation: OperationStats): OperationShift {
  const { window, baseline } = operation;
  const isKnown = baseline.count >= callsMin && window.count >= callsMin;
  const { excess, deviations } = isKnown
    ? meanShift(
        { mean: window.selfMeanMs, median: window.selfP50Ms, count: window.count },
        {
          mean: baseline.selfMeanMs,
          median: baseline.selfP50Ms,
          count: baseline.count,
          high: baseline.selfP95Ms,
        },
        window.selfP95Ms,
      )
    : { excess: 0, deviations: 0 };
  return {
    operation,
    selfExcessMs: excess,
    errorExcess: errorExcess(window, baseline),
    deviations,
  };
}

interface Level {
  readonly mean: number;
  readonly median: number;
  readonly count: number;
}

/**
 * Extra time of the mean over normal, less two standard errors. The scatter is read from median and
 * 95th percentile, which is all that an aggregate answer carries.
 */
function meanShift(
  now: Level,
  usual: Level & { readonly high: number },
  nowHigh: number,
): { excess: number; deviations: number } {
  const spread = (high: number, middle: number) => Math.max(0, high - middle) / 1.645;
  const scatterNow = spread(nowHigh, now.median);
  const scatterUsual = spread(usual.high, usual.median);
  const error = Math.hypot(
    scatterNow / Math.sqrt(now.count),
    scatterUsual / Math.sqrt(usual.count),
    floorShare * usual.mean,
    floorMs,
  );
  const difference = now.mean - usual.mean;
  if (!Number.isFinite(difference) || !Number.isFinite(error)) return { excess: 0, deviations: 0 };
  return {
    excess: Math.max(0, difference - 2 * error) * now.count,
    deviations: difference / error,
  };
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

function edgeShift(edge: EdgeStats, operations: readonly OperationStats[]): EdgeShift {
  const { window, baseline } = edge;
  const isKnown = baseline.calls >= callsMin && window.calls >= callsMin;
  const { excess, deviations } = isKnown
    ? meanShift(
        { mean: window.gapMeanMs, median: window.gapP50Ms, count: window.calls },
        {
          mean: baseline.gapMeanMs,
          median: baseline.gapP50Ms,
          count: baseline.calls,
          high: baseline.gapP95Ms,
        },
        window.gapP95Ms,
      )
    : { excess: 0, deviations: 0 };
  return { edge, gapExcessMs: excess, deviations, callRatio: callRatio(edge, operations) };
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
