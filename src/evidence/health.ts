import type { Finding } from "../core/evidence.ts";
import type { ServiceHealth } from "../core/impact.ts";
import type { Slo } from "../core/objectives.ts";
import type { Observations, OperationStats, Series } from "../core/rows.ts";
import type { Window } from "../core/window.ts";
import { shareSeries } from "./metrics/excess-mass.ts";
import { missedLatency } from "./metrics/missed-latency.ts";
import { type RedSignals, redSignals } from "./metrics/red-signals.ts";
import { type Periods, shiftOf } from "./metrics/shift.ts";
import { digits, percent } from "./quantity.ts";
import { named, say } from "./statement.ts";
import { valuesIn } from "./statistics/period.ts";
import { finite } from "./statistics/robust.ts";

/** Below this a longer duration is not worth a sentence. */
const noticeableSlowdown = 1.2;
/** A share of fewer requests is chance. */
const requestsMin = 5;
/** A meter by which nearly every request fails in normal operation counts something else. */
const brokenMeterShare = 0.98;

/**
 * How the requests of each service fared. Counters are exact and reach back to onset, so they win
 * where a service has them; spans, which may be sampled, stand in otherwise. Services of which
 * neither says anything are left out: a later, fuller look must not find their place taken. An
 * objective on latency that is missed says how slow the service is for those whom the team promised
 * it to: over all requests, a slow page drowns among requests that always take long.
 */
export function serviceHealth(
  observations: Observations,
  periods: Periods,
  slos: readonly Slo[] = [],
): readonly ServiceHealth[] {
  const byService = new Map(
    healthFromSpans(observations).map((item) => [item.service, withoutBrokenMeter(item)] as const),
  );
  for (const signals of redSignals(observations.series).values()) {
    const counted = withoutBrokenMeter(healthFromMetrics(signals, periods));
    const traced = byService.get(signals.service);
    if (!traced || counted.failedShare !== null) {
      byService.set(signals.service, {
        ...counted,
        slowdown: traced?.slowdown ?? counted.slowdown,
      });
    }
  }
  for (const { service, slowdown } of missedLatency(slos, observations, periods)) {
    const known = byService.get(service) ?? { ...unmeasured, service };
    byService.set(service, { ...known, slowdown: Math.max(known.slowdown ?? 1, slowdown) });
  }
  return [...byService.values()].filter(
    (item) => item.failedShare !== null || (item.slowdown ?? 1) >= noticeableSlowdown,
  );
}

/** No share is better than a wrong one: what always fails by its meter has no meter. */
function withoutBrokenMeter(health: ServiceHealth): ServiceHealth {
  return (health.baselineFailedShare ?? 0) >= brokenMeterShare
    ? { ...health, failedShare: null, baselineFailedShare: null }
    : health;
}

const unmeasured = {
  requests: null,
  failedShare: null,
  baselineFailedShare: null,
  slowdown: null,
  trafficRatio: null,
  findings: [],
} satisfies Omit<ServiceHealth, "service">;

/**
 * `value` and `baseline` are shares of failed requests, 0..1; both are absent when nobody counted.
 * `facts` carries the numbers on to the priority.
 */
export function healthFinding(health: ServiceHealth, observations: Observations): Finding {
  return {
    key: `health:${health.service}`,
    layer: "application",
    kind: "anomaly",
    service: health.service,
    ...healthStatement(health),
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

/** What is said depends on what is known: that nothing fails is no share of 0%. */
function healthStatement({ service, failedShare, baselineFailedShare, slowdown }: ServiceHealth) {
  const name = { service: named(service) };
  const times = slowdown !== null && slowdown > noticeableSlowdown ? digits(slowdown) : null;
  if (failedShare === null) {
    return times === null
      ? say("finding.health-unknown", name)
      : say("finding.health-slow-only", { ...name, times });
  }
  if (failedShare === 0 && !baselineFailedShare) {
    return times === null
      ? say("finding.health-fine", name)
      : say("finding.health-slow", { ...name, times });
  }
  return say("finding.health", {
    ...name,
    failing: percent(failedShare),
    usual: baselineFailedShare === null ? "unknown" : percent(baselineFailedShare),
    slow: times === null ? "" : `, and take ${times} times as long`,
  });
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
  const latency = signals.latency ? shiftOf(signals.latency, periods) : null;
  const traffic = signals.requests ? shiftOf(signals.requests, periods) : null;
  return {
    service: signals.service,
    requests: signals.requests ? sumIn(signals.requests, periods.during) : null,
    failedShare: failedIn(signals, periods.during),
    baselineFailedShare: failedIn(signals, periods.baseline),
    slowdown: latency && latency.before > 0 ? latency.during / latency.before : null,
    trafficRatio: traffic && traffic.before > 0 ? traffic.during / traffic.before : null,
    findings: [],
  };
}

/** Failed over all requests of a period: a mean, since short full outages must weigh too. */
function failedIn({ errors, requests }: RedSignals, period: Window): number | null {
  if (!errors) return null;
  if (errors.form === "count") {
    const all = requests ? sumIn(requests, period) : 0;
    return all < requestsMin ? null : clamp(sumIn(errors.series, period) / all);
  }
  const shares = shareSeries(errors, requests);
  const values = shares ? finite(valuesIn(shares.points, period)) : new Float64Array();
  return values.length === 0 ? null : clamp(values.reduce((a, b) => a + b, 0) / values.length);
}

function sumIn(series: Series, period: Window): number {
  return finite(valuesIn(series.points, period)).reduce((sum, value) => sum + value, 0);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
