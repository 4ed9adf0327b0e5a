import type { Series } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import type { CallGraph } from "../call-graph.ts";
import { indexAt, valuesIn } from "../statistics/period.ts";
import { finite, median, summarise } from "../statistics/robust.ts";
import { meaningOf } from "./metric-meaning.ts";
import { type ErrorSeries, failingShare, type RedSignals } from "./red-signals.ts";
import { localValues, type Periods } from "./shift.ts";

/**
 * What a service lost during the incident: seconds of waiting or failed requests above normal.
 * Losses of callers contain those of their callees, so `self` takes the callees' share away: it
 * says where the loss is made, not where it is loud.
 */
export interface ExcessMass {
  readonly service: string;
  readonly total: number;
  readonly self: number;
  /** Part of `self` that is the service's doing through a callee it never called before. */
  readonly byNewCallee: readonly string[];
  /** Requests that the mass was summed over. */
  readonly requests: number;
  /** What the same requests would have cost at the usual level. */
  readonly usual: number;
}

interface Mass {
  readonly total: number;
  readonly requests: number;
  readonly usual: number;
  /** Requests per point in normal time; 0 means never called before. */
  readonly usualRequests: number;
}

type MassOf = (signals: RedSignals, periods: Periods) => Mass | null;

/** Latency mass in ms × requests (in the series' own unit where that is unknown), per service, largest self mass first. */
export function latencyMass(
  signals: ReadonlyMap<string, RedSignals>,
  graph: CallGraph,
  periods: Periods,
): readonly ExcessMass[] {
  return attribute(signals, graph, periods, latencyMassOf);
}

/** Failed requests above normal, per service, largest self mass first. */
export function errorMass(
  signals: ReadonlyMap<string, RedSignals>,
  graph: CallGraph,
  periods: Periods,
): readonly ExcessMass[] {
  return attribute(signals, graph, periods, errorMassOf);
}

function attribute(
  signals: ReadonlyMap<string, RedSignals>,
  graph: CallGraph,
  periods: Periods,
  massOf: MassOf,
): readonly ExcessMass[] {
  const masses = new Map<string, Mass>();
  for (const [service, red] of signals) {
    const mass = massOf(red, periods);
    if (mass) masses.set(service, mass);
  }
  const self = new Map<string, number>();
  const blamed = new Map<string, string[]>();
  for (const [service, mass] of masses) {
    const passedOn = [...(graph.callees.get(service) ?? [])].reduce(
      (sum, callee) => sum + shareOf(service, callee, masses, graph),
      0,
    );
    self.set(service, Math.max(0, mass.total - passedOn));
  }
  blameNewCallees(masses, graph, self, blamed);
  return [...masses]
    .map(([service, mass]) => ({
      service,
      total: mass.total,
      self: self.get(service) ?? 0,
      byNewCallee: blamed.get(service) ?? [],
      requests: mass.requests,
      usual: mass.usual,
    }))
    .sort((a, b) => b.self - a.self);
}

/** A callee's mass, divided among its callers in proportion to what they suffer themselves. */
function shareOf(
  caller: string,
  callee: string,
  masses: ReadonlyMap<string, Mass>,
  graph: CallGraph,
): number {
  const mass = masses.get(callee);
  if (!mass || mass.total <= 0) return 0;
  let suffering = 0;
  for (const other of graph.callers.get(callee) ?? []) suffering += masses.get(other)?.total ?? 0;
  const own = masses.get(caller)?.total ?? 0;
  return suffering > 0 ? (mass.total * own) / suffering : 0;
}

/** Losses at a callee that was never called before are made by whoever began to call it. */
function blameNewCallees(
  masses: ReadonlyMap<string, Mass>,
  graph: CallGraph,
  self: Map<string, number>,
  blamed: Map<string, string[]>,
): void {
  for (const [service, mass] of masses) {
    if (mass.usualRequests > 0 || mass.total <= 0) continue;
    const callers = [...(graph.callers.get(service) ?? [])].filter((name) => masses.has(name));
    const caller = callers.sort((a, b) => masses.get(b)!.total - masses.get(a)!.total)[0];
    if (!caller) continue;
    self.set(caller, (self.get(caller) ?? 0) + (self.get(service) ?? 0));
    self.set(service, 0);
    blamed.set(caller, [...(blamed.get(caller) ?? []), service]);
  }
}

function latencyMassOf(red: RedSignals, periods: Periods): Mass | null {
  const latency = red.latency;
  if (!latency) return null;
  const scale = msPer[meaningOf(latency).unit ?? "ms"] ?? 1;
  return massAbove(scaled(latency, scale), red.requests, periods);
}

/** A balancer that counts seconds calls services that count milliseconds. */
const msPer: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

function scaled(series: Series, scale: number): Series {
  const { times, values } = series.points;
  return scale === 1
    ? series
    : { ...series, points: { times, values: values.map((v) => v * scale) } };
}

function errorMassOf(red: RedSignals, periods: Periods): Mass | null {
  const errors = red.errors;
  if (!errors) return null;
  const shares = shareSeries(errors, red.requests);
  return shares && massAbove(shares, red.requests, periods);
}

/** What the requests of the incident cost above the usual level and its scatter. */
function massAbove(series: Series, requests: Series | null, periods: Periods): Mass {
  const { level, noise, spill } = normalOf(series, periods);
  const { sum, count } = sumOver(series, requests, periods.during, (value) =>
    Math.max(0, value - level - noise),
  );
  return {
    total: Math.max(0, sum - spill * count),
    requests: count,
    usual: level * count,
    usualRequests: usualRate(requests, periods),
  };
}

/**
 * Level just before the incident, else in the baseline; scatter of the baseline, and `spill`: how
 * far its values reach above level and scatter on average, since normal time does so too. A new
 * callee has no past to compare with: all of its time is new.
 */
function normalOf(
  series: Series,
  periods: Periods,
): { level: number; noise: number; spill: number } {
  const local = finite(localValues(series.points, periods));
  const wide = finite(valuesIn(series.points, periods.baseline));
  const past = wide.length >= 6 ? wide : local;
  const { median: middle, noise, high } = summarise(past);
  const level = local.length >= 2 ? median(local) : median(wide);
  if (!Number.isFinite(level)) return { level: 0, noise: 0, spill: 0 };
  if (!Number.isFinite(noise)) return { level, noise: 0, spill: 0 };
  // A burst of normal time, such as a cold start, must not excuse an incident.
  const above = past.reduce(
    (sum, value) => sum + Math.max(0, Math.min(value, high) - middle - noise),
    0,
  );
  return { level, noise, spill: above / past.length };
}

function usualRate(requests: Series | null, periods: Periods): number {
  if (!requests) return 1;
  const local = finite(localValues(requests.points, periods));
  const wide = finite(valuesIn(requests.points, periods.baseline), 2000);
  let sum = 0;
  for (const value of local) sum += value;
  for (const value of wide) sum += value;
  return local.length + wide.length === 0 ? 0 : sum / (local.length + wide.length);
}

function sumOver(
  series: Series,
  requests: Series | null,
  during: Window,
  excess: (value: number) => number,
): { readonly sum: number; readonly count: number } {
  const { times, values } = series.points;
  const to = indexAt(times, during.to);
  let sum = 0;
  let count = 0;
  for (let i = indexAt(times, during.from); i < to; i++) {
    const above = excess(values[i]!);
    const weight = requests ? valueAt(requests, times[i]!) : 1;
    if (!Number.isFinite(above) || !Number.isFinite(weight)) continue;
    count += weight;
    sum += above * weight;
  }
  return { sum, count };
}

/** Value of the last point at or before a time. */
function valueAt(series: Series, at: number): number {
  const index = indexAt(series.points.times, at + 1) - 1;
  return index < 0 ? Number.NaN : series.points.values[index]!;
}

/** Failing share over time, whatever form the errors are reported in. */
export function shareSeries(errors: ErrorSeries, requests: Series | null): Series | null {
  if (errors.form === "count" && !requests) return null;
  const { times, values } = errors.series.points;
  const shares = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const weight = errors.form === "count" && requests ? valueAt(requests, times[i]!) : 1;
    shares[i] = failingShare(errors, values[i]!, weight);
  }
  return { ...errors.series, points: { times, values: shares } };
}
