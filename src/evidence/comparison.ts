import type { Alarm } from "../core/alarm.ts";
import type { Series } from "../core/rows.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { type IncidentOnset, incidentOnset } from "./incident-onset.ts";

/** Which time is compared with which: asked of every source alike. */
export interface Comparison {
  /** Incident time. */
  readonly window: Window;
  /** Normal time. */
  readonly baseline: Window;
  readonly onset: IncidentOnset | null;
  /** One sentence for the report: how the two were chosen. */
  readonly reason: string;
}

export interface ComparisonInput {
  readonly alarm: Alarm;
  readonly window: Window;
  readonly baseline: Window | null;
  readonly series: readonly Series[];
  readonly spanSeries: readonly Series[];
  readonly logVolume: readonly Series[];
}

/** Incident time shorter than this compares too little. */
const lengthMinMs = 60_000;

/**
 * Chooses incident time and normal time. A given baseline stands, and the window with it; it is
 * only lengthened backwards by the length of the window (more normal time costs nothing where there
 * is none). Without one the window is split at the onset, or, when no signal shows an onset,
 * halfway to the alarm: what fires an alarm has usually begun by then, and the head of a window is
 * usually quiet. Normal time reaches back before the window in each case: what ends in an outage,
 * such as a leak or a pool that fills, often begins before its onset shows.
 */
export function chooseComparison(input: ComparisonInput): Comparison {
  const { window, alarm, baseline } = input;
  if (baseline) {
    const to = baseline.to > window.from && baseline.from < window.from ? window.from : baseline.to;
    return {
      window,
      baseline: { from: baseline.from - lengthMs(window), to },
      onset: null,
      reason: "normal time was given",
    };
  }
  const onset = incidentOnset(input) ?? volumeOnset(input);
  if (onset && onset.interval.from > window.from && onset.at < window.to - lengthMinMs) {
    return {
      window: { from: onset.at, to: window.to },
      baseline: { from: reachesBackTo(window), to: onset.interval.from },
      onset,
      reason: "no normal time was given; the time before the onset serves as normal",
    };
  }
  const fired =
    alarm.firedAt > window.from && alarm.firedAt < window.to ? alarm.firedAt : window.to;
  const split = (window.from + fired) / 2;
  return {
    window: { from: split, to: window.to },
    baseline: { from: reachesBackTo(window), to: split },
    onset: null,
    reason: "no normal time was given and no signal shows an onset; the window was split in two",
  };
}

/** Where normal time begins when none was given. */
export function reachesBackTo(window: Window): number {
  return window.from - lengthMs(window);
}

/** Lines at error level rising, when neither metrics nor spans tell. */
function volumeOnset(input: ComparisonInput): IncidentOnset | null {
  const errors = input.logVolume
    .filter((series) => /error|fatal/i.test(series.metric))
    .map((series) => ({ ...series, metric: `${series.metric}_errors` }));
  return incidentOnset({ ...input, series: errors, spanSeries: [] });
}
