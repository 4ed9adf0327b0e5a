import type { Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { findExcursion } from "./excursion.ts";
import { pointsIn } from "./period.ts";

/** Fewer stretches of normal time than this say nothing about how rare an excursion is. */
const stretchesMin = 8;
const stretchesMax = 200;

/**
 * How often normal time shows an excursion as large as the one in the window: the share of equally
 * long stretches of the baseline whose best excursion differs from its surroundings by as much. The
 * same search runs on both, so its luck in finding something cancels. Null when the baseline is too
 * short. `points` must be turned so that up is bad.
 */
export function chanceInPast(points: Points, window: Window, baseline: Window): number | null {
  const now = pointsIn(points, window);
  const past = pointsIn(points, baseline);
  const length = now.values.length;
  if (length < 4) return null;
  const stretches = Math.min(stretchesMax, Math.floor(past.values.length / length));
  if (stretches < stretchesMin) return null;
  const seen = sizeOf(now);
  let asLarge = 0;
  for (let i = 0; i < stretches; i++) {
    const from = i * length;
    const stretch = {
      times: past.times.subarray(from, from + length),
      values: past.values.subarray(from, from + length),
    };
    if (sizeOf(stretch) >= seen) asLarge++;
  }
  return asLarge / stretches;
}

function sizeOf(points: Points): number {
  const excursion = findExcursion(points, "up");
  return excursion ? excursion.inside - excursion.outside : 0;
}
