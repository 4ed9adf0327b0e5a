import type { Points } from "../../core/frame.ts";
import type { EpochMs, Window } from "../../core/window.ts";

/** Index of the first point at or after `at`. */
export function indexAt(times: Float64Array, at: EpochMs): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Values of `[from, to)`, without copying. */
export function valuesIn(points: Points, window: Window): Float64Array {
  return points.values.subarray(
    indexAt(points.times, window.from),
    indexAt(points.times, window.to),
  );
}

/** Both columns of `[from, to)`, without copying. */
export function pointsIn(points: Points, window: Window): Points {
  const from = indexAt(points.times, window.from);
  const to = indexAt(points.times, window.to);
  return { times: points.times.subarray(from, to), values: points.values.subarray(from, to) };
}

/** Usual distance of points in ms; NaN for fewer than two. */
export function stepOf(times: Float64Array): number {
  if (times.length < 2) return Number.NaN;
  const span = Math.min(times.length - 1, 50);
  const gaps = new Float64Array(span);
  const first = times.length - 1 - span;
  for (let i = 0; i < span; i++) gaps[i] = times[first + i + 1]! - times[first + i]!;
  gaps.sort();
  return gaps[span >> 1]!;
}
