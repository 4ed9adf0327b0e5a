import type { Finding } from "../../core/evidence.ts";
import type { KpiLoss } from "../../core/impact.ts";
import type { Kpi } from "../../core/objectives.ts";
import type { Observations, Series } from "../../core/rows.ts";
import { toIso, type Window } from "../../core/window.ts";
import { matchServices } from "../call-graph.ts";
import { drawnSpan } from "../metrics/anomaly-findings.ts";
import { chartOf } from "../metrics/chart-lines.ts";
import { wordsOf } from "../metrics/metric-meaning.ts";
import { asRate, localValues, type Periods } from "../metrics/shift.ts";
import { quantity } from "../quantity.ts";
import { named, say } from "../statement.ts";
import { valuesIn } from "../statistics/period.ts";
import { finite, median, quantile, summarise } from "../statistics/robust.ts";
import { phaseLevel } from "../statistics/seasonality.ts";

/** What normal time makes us expect per point, with the scatter of such expectations. */
interface Expectation {
  readonly perPoint: number;
  /** Standard error of `perPoint` for the mean of as many points as the incident has. */
  readonly error: number;
}

/**
 * What each KPI lost since the onset: expected minus actual, with a 95 % interval. Expected is the
 * same time of earlier days when the history shows a daily cycle, else the robust level of normal
 * time. KPIs without points in both periods are left out.
 */
export function kpiFindings(
  kpis: readonly Kpi[],
  observations: Observations,
  periods: Periods,
): readonly Finding[] {
  return kpis.flatMap((kpi) => {
    const series = seriesOf(kpi, observations.series);
    if (!series) return [];
    const now = finite(valuesIn(series.points, periods.during));
    const expectation = expected(series, periods, now.length);
    if (!expectation || now.length === 0) return [];
    return [findingOf(kpi, series, now, expectation, observations, periods.during)];
  });
}

/** The KPI as one series: a metric split by country or product counts as their sum. */
function seriesOf(kpi: Kpi, all: readonly Series[]): Series | null {
  const named = all.filter((series) => series.metric === kpi.metric);
  const services = kpi.service
    ? matchServices(
        kpi.service,
        named.map((series) => series.service),
      )
    : [];
  const own = named.filter((series) => services.includes(series.service));
  const parts = (own.length > 0 ? own : named).map(asRate);
  const [first] = parts;
  return !first || parts.length === 1 ? (first ?? null) : joined(first, parts, isRate(kpi));
}

/** A share of something rather than a count of it. */
function isRate(kpi: Kpi): boolean {
  const words = [...wordsOf(kpi.metric), kpi.unit ?? ""];
  return words.some((word) => /^(?:%|rate|ratio|percent|percentage|pct)$/.test(word));
}

function joined(first: Series, parts: readonly Series[], isMean: boolean): Series {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { points } of parts) {
    for (let i = 0; i < points.times.length; i++) {
      const value = points.values[i]!;
      if (!Number.isFinite(value)) continue;
      const known = sums.get(points.times[i]!) ?? { sum: 0, count: 0 };
      sums.set(points.times[i]!, { sum: known.sum + value, count: known.count + 1 });
    }
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  return {
    ...first,
    resource: null,
    points: {
      times: Float64Array.from(sorted, ([at]) => at),
      values: Float64Array.from(sorted, ([, { sum, count }]) => (isMean ? sum / count : sum)),
    },
  };
}

function expected(series: Series, periods: Periods, length: number): Expectation | null {
  const history = finite(valuesIn(series.points, periods.baseline));
  const local = finite(localValues(series.points, periods));
  const past = history.length >= 2 ? history : local;
  if (past.length < 2 || length === 0) return null;
  const level = phaseLevel(series.points, periods) ?? robustMean(local.length >= 4 ? local : past);
  return { perPoint: level, error: errorOfMean(past, length) };
}

/** Mean of the middle: KPIs are sums, which a median would misstate for skewed counts. */
function robustMean(values: Float64Array): number {
  const low = quantile(values, 0.05);
  const high = quantile(values, 0.95);
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value < low || value > high) continue;
    sum += value;
    count++;
  }
  return count > 0 ? sum / count : median(values);
}

/** How much means of as many neighbouring points scatter in normal time. */
function errorOfMean(past: Float64Array, length: number): number {
  const block = Math.max(1, Math.min(length, Math.floor(past.length / 6)));
  const count = Math.floor(past.length / block);
  const means = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < block; k++) means[i]! += past[i * block + k]! / block;
  }
  const single = summarise(past).noise / Math.sqrt(block);
  const scatter = Math.max(summarise(means).noise || 0, single);
  return (
    scatter * Math.sqrt(block / length) * Math.sqrt(1 + length / Math.min(past.length, length))
  );
}

function findingOf(
  kpi: Kpi,
  series: Series,
  now: Float64Array,
  expectation: Expectation,
  observations: Observations,
  during: Window,
): Finding {
  let sum = 0;
  for (const value of now) sum += value;
  const isMean = isRate(kpi);
  const count = isMean ? 1 : now.length;
  const actual = isMean ? sum / now.length : sum;
  const wanted = expectation.perPoint * count;
  const sign = kpi.direction === "up-is-good" ? 1 : -1;
  const lost = (wanted - actual) * sign;
  const spread = 1.96 * expectation.error * count;
  // What is counted cannot be less than nothing, however wide its scatter.
  const least = series.points.values.every((value) => !(value < 0)) ? 0 : -Infinity;
  const usualLow = Math.max(wanted - spread, least);
  const unit = kpi.unit ?? series.unit ?? "";
  const key = `kpi:${kpi.name}`;
  const loss: KpiLoss = {
    kpi: kpi.name,
    service: series.service || (kpi.service ?? null),
    expected: wanted,
    actual,
    lost,
    lostInterval: [lost - spread, lost + spread],
    lostValue: kpi.valuePerUnit === undefined ? null : lost * kpi.valuePerUnit,
    currency: kpi.currency ?? null,
    unit,
    findings: [key],
  };
  const isLoss = lost - spread > 0;
  const params = {
    kpi: named(kpi.name),
    actual: quantity(actual, unit),
    expected: quantity(wanted, unit),
    since: toIso(during.from).slice(11, 16),
    lost: quantity(lost, unit),
    low: quantity(isLoss ? lost - spread : usualLow, unit),
    high: quantity(isLoss ? lost + spread : wanted + spread, unit),
  };
  return {
    key,
    layer: "business",
    kind: "kpi",
    service: series.service,
    ...say(isLoss ? "finding.kpi" : "finding.kpi-normal", params),
    value: actual,
    unit,
    baseline: wanted,
    effect: wanted > 0 ? lost / wanted : 0,
    effectKind: "share",
    interval: [usualLow, wanted + spread],
    window: during,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: isLoss ? 0.8 : 0.2,
    facts: { kpiLoss: loss },
    chart: chartOf(series, drawnSpan(observations), unit || null),
  };
}
