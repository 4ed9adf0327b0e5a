import type { Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { valuesIn } from "./period.ts";
import { finite, median, summarise } from "./robust.ts";

const dayMs = 86_400_000;
/** A cycle needs to be seen at least twice. */
const cyclesMin = 2;

/** Normal time and the time to be judged; see `Periods` in `shift.ts`. */
interface Phases {
  readonly during: Window;
  readonly local: readonly Window[];
}

/** Cycles of working life: a weekly one knows that a Monday is no Sunday, so it is asked first. */
const cycles = [
  { periodMs: 7 * dayMs, countMax: 8 },
  { periodMs: dayMs, countMax: 14 },
] as const;

/**
 * Level to expect during the incident from the same time of earlier weeks or days: the median of
 * those times, moved by how much the level just before the incident differs from theirs. Null when
 * the history holds less than two cycles or shows none worth the name.
 */
export function phaseLevel(points: Points, phases: Phases): number | null {
  const next = phases.local[0];
  const first = points.times[0];
  if (first === undefined || next === undefined) return null;
  for (const { periodMs, countMax } of cycles) {
    if (phases.during.from - first < cyclesMin * periodMs) continue;
    const seen = samplesOf(points, phases.during, next, periodMs, countMax);
    // Whole weeks know all that days know, and that this hour of a Saturday may bring nothing.
    if (seen.same.length >= cyclesMin) return levelOf(points, next, seen);
  }
  return null;
}

interface Samples {
  /** Medians at the same time of earlier cycles, and just before it. */
  readonly same: readonly number[];
  readonly lead: readonly number[];
}

function samplesOf(
  points: Points,
  during: Window,
  next: Window,
  periodMs: number,
  countMax: number,
): Samples {
  const same: number[] = [];
  const lead: number[] = [];
  for (let cycle = 1; cycle <= countMax; cycle++) {
    const then = finite(valuesIn(points, moved(during, -cycle * periodMs)));
    const before = finite(valuesIn(points, moved(next, -cycle * periodMs)));
    if (then.length === 0 || before.length === 0) continue;
    same.push(median(then));
    lead.push(median(before));
  }
  return { same, lead };
}

function levelOf(points: Points, next: Window, { same, lead }: Samples): number | null {
  const today = finite(valuesIn(points, next));
  if (today.length === 0 || !repeats(same, lead, points)) return null;
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
