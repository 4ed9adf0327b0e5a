import type { EpochMs, Window } from "../core/window.ts";
import { badness, type IncidentOnset } from "./incident-onset.ts";
import { meaningOf } from "./metrics/metric-meaning.ts";
import { pointsIn, stepOf } from "./statistics/period.ts";

/** What follows must stay normal for so many points and so long to count as recovered. */
const pointsMin = 5;
const quietMsMin = 3 * 60_000;
/** A point this far from the old level towards the incident's is not normal again. */
const relapseShare = 0.5;

/**
 * When the signal that showed the onset was back to its level, and stayed there until the end of
 * what was read. Null while it lasts, when it came back only just now, and when it left its level
 * again.
 */
export function recoveredAt(onset: IncidentOnset, window: Window): EpochMs | null {
  const { excursion, series, until } = onset;
  if (!excursion.isOver) return null;
  const points = badness(pointsIn(series.points, window), meaningOf(series));
  const after = points.values.filter((_, i) => points.times[i]! >= until);
  const step = stepOf(points.times);
  const quietMs = after.length * (Number.isFinite(step) ? step : 0);
  if (after.length < pointsMin || quietMs < quietMsMin) return null;
  const relapse = excursion.outside + relapseShare * (excursion.inside - excursion.outside);
  const rises = excursion.inside > excursion.outside;
  const isQuiet = after.every((value) => (rises ? value < relapse : value > relapse));
  return isQuiet ? until : null;
}
