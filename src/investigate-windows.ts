import type { Alarm } from "./core/alarm.ts";
import type { SignalQuery } from "./core/query.ts";
import { readSeries } from "./core/row-readers.ts";
import type { Series } from "./core/rows.ts";
import type { Telemetry } from "./core/source.ts";
import { type Comparison, lengthMs, type Window } from "./core/window.ts";
import { chooseComparison, reachesBackTo } from "./evidence/comparison.ts";
import { drawnSeries } from "./evidence/metrics/labelled-counters.ts";

/** Bins of the derived series that show where normal time ends. */
const bins = 120;
const stepMsMin = 5_000;

/**
 * The window looked at and the normal time it is compared with, once per investigation. A baseline
 * that was given stands; otherwise the telemetry of the window shows where normal time ended.
 */
export async function chooseWindows(input: {
  telemetry: Telemetry;
  alarm: Alarm;
  window: Window;
  baseline: Window | null;
}): Promise<Comparison> {
  const { telemetry, alarm, window, baseline } = input;
  if (baseline) {
    return chooseComparison({ alarm, window, baseline, series: [], spanSeries: [], logVolume: [] });
  }
  const stepMs = Math.max(stepMsMin, Math.round(lengthMs(window) / bins / 1000) * 1000);
  // All the time that the comparison may ask for, so that a source need not be asked twice.
  const before = { from: reachesBackTo(window), to: window.from };
  const read = async (query: SignalQuery): Promise<readonly Series[]> => {
    const reading = await telemetry.read(query, window);
    return reading.kind === "data" ? readSeries(reading.frame) : [];
  };
  const [series, spanSeries, logVolume] = await Promise.all([
    read({ kind: "metric-series", baseline: before }),
    read({ kind: "span-series", stepMs, baseline: before }),
    read({ kind: "log-volume", stepMs, baseline: before }),
  ]);
  const drawn = drawnSeries(series);
  return chooseComparison({ alarm, window, baseline, series: drawn, spanSeries, logVolume });
}
