import type { Finding } from "../../core/evidence.ts";
import type { SloStatus } from "../../core/impact.ts";
import type { Slo } from "../../core/objectives.ts";
import type { Observations, Series } from "../../core/rows.ts";
import type { EpochMs } from "../../core/window.ts";
import { matchServices } from "../call-graph.ts";
import { failingShare, redSignals } from "../metrics/red-signals.ts";
import { asRate } from "../metrics/shift.ts";
import { digits, percent, quantity } from "../quantity.ts";
import { named, say } from "../statement.ts";
import { indexAt, stepOf } from "../statistics/period.ts";

/**
 * Long and short windows with the burn rate that pages or tickets: SRE Workbook, chapter 5, table
 * "Recommended time windows and burn rates" (for an objective of 30 days).
 */
const alertWindows = [
  { longMs: 3_600_000, shortMs: 300_000, burn: 14.4 },
  { longMs: 6 * 3_600_000, shortMs: 1_800_000, burn: 6 },
  { longMs: 72 * 3_600_000, shortMs: 6 * 3_600_000, burn: 1 },
] as const;
const dayMs = 86_400_000;

export interface BurnRate {
  readonly longMs: number;
  readonly shortMs: number;
  /** Bad share over each window, divided by the budget `1 - target`. */
  readonly long: number;
  readonly short: number;
  /** Both windows exceed the rate that should alert. */
  readonly isAlerting: boolean;
}

/** Good and bad events per point. */
interface Events {
  readonly times: Float64Array;
  readonly bad: Float64Array;
  readonly total: Float64Array;
}

/** Where each objective stands, as status and finding; objectives without data are left out. */
export function sloFindings(slos: readonly Slo[], observations: Observations): readonly Finding[] {
  return slos.flatMap((slo) => {
    const events = eventsOf(slo, observations);
    if (!events || events.times.length === 0) return [];
    const until = events.times[events.times.length - 1]! + 1;
    const rates = burnRates(events, slo, Math.min(until, observations.window.to));
    const worst = [...rates].sort(
      (a, b) => Number(b.isAlerting) - Number(a.isAlerting) || b.long - a.long,
    )[0];
    if (!worst) return [];
    const left = budgetLeft(events, slo);
    const key = `slo:${slo.name}`;
    const status: SloStatus = {
      name: slo.name,
      service: slo.service,
      target: slo.target,
      burnRate: worst.long,
      budgetLeft: left,
      findings: [key],
    };
    return [
      {
        key,
        layer: "business",
        kind: "slo",
        service: slo.service,
        ...say("finding.slo", {
          slo: named(slo.name),
          burn: digits(worst.long),
          long: quantity(worst.longMs, "ms"),
          short: quantity(worst.shortMs, "ms"),
          burnShort: digits(worst.short),
          left: percent(left),
        }),
        value: worst.long,
        unit: "times",
        window: observations.window,
        provenance: [
          ...(observations.provenance["metric-series"] ?? []),
          ...(observations.provenance["span-series"] ?? []),
        ].slice(0, 2),
        weight: worst.isAlerting ? 0.6 : 0.2,
        facts: { sloStatus: status },
      } satisfies Finding,
    ];
  });
}

/** Burn rates over the windows of the workbook, as far as the data reaches back. */
export function burnRates(events: Events, slo: Slo, until: EpochMs): readonly BurnRate[] {
  const budget = Math.max(1e-9, 1 - slo.target);
  const first = events.times[0] ?? until;
  const found = alertWindows
    .filter((window, at) => at === 0 || until - first >= window.longMs * 0.9)
    .map((window) => {
      const long = badShare(events, until - window.longMs, until) / budget;
      const short = badShare(events, until - window.shortMs, until) / budget;
      return {
        longMs: Math.min(window.longMs, until - first),
        shortMs: window.shortMs,
        long,
        short,
        isAlerting: Math.min(long, short) >= window.burn - 1e-9,
      };
    });
  return found.filter((rate) => Number.isFinite(rate.long));
}

function badShare(events: Events, from: EpochMs, to: EpochMs): number {
  let bad = 0;
  let total = 0;
  const end = indexAt(events.times, to);
  for (let i = indexAt(events.times, from); i < end; i++) {
    bad += events.bad[i]!;
    total += events.total[i]!;
  }
  return total > 0 ? bad / total : Number.NaN;
}

/** Budget left if traffic stays as seen: bad events so far over what the objective allows. */
function budgetLeft(events: Events, slo: Slo): number {
  const n = events.times.length;
  const seenMs = events.times[n - 1]! - events.times[0]! + (stepOf(events.times) || 0);
  let bad = 0;
  let total = 0;
  for (let i = 0; i < n; i++) {
    bad += events.bad[i]!;
    total += events.total[i]!;
  }
  if (!(total > 0) || !(seenMs > 0)) return 1;
  const allowed = (total / seenMs) * slo.windowDays * dayMs * (1 - slo.target);
  return allowed > 0 ? 1 - bad / allowed : bad > 0 ? 0 : 1;
}

/** Events from the metrics the objective names, else from the service's own error signals. */
function eventsOf(slo: Slo, observations: Observations): Events | null {
  const series = observations.series.map(asRateOnce);
  const find = (metric: string | undefined) =>
    metric
      ? (series.find((item) => item.metric === metric && item.service === slo.service) ??
        series.find((item) => item.metric === metric) ??
        null)
      : null;
  if (slo.kind === "latency") return latencyEvents(find(slo.metric), slo.thresholdMs);
  const total = find(slo.totalMetric);
  const good = find(slo.goodMetric);
  const bad = find(slo.badMetric);
  if (total && (good || bad)) return counted(total, good, bad);
  if (good && bad) return counted(null, good, bad);
  return spanEvents(slo, observations) ?? signalEvents(slo, observations);
}

function asRateOnce(series: Series): Series {
  return asRate(series);
}

function counted(total: Series | null, good: Series | null, bad: Series | null): Events {
  const base = (total ?? good ?? bad)!;
  const { times } = base.points;
  const at = (series: Series | null, i: number) => {
    if (!series) return Number.NaN;
    const index = indexAt(series.points.times, times[i]! + 1) - 1;
    return index < 0 ? 0 : series.points.values[index]!;
  };
  const totals = Float64Array.from(times, (_, i) =>
    total ? at(total, i) : at(good, i) + at(bad, i),
  );
  const bads = Float64Array.from(times, (_, i) =>
    Math.max(0, bad ? at(bad, i) : totals[i]! - at(good, i)),
  );
  return { times, bad: bads, total: totals };
}

/** A point above the threshold is a bad point: without a histogram no finer count exists. */
function latencyEvents(series: Series | null, thresholdMs: number | undefined): Events | null {
  if (!series || thresholdMs === undefined) return null;
  const scale = series.unit === "s" || series.unit === "seconds" ? 1000 : 1;
  const { times, values } = series.points;
  return {
    times,
    bad: values.map((value) => (value * scale > thresholdMs ? 1 : 0)),
    total: values.map((value) => (Number.isFinite(value) ? 1 : 0)),
  };
}

function spanEvents(slo: Slo, { spanSeries }: Observations): Events | null {
  const own = spanSeries.filter((item) => item.service === slo.service);
  const total = own.find((item) => /request/.test(item.metric));
  const bad = own.find((item) => /error/.test(item.metric));
  return total && bad ? counted(total, null, bad) : null;
}

function signalEvents(slo: Slo, { series }: Observations): Events | null {
  const signals = redSignals(series);
  const name = matchServices(slo.service, signals.keys())[0];
  const red = name === undefined ? undefined : signals.get(name);
  if (!red?.errors) return null;
  const { errors, requests } = red;
  const { times, values } = errors.series.points;
  const total = Float64Array.from(times, (at) => {
    if (!requests) return 1;
    const index = indexAt(requests.points.times, at + 1) - 1;
    return index < 0 ? 0 : requests.points.values[index]!;
  });
  const bad = Float64Array.from(values, (value, i) => {
    const share = failingShare(errors, value, total[i]!);
    return Number.isFinite(share) ? share * total[i]! : 0;
  });
  return { times, bad, total };
}
