import type { Points } from "../../core/frame.ts";
import type { Series } from "../../core/rows.ts";
import { lengthMs, type Window } from "../../core/window.ts";
import { valuesIn } from "../statistics/period.ts";
import { finite, median, quantile, summarise } from "../statistics/robust.ts";
import { phaseLevel } from "../statistics/seasonality.ts";
import { type Meaning, meaningOf } from "./metric-meaning.ts";

/** How far a series moved between normal time and the incident. */
export interface Shift {
  readonly series: Series;
  readonly meaning: Meaning;
  /** Level in normal time and during the incident (medians), in the series' unit. */
  readonly before: number;
  readonly during: number;
  /** Scatter in normal time plus a share of the level. */
  readonly noise: number;
  /** (during - before) / noise; positive is up. */
  readonly deviations: number;
  /** Points the two levels rest on. */
  readonly countBefore: number;
  readonly countDuring: number;
  /** True when the move is in the direction that hurts. */
  readonly isHarmful: boolean;
  /** The normal level was taken from the same time of earlier days. */
  readonly isSeasonal: boolean;
}

/** Normal time and incident time of one diagnosis. */
export interface Periods {
  readonly during: Window;
  readonly baseline: Window;
  /** Normal stretches next to `during`: just before it, and after it when it is over. */
  readonly local: readonly Window[];
}

/** Scatter is never less than this share of the level: 5 %, as in the measured ranking. */
const floorShare = 0.05;
/** Local level wins over the whole baseline from this many points on. */
const localPointsMin = 2;
const noisePointsMin = 6;
/** Moves below this many scatters need no second look at the past. */
const wanderCheckFrom = 2;
const blocksMax = 100;
/** Deviations of what leaves a constant: anything, an instance that is gone, errors, and most. */
const appearedWeak = 3;
const appearedInstances = 20;
const appearedErrors = 10;
const appearedMost = 100;

/**
 * Normal time next to the incident: as long as the incident, at least half an hour. What follows up
 * to `seenUntil` is normal again when the incident ended earlier.
 */
export function periodsOf(during: Window, baseline: Window, seenUntil = during.to): Periods {
  const length = Math.max(lengthMs(during), 30 * 60_000);
  const before = { from: during.from - length, to: during.from };
  const after = { from: during.to, to: seenUntil };
  return { during, baseline, local: after.to > after.from ? [before, after] : [before] };
}

/** Values of the normal stretches next to the incident. */
export function localValues(points: Points, periods: Pick<Periods, "local">): Float64Array {
  const parts = periods.local.map((window) => valuesIn(points, window));
  if (parts.length === 1) return parts[0]!;
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Shift of a series. The level comes from just before the incident (drift cancels), or from the
 * same time of earlier days when the series has a daily cycle; the scatter comes from the whole
 * baseline. Null without points on both sides.
 */
export function shiftOf(raw: Series, periods: Periods): Shift | null {
  const series = asRate(raw);
  const during = finite(valuesIn(series.points, periods.during));
  if (during.length === 0) return null;
  const history = valuesIn(series.points, periods.baseline);
  const local = localValues(series.points, periods);
  const wide = summarise(history.length >= noisePointsMin ? history : local);
  const near = finite(local);
  const seasonal = phaseLevel(series.points, periods);
  const before = seasonal ?? (near.length >= localPointsMin ? median(near) : wide.median);
  if (!Number.isFinite(before)) return null;

  const after = median(during);
  const scatter = wide.count >= noisePointsMin ? wide.noise : summarise(near).noise;
  const floor = floorShare * Math.abs(before);
  let noise = (Number.isFinite(scatter) ? scatter : 0) + floor;
  const meaning = meaningOf(series);
  const difference = after - before;
  if (Math.abs(difference) > wanderCheckFrom * noise) {
    const past = history.length >= noisePointsMin ? history : local;
    noise = Math.max(noise, wander(past, during.length, wide.median) + floor);
  }
  const isHarmful =
    meaning.harm === "either" ? false : meaning.harm === "up" ? difference > 0 : difference < 0;
  return {
    series,
    meaning,
    before,
    during: after,
    noise,
    deviations: noise > 0 ? difference / noise : deviationsOfConstant(difference, during, meaning),
    countBefore: Math.max(wide.count, near.length),
    countDuring: during.length,
    isHarmful,
    isSeasonal: seasonal !== null,
  };
}

/**
 * How far medians of as many points strayed from the level in normal time: their 95th percentile,
 * per standard deviation. A series that is quiet but for a burst every hour has hardly any scatter
 * by its points, and yet every burst would look like a fault.
 */
function wander(past: Float64Array, length: number, level: number): number {
  const block = Math.max(1, Math.min(length, Math.floor(past.length / 4)));
  const blocks = Math.min(blocksMax, Math.floor(past.length / block));
  if (blocks < 4) return 0;
  const strayed = new Float64Array(blocks);
  const stride = past.length / blocks;
  for (let i = 0; i < blocks; i++) {
    const from = Math.floor(i * stride);
    strayed[i] = Math.abs(median(past.subarray(from, from + block)) - level);
  }
  return quantile(strayed, 0.95) / 1.96;
}

/**
 * A series that was exactly zero has no scatter to measure by. Errors out of nothing are a real
 * sign, and the more of them the surer; anything else that merely appeared is a weak one.
 */
function deviationsOfConstant(difference: number, during: Float64Array, meaning: Meaning): number {
  if (difference === 0 || !Number.isFinite(difference)) return 0;
  if (meaning.resource === "instances") return Math.sign(difference) * appearedInstances;
  if (meaning.signal !== "errors" && meaning.signal !== "availability") {
    return Math.sign(difference) * appearedWeak;
  }
  const sum = during.reduce((total, value) => total + Math.abs(value), 0);
  const isCounted = during.every(Number.isInteger);
  // Counts scatter by their root (Poisson); of a share all that can be said is its size.
  const size = isCounted ? Math.sqrt(sum) : appearedErrors * (1 + (10 * sum) / during.length);
  return Math.sign(difference) * Math.min(appearedMost, Math.max(appearedErrors, size));
}

/** A cumulative counter becomes its increase per step; everything else stays as it is. */
export function asRate(series: Series): Series {
  const isNamed =
    /counter|sum/i.test(series.metricKind ?? "") || /(_total|_count)$/.test(series.metric);
  if (!isNamed || !isCumulative(series)) return series;
  return { ...series, points: increments(series.points) };
}

/**
 * Increase of a running total per step. A fall is a restart, and counts from zero; so does a total
 * that first appears after `start`: nothing was counted before.
 */
export function increments({ times, values }: Points, start = Number.POSITIVE_INFINITY): Points {
  const isBornLater = times.length > 0 && times[0]! > start;
  const rates = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < rates.length; i++) {
    const increase = values[i + 1]! - values[i]!;
    rates[i] = increase >= 0 ? increase : values[i + 1]!;
  }
  if (!isBornLater) return { times: times.subarray(1), values: rates };
  return { times, values: Float64Array.of(values[0]!, ...rates) };
}

/** Rising without a fall (restarts aside), over more than a handful of points. */
export function isCumulative({ metricKind, points: { values } }: Series): boolean {
  if (/gauge|delta/i.test(metricKind ?? "") || values.length < 8) return false;
  let falls = 0;
  let rises = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! < values[i - 1]!) falls++;
    else if (values[i]! > values[i - 1]!) rises++;
  }
  return rises > 0 && falls <= Math.max(1, values.length / 200) && rises > falls * 3;
}
