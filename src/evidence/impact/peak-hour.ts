import type { Finding } from "../../core/evidence.ts";
import type { Kpi } from "../../core/objectives.ts";
import type { Observations, Series } from "../../core/rows.ts";
import type { EpochMs } from "../../core/window.ts";
import { meaningOf } from "../metrics/metric-meaning.ts";
import { asRate } from "../metrics/shift.ts";
import { percent } from "../quantity.ts";
import { named, say } from "../statement.ts";

const hourMs = 3_600_000;
const dayHours = 24;
/** Hours of the day that must have been seen, and points in each. */
const hoursMin = 20;
/** From this share of the busiest hour on it is peak hour. */
const peakShare = 0.8;

/** How busy this hour of the day usually is, beside the busiest; null without a day of history. */
export function hourShare(series: Series, at: EpochMs, until: EpochMs): number | null {
  const sums = new Float64Array(dayHours);
  const counts = new Float64Array(dayHours);
  const { times, values } = asRate(series).points;
  for (let i = 0; i < times.length && times[i]! < until; i++) {
    if (!Number.isFinite(values[i])) continue;
    const hour = Math.floor(times[i]! / hourMs) % dayHours;
    sums[hour]! += values[i]!;
    counts[hour]! += 1;
  }
  const means = sums.map((sum, hour) => (counts[hour]! > 0 ? sum / counts[hour]! : Number.NaN));
  const seen = means.filter(Number.isFinite);
  const busiest = Math.max(...seen);
  if (seen.length < hoursMin || !(busiest > 0)) return null;
  const now = means[Math.floor(at / hourMs) % dayHours]!;
  return Number.isFinite(now) ? now / busiest : null;
}

/**
 * Whether the incident falls into the busy hours, from business metrics first, else from traffic.
 */
export function peakHourFinding(
  observations: Observations,
  kpis: readonly Kpi[],
  onset: EpochMs,
): Finding | null {
  for (const series of candidates(observations, kpis)) {
    const share = hourShare(series, onset, onset);
    if (share === null) continue;
    return {
      key: "peak-hour",
      layer: "business",
      kind: "note",
      service: series.service,
      ...say("finding.peak-hour", {
        signal: named(series.metric),
        service: named(series.service),
        share: percent(share),
      }),
      value: share,
      unit: "ratio",
      window: observations.window,
      provenance: observations.provenance["metric-series"] ?? [],
      weight: 0.1,
      facts: { peakHour: share >= peakShare },
    };
  }
  return null;
}

function candidates({ series }: Observations, kpis: readonly Kpi[]): readonly Series[] {
  const wanted = new Set(
    kpis.filter((kpi) => kpi.direction === "up-is-good").map((kpi) => kpi.metric),
  );
  const business = series.filter((item) => wanted.has(item.metric));
  const traffic = series.filter((item) => meaningOf(item).signal === "traffic");
  const total = (item: Series) => item.points.values.reduce((sum, v) => sum + (v > 0 ? v : 0), 0);
  return [...business, ...traffic.sort((a, b) => total(b) - total(a)).slice(0, 3)];
}
