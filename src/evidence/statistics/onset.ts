import type { Points } from "../../core/frame.ts";
import type { EpochMs, Window } from "../../core/window.ts";
import { stepOf } from "./period.ts";
import { summarise } from "./robust.ts";

/** When a series left its level, as an interval: an exact onset is never to be relied on. */
export interface Onset {
  readonly at: EpochMs;
  readonly interval: Window;
  readonly levelBefore: number;
  readonly levelAfter: number;
  /** Difference of the levels over the scatter around them. */
  readonly strength: number;
  /** The series climbed rather than jumped; `at` is where the climb began. */
  readonly isRamp: boolean;
}

interface Split {
  readonly index: number;
  readonly first: number;
  readonly last: number;
  readonly before: number;
  readonly after: number;
  /** Residual variance around the two levels. */
  readonly variance: number;
}

/** A level needs this many points to count as one. */
const segmentPointsMin = 2;
/**
 * 95 % point of chi-square with one degree of freedom: profile-likelihood interval of the split.
 */
const profileCut = 3.84;
/** Scatter never counts as less than this share of the level. */
const floorShare = 0.05;

/**
 * Finds where a series changed level: the split into two levels with the least squared error,
 * walked back to where the series left the noise of the first level; a slow climb is extrapolated
 * to its start. Null when the series is too short or the levels do not differ by `strengthMin`
 * scatters.
 */
export function findOnset(points: Points, strengthMin = 3): Onset | null {
  const split = twoLevels(points.values);
  if (!split) return null;
  const before = summarise(points.values.subarray(0, split.index));
  const scale = Math.max(Math.abs(split.before), Math.abs(split.after) * 0.1);
  const noise = Math.max(before.noise, Math.sqrt(split.variance) / 3) + floorShare * scale;
  const strength = noise > 0 ? (split.after - split.before) / noise : 0;
  if (!(Math.abs(strength) >= strengthMin)) return null;

  const start = leftNoise(points.values, split.index, before.median, noise * 2, strength > 0);
  const ramp = rampStart(points, start, before.median, split.after);
  const index = ramp ?? start;
  const step = stepOf(points.times);
  const at = points.times[index]!;
  const earliest = points.times[Math.min(split.first, index)]! - step;
  const latest = points.times[Math.max(split.last, start)]!;
  return {
    at,
    interval: { from: Math.min(earliest, at - step), to: Math.max(latest, at) },
    levelBefore: before.median,
    levelAfter: split.after,
    strength,
    isRamp: ramp !== null,
  };
}

/**
 * The two-level split of least squared error, in one pass over prefix sums from the first value.
 */
function twoLevels(values: Float64Array): Split | null {
  const n = values.length;
  if (n < segmentPointsMin * 2) return null;
  const sum = new Float64Array(n + 1);
  const squares = new Float64Array(n + 1);
  const origin = values[0]!;
  for (let i = 0; i < n; i++) {
    const value = values[i]! - origin;
    sum[i + 1] = sum[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
  }
  const errors = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  let best = -1;
  for (let k = segmentPointsMin; k <= n - segmentPointsMin; k++) {
    const left = squares[k]! - sum[k]! ** 2 / k;
    const right = squares[n]! - squares[k]! - (sum[n]! - sum[k]!) ** 2 / (n - k);
    errors[k] = left + right;
    if (best < 0 || errors[k]! < errors[best]!) best = k;
  }
  const variance = Math.max(0, errors[best]!) / Math.max(1, n - 2);
  const cut = errors[best]! + profileCut * variance + Number.EPSILON;
  let first = best;
  let last = best;
  while (first > segmentPointsMin && errors[first - 1]! <= cut) first--;
  while (last < n - segmentPointsMin && errors[last + 1]! <= cut) last++;
  return {
    index: best,
    first,
    last,
    before: origin + sum[best]! / best,
    after: origin + (sum[n]! - sum[best]!) / (n - best),
    variance,
  };
}

/** Walks from the split back to the first point of the unbroken excursion out of the noise. */
function leftNoise(
  values: Float64Array,
  from: number,
  level: number,
  band: number,
  isRise: boolean,
): number {
  const isOut = (i: number) => (isRise ? values[i]! > level + band : values[i]! < level - band);
  let index = from;
  while (index < values.length - 1 && !isOut(index)) index++;
  while (index > 1 && isOut(index - 1)) index--;
  return index;
}

/**
 * Start of a climb: the line through the excursion, extended down to the old level. Null unless the
 * line explains the excursion much better than a plateau does.
 */
function rampStart(points: Points, start: number, level: number, after: number): number | null {
  const n = points.values.length - start;
  if (n < 6) return null;
  const middle = (n - 1) / 2;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += points.values[start + i]! / n;
  let covariance = 0;
  let spread = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const value = points.values[start + i]! - mean;
    covariance += (i - middle) * value;
    spread += (i - middle) ** 2;
    total += value * value;
  }
  if (total === 0) return null;
  const explained = covariance ** 2 / spread / total;
  const rate = covariance / spread;
  const climbs = Math.sign(rate) === Math.sign(after - level);
  if (!climbs || explained < 0.8) return null;
  const offset = middle - (mean - level) / rate;
  return Math.max(0, Math.min(start, start + Math.floor(offset)));
}
