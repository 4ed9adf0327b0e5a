import type { Points } from "../core/frame.ts";
import type { Window } from "../core/window.ts";
import { valuesIn } from "./period.ts";
import { finite, median, summarise } from "./robust.ts";

const dayMs = 86_400_000;
/** A daily cycle needs to be seen at least twice. */
const daysMin = 2;
const daysMax = 14;

/** Normal time and the time to be judged; see `Periods` in `shift.ts`. */
interface Phases {
  readonly during: Window;
  readonly local: readonly Window[];
}

/**
 * Level to expect during the incident from the same time of earlier days: the median of those times,
 * moved by how much today's level just before the incident differs from theirs. Null when the history
 * is shorter than two days or shows no daily cycle worth the name.
 */
export function phaseLevel(points: Points, phases: Phases): number | null {
  const first = points.times[0];
  const next = phases.local[0];
  if (first === undefined || next === undefined) return null;
  if (phases.during.from - first < daysMin * dayMs) return null;
  const same: number[] = [];
  const lead: number[] = [];
  for (let day = 1; day <= daysMax; day++) {
    const then = finite(valuesIn(points, moved(phases.during, -day * dayMs)));
    const before = finite(valuesIn(points, moved(next, -day * dayMs)));
    if (then.length === 0 || before.length === 0) continue;
    same.push(median(then));
    lead.push(median(before));
  }
  if (same.length < daysMin) return null;
  const today = finite(valuesIn(points, next));
  if (today.length === 0) return null;
  if (!repeats(same, lead, points)) return null;
  const usual = median(Float64Array.from(same));
  const usualBefore = median(Float64Array.from(lead));
  const scale = usualBefore > 0 ? median(today) / usualBefore : 1;
  return usual * Math.min(2, Math.max(0.5, scale));
}

/** The step from lead to phase recurs: it is larger than what differs from day to day. */
function repeats(same: readonly number[], lead: readonly number[], points: Points): boolean {
  const steps = summarise(Float64Array.from(same, (value, i) => value - lead[i]!));
  const overall = summarise(points.values);
  return Math.abs(steps.median) > Math.max(2 * steps.noise, 0.1 * overall.noise);
}

function moved(window: Window, ms: number): Window {
  return { from: window.from + ms, to: window.to + ms };
}
