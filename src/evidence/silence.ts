import type { Gap, Signal } from "../core/outcome.ts";
import type { Observations, Series } from "../core/rows.ts";
import { type EpochMs, lengthMs, toIso, type Window } from "../core/window.ts";

/** One service that falls silent may be down; when all do at once, nobody was recording. */
const servicesMin = 2;
/** Where normal time would bring fewer records than this into the window, none is chance. */
const expectedMin = 10;

/**
 * Leaves out every signal that several services gave in normal time and none in the window: the
 * window lies outside what was recorded, or recording stopped. Read as lines and calls that ceased,
 * it would make a cause of whoever spoke most. What is left out is a gap, and so is normal time of
 * which no call was traced: then the calls of the window have nothing to be compared with.
 */
export function withoutSilence(observations: Observations): Observations {
  const silent = {
    metrics: metricsEnd(observations),
    logs: logsEnd(observations),
    traces: tracesEnd(observations),
  };
  const gaps = (["metrics", "logs", "traces"] as const).flatMap((signal) => {
    const end = silent[signal];
    return end === null ? [] : [silenceGap(signal, end)];
  });
  return {
    ...observations,
    ...(silent.metrics === null ? {} : { series: [] }),
    ...(silent.logs === null ? {} : { logPatterns: [], logVolume: [] }),
    ...(silent.traces === null
      ? {}
      : { operations: [], edges: [], spanSeries: [], attributes: [], traceSample: [] }),
    gaps: [...observations.gaps, ...gaps, ...(hasNormalTraces(observations) ? [] : [untracedGap])],
  };
}

/** When logs were last recorded, if that was before the window; else null. */
function logsEnd(observations: Observations): EpochMs | null {
  const { logPatterns, logVolume, window } = observations;
  if (logPatterns.some((pattern) => pattern.windowCount > 0)) return null;
  const lines = logPatterns.reduce((sum, pattern) => sum + pattern.baselineCount, 0);
  return isExpected(lines, logPatterns, observations) ? endOf(logVolume, window) : null;
}

function tracesEnd(observations: Observations): EpochMs | null {
  const { operations, spanSeries, window } = observations;
  if (operations.some((operation) => operation.window.count > 0)) return null;
  const calls = operations.reduce((sum, operation) => sum + operation.baseline.count, 0);
  return isExpected(calls, operations, observations) ? endOf(spanSeries, window) : null;
}

/** False where the window has calls of several services and normal time not a single one. */
function hasNormalTraces({ operations }: Observations): boolean {
  const calls = operations.reduce((sum, { window }) => sum + window.count, 0);
  if (calls < expectedMin || distinct(operations) < servicesMin) return true;
  return operations.some(({ baseline }) => baseline.count > 0);
}

const untracedGap: Gap = {
  signal: "traces",
  what: "traces of normal time",
  why: "no service has any",
  effect: "whether calls became slower or fail more is not known from traces",
};

function metricsEnd(observations: Observations): EpochMs | null {
  const { series, window } = observations;
  const points = series.reduce((sum, { points: all }) => sum + all.times.length, 0);
  return isExpected(points, series, observations) ? endOf(series, window) : null;
}

/** When the last of them ends, if that was before the window; else null. */
function endOf(series: readonly Series[], window: Window): EpochMs | null {
  let last = Number.NEGATIVE_INFINITY;
  for (const { points } of series) {
    const end = points.times.findLast((time) => time < window.to);
    if (end !== undefined && end >= window.from) return null;
    if (end !== undefined) last = Math.max(last, end);
  }
  return Number.isFinite(last) ? last : null;
}

/** Whether normal time, with so many records of several services, would bring some. */
function isExpected(
  before: number,
  from: readonly { readonly service: string }[],
  { window, baseline }: Observations,
): boolean {
  const perMs = before / Math.max(1, lengthMs(baseline));
  return perMs * lengthMs(window) >= expectedMin && distinct(from) >= servicesMin;
}

function distinct(items: readonly { readonly service: string }[]): number {
  return new Set(items.map((item) => item.service)).size;
}

function silenceGap(signal: Signal, end: EpochMs): Gap {
  const last = toIso(end).slice(0, 16).replace("T", " ");
  return {
    signal,
    what: `${signal} of the window`,
    why: `no service has any; the last before it are of ${last} UTC`,
    effect: "whether services or their recording stopped is not known",
  };
}
