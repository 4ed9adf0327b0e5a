import type { Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { findExcursion } from "./excursion.ts";
import { pointsIn } from "./period.ts";

/** Fewer stretches of normal time than this cannot show that an excursion is rare. */
const stretchesMin = 8;
/** Fewer than this cannot show that it is common either. */
const commonFrom = 2;
const stretchesMax = 200;

/**
 * How often normal time shows an excursion as large as the one in the window: the share of equally
 * long stretches of the baseline whose best excursion differs from its surroundings by as much. The
 * same search runs on both, so its luck in finding something cancels. A short baseline tells only when
 * it shows one that also lasted as long: it is not new then. Null when it tells nothing. `points`
 * must be turned so that up is bad.
 */
export function chanceInPast(points: Points, window: Window, baseline: Window): number | null {
  const now = pointsIn(points, window);
  const past = pointsIn(points, baseline);
  const length = now.values.length;
  if (length < 4) return null;
  const stretches = Math.min(stretchesMax, Math.floor(past.values.length / length));
  if (stretches < commonFrom) return null;
  const isShort = stretches < stretchesMin;
  const seen = excursionOf(now);
  let asLarge = 0;
  for (let i = 0; i < stretches; i++) {
    const from = i * length;
    const stretch = {
      times: past.times.subarray(from, from + length),
      values: past.values.subarray(from, from + length),
    };
    const { size, lasted } = excursionOf(stretch);
    if (size >= seen.size && (!isShort || lasted >= seen.lasted)) asLarge++;
  }
  return isShort && asLarge === 0 ? null : asLarge / stretches;
}

function excursionOf(points: Points): { size: number; lasted: number } {
  const found = findExcursion(points, "up");
  if (!found) return { size: 0, lasted: 0 };
  return { size: found.inside - found.outside, lasted: found.window.to - found.window.from };
}
