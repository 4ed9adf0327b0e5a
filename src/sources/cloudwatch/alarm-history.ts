import type { Window } from "../../core/window.ts";

/** State of an alarm, as we say it. */
export type AlarmState = "firing" | "resolved" | "unknown";

/** One change of state, as the history of alarms has it. */
export interface Transition {
  readonly alarm: string;
  readonly at: number;
  readonly before: AlarmState | null;
  readonly after: AlarmState;
}

/** What the changes of state of one alarm say of a window. */
export interface AlarmPast {
  /** At the end of the window; null when the history says nothing. */
  readonly state: AlarmState | null;
  /** Since when it has that state, when that lies in the history. */
  readonly since: number | null;
  readonly firings: number;
  readonly isFlapping: boolean;
  /** First and last beginning of the newest run of firings; null without one. */
  readonly lastRun: Window | null;
}

/** Firings that follow one another this closely are one run of firings. */
const runGapMs = 3_600_000;
/** A run of this many firings is flapping. */
const flapsMin = 3;

/** Reads the changes of state of one alarm, in any order. */
export function pastOf(transitions: readonly Transition[], window: Window): AlarmPast {
  const all = transitions.toSorted((a, b) => a.at - b.at);
  const last = all.findLast(({ at }) => at < window.to);
  const next = all.find(({ at }) => at >= window.to);
  const starts = all
    .filter(({ at, after }) => after === "firing" && at >= window.from && at < window.to)
    .map(({ at }) => at);
  const runs: number[][] = [];
  for (const at of starts) {
    const run = runs.at(-1);
    if (run && at - (run.at(-1) ?? at) <= runGapMs) run.push(at);
    else runs.push([at]);
  }
  const newest = runs.at(-1);
  return {
    state: last?.after ?? next?.before ?? null,
    since: last?.at ?? null,
    firings: starts.length,
    isFlapping: runs.some((run) => run.length >= flapsMin),
    lastRun: newest ? { from: newest[0] as number, to: newest.at(-1) as number } : null,
  };
}

/** Periods looked at before an alarm fires, and after. */
const before = 5;
const after = 2;

/**
 * Time worth looking at: from five times what the alarm evaluates before its newest run of firings
 * (a breach is as old as all periods it takes, and what led there is older) to two periods after.
 */
export function suggestedWindow(run: Window, periodMs: number, periods: number): Window {
  return { from: run.from - before * periodMs * periods, to: run.to + after * periodMs };
}
