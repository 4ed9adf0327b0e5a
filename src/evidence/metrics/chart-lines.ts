import type { EvidenceChart } from "../../core/evidence.ts";
import { limits } from "../../core/limits.ts";
import type { Series } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { pointsIn } from "../statistics/period.ts";

/**
 * A series thinned for drawing. Each pixel keeps the point farthest from the mean of its stretch,
 * so that a short spike survives; at most `limits.chartPointsMax` points.
 */
export function chartOf(series: Series, span: Window, unit: string | null): EvidenceChart {
  const { times, values } = pointsIn(series.points, span);
  const width = Math.max(1, Math.ceil(values.length / limits.chartPointsMax));
  const keptTimes: number[] = [];
  const keptValues: (number | null)[] = [];
  for (let from = 0; from < values.length; from += width) {
    const to = Math.min(values.length, from + width);
    let mean = 0;
    for (let i = from; i < to; i++) mean += values[i]! / (to - from);
    let far = from;
    for (let i = from + 1; i < to; i++) {
      if (Math.abs(values[i]! - mean) > Math.abs(values[far]! - mean)) far = i;
    }
    keptTimes.push(times[far]!);
    keptValues.push(Number.isFinite(values[far]!) ? values[far]! : null);
  }
  const label = series.resource ? `${series.service} ${series.resource}` : series.service;
  return {
    title: `${label} ${series.metric}`,
    unit,
    lines: [{ label, times: keptTimes, values: keptValues }],
  };
}
