import type { Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { stepOf } from "./period.ts";

/** A stretch that lies apart from the rest of a series: a step when it lasts to the end. */
export interface Excursion {
  /** From the first point of the stretch to the first point after it. */
  readonly window: Window;
  /** Mean inside and outside. */
  readonly inside: number;
  readonly outside: number;
  /** Difference of the means over the scatter around them. */
  readonly strength: number;
  /** Share of the series' variance that the stretch explains, 0..1. */
  readonly explained: number;
  /** The series came back to its old level before it ended. */
  readonly isOver: boolean;
}

/** Longer series are averaged down to this many points before the search (it is quadratic). */
const searchPointsMax = 240;
const outsidePointsMin = 2;

/**
 * The one stretch whose level differs most from the rest, by least squares: two levels, but unlike
 * a single change point the old level may return. `direction` restricts it to rises or falls. Null
 * for fewer than four points, or when nothing lies apart.
 */
export function findExcursion(
  points: Points,
  direction: "up" | "down" | "either" = "either",
): Excursion | null {
  const thin = coarsen(points);
  const n = thin.values.length;
  if (n < outsidePointsMin + 2) return null;
  const sum = new Float64Array(n + 1);
  const origin = thin.values[0]!;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = thin.values[i]! - origin;
    sum[i + 1] = sum[i]! + value;
    squares += value * value;
  }
  const total = squares - sum[n]! ** 2 / n;
  if (!(total > 0)) return null;

  const lengthMin = n < 8 ? 1 : 2;
  let best = { gain: 0, from: -1, to: -1, inside: 0, outside: 0 };
  for (let from = 1; from < n; from++) {
    for (let to = from + lengthMin; to <= n && n - (to - from) >= outsidePointsMin; to++) {
      const count = to - from;
      const inside = (sum[to]! - sum[from]!) / count;
      const outside = (sum[n]! - sum[to]! + sum[from]!) / (n - count);
      const step = inside - outside;
      if ((direction === "up" && step < 0) || (direction === "down" && step > 0)) continue;
      const gain = (step * step * count * (n - count)) / n;
      if (gain > best.gain) best = { gain, from, to, inside, outside };
    }
  }
  if (best.from < 0) return null;
  const scatter = Math.sqrt(Math.max(0, total - best.gain) / Math.max(1, n - 2));
  const floor = 0.02 * Math.max(Math.abs(best.inside + origin), Math.abs(best.outside + origin));
  const noise = Math.max(scatter, floor);
  const step = stepOf(thin.times);
  return {
    window: {
      from: thin.times[best.from]!,
      to: best.to < n ? thin.times[best.to]! : thin.times[n - 1]! + step,
    },
    inside: best.inside + origin,
    outside: best.outside + origin,
    strength: noise > 0 ? (best.inside - best.outside) / noise : 0,
    explained: best.gain / total,
    isOver: best.to < n,
  };
}

/** Averages neighbouring points so that at most `searchPointsMax` remain. */
function coarsen(points: Points): Points {
  const n = points.values.length;
  const width = Math.ceil(n / searchPointsMax);
  if (width <= 1) return points;
  const length = Math.ceil(n / width);
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  for (let bin = 0; bin < length; bin++) {
    const to = Math.min(n, (bin + 1) * width);
    let sum = 0;
    for (let i = bin * width; i < to; i++) sum += points.values[i]!;
    times[bin] = points.times[bin * width]!;
    values[bin] = sum / (to - bin * width);
  }
  return { times, values };
}
