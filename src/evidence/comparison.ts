import type { Alarm } from "../core/alarm.ts";
import type { Series } from "../core/rows.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { type IncidentOnset, incidentOnset, type OnsetInput } from "./incident-onset.ts";
import { pointsIn } from "./statistics/period.ts";

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
 * is none). Without one the window is split at the onset; where it began before the window, the
 * time before it is normal; and when no signal shows an onset, the window is split halfway to the
 * alarm: what fires an alarm has usually begun by then, and the head of a window is usually quiet.
 * Normal time reaches back before the window in each case: what ends in an outage, such as a leak
 * or a pool that fills, often begins before its onset shows.
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
  const onset = onsetIn(window, input);
  if (onset && onset.interval.from > window.from && onset.at < window.to - lengthMinMs) {
    return {
      window: { from: onset.at, to: window.to },
      baseline: { from: reachesBackTo(window), to: onset.interval.from },
      onset,
      reason: "no normal time was given; the time before the onset serves as normal",
    };
  }
  const earlier = { from: reachesBackTo(window), to: window.to };
  const before = onset ? null : onsetIn(earlier, input);
  if (before && before.interval.from < window.from && before.until > window.from) {
    return {
      window,
      baseline: { from: reachesBackTo(earlier), to: before.interval.from },
      onset: before,
      reason: "no normal time was given and it began before the window; the time before serves",
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

/** The onset as a stretch of the telemetry shows it, without what lies outside. */
function onsetIn(window: Window, input: ComparisonInput): IncidentOnset | null {
  const cut = (series: Series) => ({ ...series, points: pointsIn(series.points, window) });
  const inside = {
    ...{ alarm: input.alarm, window },
    ...{ series: input.series.map(cut), spanSeries: input.spanSeries.map(cut) },
  };
  return incidentOnset(inside) ?? volumeOnset(inside, input.logVolume.map(cut));
}

/** Lines at error level rising, when neither metrics nor spans tell. */
function volumeOnset(input: OnsetInput, logVolume: readonly Series[]): IncidentOnset | null {
  const errors = logVolume
    .filter((series) => /error|fatal/i.test(series.metric))
    .map((series) => ({ ...series, metric: `${series.metric}_errors` }));
  return incidentOnset({ ...input, series: errors, spanSeries: [] });
}
