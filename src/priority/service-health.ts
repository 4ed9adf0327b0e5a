import type { ServiceHealth } from "../core/impact.ts";
import type { Observations, Series } from "../core/rows.ts";
import { type EpochMs, isWithin, lengthMs, type Window } from "../core/window.ts";

/** At least this many requests before a share of them says anything. */
const requestsMin = 10;

/**
 * How each service's requests fared from onset to the end of the window, against the baseline. Spans
 * are counted where there are any; otherwise series whose names say requests, errors or latency.
 */
export function serviceHealth(
  observations: Pick<Observations, "window" | "baseline" | "spanSeries" | "series" | "operations">,
  onset: EpochMs | null,
): ServiceHealth[] {
  const { window, baseline } = observations;
  const during = { from: Math.max(window.from, onset ?? window.from), to: window.to };
  const services = new Set(
    [...observations.spanSeries, ...observations.series].map((series) => series.service),
  );
  return [...services].sort().map((service) => {
    const own = (list: readonly Series[]) => list.filter((series) => series.service === service);
    const spans = own(observations.spanSeries);
    const metrics = own(observations.series).filter((series) => series.layer !== "business");
    const counts = countsOf(spans, during, baseline) ?? countsOf(metrics, during, baseline);
    const slowdown = slowdownOf(spans, during, baseline) ?? slowdownOf(metrics, during, baseline);
    return {
      service,
      requests: counts?.requests ?? null,
      failedShare: counts?.failed ?? shareOf(metrics, during),
      baselineFailedShare: counts?.baselineFailed ?? shareOf(metrics, baseline),
      slowdown,
      trafficRatio: counts?.trafficRatio ?? null,
      findings: [],
    };
  });
}

interface Counts {
  readonly requests: number;
  readonly failed: number;
  readonly baselineFailed: number | null;
  readonly trafficRatio: number | null;
}

const requestWords = /request|invocation|calls?\b|count|throughput/i;
const errorWords = /error|fail|fault|5xx/i;
const clientWords = /4xx|client|outgoing|pool|gc|db|sql|query|retry/i;
const latencyWords = /latency|duration|response[._]?time|p9\d|self/i;

function countsOf(series: readonly Series[], during: Window, baseline: Window): Counts | null {
  const isErrors = (item: Series) =>
    errorWords.test(item.metric) && !clientWords.test(item.metric) && !isShare(item);
  const isRequests = (item: Series) =>
    requestWords.test(item.metric) &&
    !errorWords.test(item.metric) &&
    !latencyWords.test(item.metric) &&
    !clientWords.test(item.metric) &&
    !isShare(item);
  const [requests, errors] = [series.filter(isRequests), series.filter(isErrors)];
  if (requests.length === 0 || errors.length === 0) return null;
  const total = sumIn(requests, during);
  if (total < requestsMin) return null;
  const before = sumIn(requests, baseline);
  const rate = (sum: number, window: Window) => sum / Math.max(1, lengthMs(window));
  return {
    requests: total,
    failed: Math.min(1, sumIn(errors, during) / total),
    baselineFailed: before < requestsMin ? null : Math.min(1, sumIn(errors, baseline) / before),
    trafficRatio: before === 0 ? null : rate(total, during) / rate(before, baseline),
  };
}

/** Share of failures where a series says it outright: an error rate, or what availability lacks. */
function shareOf(series: readonly Series[], window: Window): number | null {
  for (const item of series) {
    if (clientWords.test(item.metric)) continue;
    const isAvailability = /availab|success/i.test(item.metric);
    if (!isAvailability && !(isShare(item) && errorWords.test(item.metric))) continue;
    const values = valuesIn(item, window);
    if (values.length === 0) continue;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const share = /%|percent/i.test(item.unit ?? "") || mean > 1.5 ? mean / 100 : mean;
    return Math.min(1, Math.max(0, isAvailability ? 1 - share : share));
  }
  return null;
}

function slowdownOf(series: readonly Series[], during: Window, baseline: Window): number | null {
  const slow = series.filter(
    (item) => latencyWords.test(item.metric) && !/self|gc|event/i.test(item.metric),
  );
  const best = slow.find((item) => /p9\d|95|99/i.test(item.metric)) ?? slow[0];
  if (!best) return null;
  const now = median(valuesIn(best, during));
  const before = median(valuesIn(best, baseline));
  return now === null || before === null || before <= 0 ? null : now / before;
}

function isShare(series: Series): boolean {
  return (
    /%|percent|ratio/i.test(series.unit ?? "") || /rate|ratio|percent|pct/i.test(series.metric)
  );
}

function sumIn(series: readonly Series[], window: Window): number {
  return series.flatMap((item) => valuesIn(item, window)).reduce((sum, value) => sum + value, 0);
}

function valuesIn(series: Series, window: Window): number[] {
  const { times, values } = series.points;
  const inside: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (!Number.isNaN(value) && isWithin(times[i] ?? Number.NaN, window)) inside.push(value);
  }
  return inside;
}

function median(values: number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
