import type { Finding } from "../core/evidence.ts";
import type { ServiceHealth } from "../core/impact.ts";
import type { Observations, OperationStats, Series } from "../core/rows.ts";
import { shareSeries } from "./excess-mass.ts";
import { valuesIn } from "./period.ts";
import { percent, quantity } from "./quantity.ts";
import { type RedSignals, redSignals } from "./red-signals.ts";
import { median } from "./robust.ts";
import { localValues, type Periods, shiftOf } from "./shift.ts";
import { named, say } from "./statement.ts";

/** How the requests of each service fared, from spans where there are any, else from metrics. */
export function serviceHealth(
  observations: Observations,
  periods: Periods,
): readonly ServiceHealth[] {
  const spans = healthFromSpans(observations);
  const known = new Set(spans.map((item) => item.service));
  const metrics = [...redSignals(observations.series).values()]
    .filter((signals) => !known.has(signals.service))
    .map((signals) => healthFromMetrics(signals, periods));
  return [...spans, ...metrics].filter(
    (item) => item.failedShare !== null || item.slowdown !== null || item.trafficRatio !== null,
  );
}

export function healthFinding(health: ServiceHealth, observations: Observations): Finding {
  const slow =
    health.slowdown !== null && health.slowdown > 1.2
      ? `, and take ${quantity(health.slowdown, null)} times as long`
      : "";
  return {
    key: `health:${health.service}`,
    layer: "application",
    kind: "anomaly",
    service: health.service,
    ...say("finding.health", {
      service: named(health.service),
      failing: health.failedShare === null ? "an unknown share" : percent(health.failedShare),
      usual: health.baselineFailedShare === null ? "unknown" : percent(health.baselineFailedShare),
      slow,
    }),
    ...(health.failedShare !== null ? { value: health.failedShare, unit: "ratio" } : {}),
    ...(health.baselineFailedShare !== null ? { baseline: health.baselineFailedShare } : {}),
    window: observations.window,
    provenance: [
      ...(observations.provenance["operation-stats"] ?? []),
      ...(observations.provenance["metric-series"] ?? []),
    ].slice(0, 2),
    weight: 0.3,
    facts: { health: [{ ...health, findings: [`health:${health.service}`] }] },
  };
}

/**
 * Requests of a service are its entry spans: server spans where kinds are known, otherwise the
 * operation with the most calls stands for them.
 */
function healthFromSpans(observations: Observations): readonly ServiceHealth[] {
  const byService = new Map<string, OperationStats[]>();
  for (const operation of observations.operations) {
    const list = byService.get(operation.service);
    if (list) list.push(operation);
    else byService.set(operation.service, [operation]);
  }
  const minutes = (from: number, to: number) => Math.max(1, to - from) / 60_000;
  const { window, baseline } = observations;
  const perMinute = minutes(baseline.from, baseline.to) / minutes(window.from, window.to);
  return [...byService].map(([service, all]) => {
    const server = all.filter((item) => /server|consumer/i.test(item.spanKind ?? ""));
    const entries = server.length > 0 ? server : all;
    const total = (pick: (item: OperationStats) => number) =>
      entries.reduce((sum, item) => sum + pick(item), 0);
    const now = total((item) => item.window.count);
    const usual = total((item) => item.baseline.count);
    return {
      service,
      requests: now,
      failedShare: now > 0 ? total((item) => item.window.errors) / now : null,
      baselineFailedShare: usual > 0 ? total((item) => item.baseline.errors) / usual : null,
      slowdown: slowdownOf(entries),
      trafficRatio: usual > 0 ? (now / usual) * perMinute : null,
      findings: [],
    };
  });
}

/** p95 now over p95 then, each operation weighing by its calls. */
function slowdownOf(entries: readonly OperationStats[]): number | null {
  let now = 0;
  let usual = 0;
  for (const { window, baseline } of entries) {
    if (window.count === 0 || baseline.count === 0) continue;
    now += window.p95Ms * window.count;
    usual += baseline.p95Ms * window.count;
  }
  return usual > 0 ? now / usual : null;
}

function healthFromMetrics(signals: RedSignals, periods: Periods): ServiceHealth {
  const shares = signals.errors ? shareSeries(signals.errors, signals.requests) : null;
  const latency = signals.latency ? shiftOf(signals.latency, periods) : null;
  const traffic = signals.requests ? shiftOf(signals.requests, periods) : null;
  return {
    service: signals.service,
    requests: signals.requests ? sumIn(signals.requests, periods) : null,
    failedShare: shares ? level(valuesIn(shares.points, periods.during)) : null,
    baselineFailedShare: shares ? usualLevel(shares, periods) : null,
    slowdown: latency && latency.before > 0 ? latency.during / latency.before : null,
    trafficRatio: traffic && traffic.before > 0 ? traffic.during / traffic.before : null,
    findings: [],
  };
}

function usualLevel(series: Series, periods: Periods): number | null {
  const local = localValues(series.points, periods);
  return level(local.length >= 2 ? local : valuesIn(series.points, periods.baseline));
}

function sumIn(series: Series, periods: Periods): number {
  let total = 0;
  for (const value of valuesIn(series.points, periods.during)) {
    if (Number.isFinite(value)) total += value;
  }
  return total;
}

function level(values: Float64Array): number | null {
  const middle = median(values);
  return Number.isFinite(middle) ? Math.min(1, Math.max(0, middle)) : null;
}
