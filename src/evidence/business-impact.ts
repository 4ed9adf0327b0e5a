import type { Finding } from "../core/evidence.ts";
import type { KpiLoss } from "../core/impact.ts";
import type { Kpi } from "../core/objectives.ts";
import type { Observations, Series } from "../core/rows.ts";
import { toIso, type Window } from "../core/window.ts";
import { drawnSpan } from "./anomaly-findings.ts";
import { matchServices } from "./call-graph.ts";
import { chartOf } from "./chart-lines.ts";
import { valuesIn } from "./period.ts";
import { quantity } from "./quantity.ts";
import { finite, median, quantile, summarise } from "./robust.ts";
import { phaseLevel } from "./seasonality.ts";
import { asRate, localValues, type Periods } from "./shift.ts";
import { named, say } from "./statement.ts";

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
    const raw = seriesOf(kpi, observations.series);
    if (!raw) return [];
    const series = asRate(raw);
    const now = finite(valuesIn(series.points, periods.during));
    const expectation = expected(series, periods, now.length);
    if (!expectation || now.length === 0) return [];
    return [findingOf(kpi, series, now, expectation, observations, periods.during)];
  });
}

function seriesOf(kpi: Kpi, all: readonly Series[]): Series | null {
  const named = all.filter((series) => series.metric === kpi.metric);
  if (!kpi.service) return named[0] ?? null;
  const services = matchServices(
    kpi.service,
    named.map((series) => series.service),
  );
  return named.find((series) => services.includes(series.service)) ?? named[0] ?? null;
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
  const scatter = summarise(means).noise || summarise(past).noise / Math.sqrt(block);
  return scatter * Math.sqrt(block / length) * Math.sqrt(1 + length / past.length);
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
  const isRate = kpi.unit === "%" || kpi.unit === "ratio" || /rate|ratio|percent/.test(kpi.metric);
  const count = isRate ? 1 : now.length;
  const actual = isRate ? sum / now.length : sum;
  const wanted = expectation.perPoint * count;
  const sign = kpi.direction === "up-is-good" ? 1 : -1;
  const lost = (wanted - actual) * sign;
  const spread = 1.96 * expectation.error * count;
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
    low: quantity(isLoss ? lost - spread : wanted - spread, unit),
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
    interval: [wanted - spread, wanted + spread],
    window: during,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: isLoss ? 0.8 : 0.2,
    facts: { kpiLoss: loss },
    chart: chartOf(series, drawnSpan(observations), unit || null),
  };
}
