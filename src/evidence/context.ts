import type { Alarm } from "../core/alarm.ts";
import type { Kpi, Slo } from "../core/objectives.ts";
import type { Observations, Series } from "../core/rows.ts";
import { lengthMs, type Window } from "../core/window.ts";
import { buildCallGraph, type CallGraph, distances, matchServices } from "./call-graph.ts";
import { type OwnWork, ownWork } from "./causes/own-work.ts";
import { type IncidentOnset, incidentOnset } from "./incident-onset.ts";
import { type LogShift, logShifts } from "./logs/shifts.ts";
import { type ProcessLife, processLives } from "./metrics/process-life.ts";
import { type Periods, periodsOf, type Shift, shiftOf } from "./metrics/shift.ts";
import { type Amplification, findAmplification } from "./traces/amplification.ts";
import { type CriticalPaths, criticalPaths } from "./traces/critical-path.ts";
import { type TraceShifts, traceShifts } from "./traces/shifts.ts";

/** Everything computed once from the observations and shared by all that conclude from it. */
export interface DiagnosisContext {
  readonly alarm: Alarm;
  /** The alarm's own signal stays within its noise, so that it tells neither when nor what. */
  readonly isAlarmQuiet: boolean;
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
  readonly observations: Observations;
  readonly periods: Periods;
  readonly onset: IncidentOnset | null;
  readonly graph: CallGraph;
  /** Services that the telemetry knows. */
  readonly services: ReadonlySet<string>;
  /** Nodes that the alarm's service name stands for. */
  readonly entry: readonly string[];
  /** Calls from the entry down to a service; absent when the alarm's service does not reach it. */
  readonly depth: ReadonlyMap<string, number>;
  /** Series that moved notably, strongest first; traffic and unknown ones included. */
  readonly shifts: readonly Shift[];
  readonly logs: readonly LogShift[];
  readonly traces: TraceShifts;
  /** What requests waited for, in a sample; null without traces of both periods. */
  readonly critical: CriticalPaths | null;
  /** Edges on which one request makes more calls than it used to. */
  readonly amplified: readonly Amplification[];
  /** Services that leak or do not stay up. */
  readonly lives: readonly ProcessLife[];
  /** Jobs that began around the onset. */
  readonly works: readonly OwnWork[];
}

export interface DiagnosisInput {
  readonly observations: Observations;
  readonly alarm: Alarm;
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
}

/** Series made of log lines and spans have about this many points over the window. */
const binsPerWindow = 120;
/** Moves smaller than this many scatters are normal life. */
const deviationsMin = 2;

/**
 * The costly part of a diagnosis: every series and pattern is compared here, once. Where the
 * alarm's own signal shows an onset, the incident's time is cut to it.
 */
export function buildContext(input: DiagnosisInput, isAlarmQuiet = false): DiagnosisContext {
  const { observations, alarm } = input;
  const graph = buildCallGraph(observations.topology, observations.edges);
  const services = knownServices(observations);
  const entry = matchServices(alarm.service, services);
  const lastsUntil = observations.window.from;
  const onset = incidentOnset({
    ...observations,
    alarm: isAlarmQuiet ? { ...alarm, metric: null } : alarm,
    ...{ window: lookedAt(observations), lastsUntil },
  });
  const periods = periodsFor(observations, onset);
  return {
    ...input,
    isAlarmQuiet,
    periods,
    onset,
    graph,
    services,
    entry,
    depth: distances(entry, graph.callees),
    shifts: allShifts([...observations.series, ...observations.spanSeries], periods),
    logs: logShifts({
      patterns: observations.logPatterns,
      operations: observations.operations,
      window: recordedWindow(observations),
      baseline: loggedBaseline(observations),
    }),
    traces: traceShifts(observations.operations, observations.edges),
    critical: criticalPaths(observations.traceSample),
    amplified: findAmplification(observations),
    lives: processLives(observations),
    works: ownWork(observations, onset?.at ?? null),
  };
}

/**
 * The part of normal time that has log lines at all: a rate per hour over hours in which nothing
 * was recorded would make every line look more frequent now.
 */
function loggedBaseline({ baseline, logVolume }: Observations): Window {
  let first = baseline.to;
  for (const { points } of logVolume) {
    const at = points.times.find((time) => time >= baseline.from && time < baseline.to);
    if (at !== undefined) first = Math.min(first, at);
  }
  return first < baseline.to ? { from: first, to: baseline.to } : baseline;
}

/**
 * The window as far as anything was recorded: it may reach past the end of what was kept, and a rate
 * over hours without records would make every line look rarer now.
 */
function recordedWindow({ window, series, spanSeries, logVolume }: Observations): Window {
  let last = window.from;
  for (const { points } of [...series, ...spanSeries, ...logVolume]) {
    last = Math.max(last, points.times.findLast((time) => time < window.to) ?? last);
  }
  const bin = lengthMs(window) / binsPerWindow;
  return last > window.from ? { from: window.from, to: Math.min(window.to, last + bin) } : window;
}

/** Where an onset is looked for: the window, and normal time right before it where it adjoins. */
function lookedAt({ window, baseline }: Observations): Window {
  const adjoins = baseline.to <= window.from && window.from - baseline.to < lengthMs(window);
  return adjoins
    ? { from: Math.max(baseline.from, window.from - lengthMs(window)), to: window.to }
    : window;
}

/**
 * Incident time as the alarm's own signal shows it, since a window usually begins before the
 * incident and may end after it; otherwise the whole window.
 */
function periodsFor({ window, baseline }: Observations, onset: IncidentOnset | null): Periods {
  if (!onset?.isAlarmSignal || onset.at >= window.to) return periodsOf(window, baseline);
  const during = { from: onset.at, to: Math.min(onset.until, window.to) };
  return periodsOf(during, baseline, window.to);
}

function knownServices(observations: Observations): ReadonlySet<string> {
  const names = new Set<string>();
  for (const series of observations.series) names.add(series.service);
  for (const series of observations.spanSeries) names.add(series.service);
  for (const pattern of observations.logPatterns) names.add(pattern.service);
  for (const operation of observations.operations) names.add(operation.service);
  for (const edge of observations.topology) {
    names.add(edge.from);
    names.add(edge.to);
  }
  return names;
}

function allShifts(series: readonly Series[], periods: Periods): readonly Shift[] {
  return series
    .map((item) => shiftOf(item, periods))
    .filter((shift) => shift !== null)
    .filter((shift) => Math.abs(shift.deviations) >= deviationsMin)
    .sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations));
}
