import type { Points } from "../../core/frame.ts";
import type { EpochMs, Window } from "../../core/window.ts";

/** A level that turned into a steady climb or descent: leaks, filling pools, growing tables. */
export interface Climb {
  /** Where the climb began. */
  readonly at: EpochMs;
  readonly interval: Window;
  readonly levelBefore: number;
  /** Value at the end of the fitted line. */
  readonly levelAfter: number;
  /** Share of the variance that level-then-line explains, 0..1. */
  readonly explained: number;
  /** The same for two plain levels: a climb should beat it clearly. */
  readonly explainedByStep: number;
}

/** Points fitted; longer series are averaged down first. */
const fitPointsMax = 120;
const pointsMin = 10;
/** A fall by this share of the whole range within one step is a restart: the climb ended there. */
const restartShare = 0.5;

/**
 * Least-squares fit of "flat, then a straight line", over all possible bends. Null when there are
 * too few points or the series does not move. A sudden fall back ends the stretch that is looked
 * at.
 */
export function findClimb(raw: Points): Climb | null {
  const points = coarsen(untilRestart(raw));
  const { times, values } = points;
  const n = values.length;
  if (n < pointsMin) return null;
  let mean = 0;
  for (const value of values) mean += value / n;
  let total = 0;
  for (const value of values) total += (value - mean) ** 2;
  if (!(total > 1e-12 * n * mean * mean)) return null;

  const errors = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let best = -1;
  let fit = { level: 0, rate: 0 };
  for (let bend = 0; bend <= n - 4; bend++) {
    const line = hinge(values, bend, mean);
    errors[bend] = total - line.gain;
    if (best < 0 || errors[bend]! < errors[best]!) {
      best = bend;
      fit = line;
    }
  }
  // 95 % profile-likelihood interval of the bend: chi-square with one degree of freedom.
  const cut = errors[best]! + (3.84 * errors[best]!) / Math.max(1, n - 3);
  let first = best;
  let last = best;
  while (first > 0 && errors[first - 1]! <= cut) first--;
  while (last < n - 4 && errors[last + 1]! <= cut) last++;
  return {
    at: times[best]!,
    interval: { from: times[first]!, to: times[Math.min(n - 1, last + 1)]! },
    levelBefore: fit.level,
    levelAfter: fit.level + fit.rate * (n - 1 - best),
    explained: 1 - errors[best]! / total,
    explainedByStep: stepGain(values, mean) / total,
  };
}

/** Regression of the values on `max(0, i - bend)`; `gain` is the variance it explains. */
function hinge(values: Float64Array, bend: number, mean: number) {
  const n = values.length;
  const rising = n - bend;
  const xMean = ((rising - 1) * rising) / 2 / n;
  let covariance = 0;
  let spread = bend * xMean * xMean;
  for (let i = 0; i < n; i++) {
    const x = i <= bend ? 0 : i - bend;
    covariance += (x - xMean) * (values[i]! - mean);
    if (i >= bend) spread += (x - xMean) ** 2;
  }
  const rate = covariance / spread;
  return { gain: covariance * rate, rate, level: mean - rate * xMean };
}

function stepGain(values: Float64Array, mean: number): number {
  const n = values.length;
  let left = 0;
  let best = 0;
  for (let k = 1; k < n; k++) {
    left += values[k - 1]! - mean;
    best = Math.max(best, (left * left * n) / (k * (n - k)));
  }
  return best;
}

function untilRestart(points: Points): Points {
  const { times, values } = points;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const fall = (high - low) * restartShare;
  for (let i = pointsMin; i < values.length; i++) {
    if (fall > 0 && values[i - 1]! - values[i]! > fall) {
      return { times: times.subarray(0, i), values: values.subarray(0, i) };
    }
  }
  return points;
}

function coarsen(points: Points): Points {
  const n = points.values.length;
  const width = Math.ceil(n / fitPointsMax);
  if (width <= 1) return points;
  const length = Math.floor(n / width);
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  for (let bin = 0; bin < length; bin++) {
    for (let i = bin * width; i < (bin + 1) * width; i++) values[bin]! += points.values[i]! / width;
    times[bin] = points.times[bin * width]!;
  }
  return { times, values };
}
