import type { Series } from "../../core/rows.ts";
import { type Meaning, meaningOf, wordsOf } from "./metric-meaning.ts";
import { asRate } from "./shift.ts";
import { isTurnedAway, withTurnedAway } from "./turned-away.ts";

/** Rate, errors and duration of one service as series, where metrics carry them. */
export interface RedSignals {
  readonly service: string;
  /** Requests per point. */
  readonly requests: Series | null;
  /** Mean latency, or the lowest percentile there is: what multiplies with requests. */
  readonly latency: Series | null;
  readonly errors: ErrorSeries | null;
}

/** Failing requests: as a share of requests, or as a count per point. */
export interface ErrorSeries {
  readonly series: Series;
  readonly form: "bad-share" | "good-share" | "bad-percent" | "good-percent" | "count";
}

/** Picks, per service, the one series for each of the three signals. */
export function redSignals(all: readonly Series[]): ReadonlyMap<string, RedSignals> {
  const byService = new Map<string, Series[]>();
  for (const series of all) {
    const known = byService.get(series.service);
    if (known) known.push(series);
    else byService.set(series.service, [series]);
  }
  const found = new Map<string, RedSignals>();
  for (const [service, list] of byService) {
    const signals = pick(service, list);
    if (signals.latency || signals.errors) found.set(service, signals);
  }
  return found;
}

function pick(service: string, list: readonly Series[]): RedSignals {
  let requests: readonly [Series, number] | null = null;
  let latency: readonly [Series, number] | null = null;
  let errors: readonly [Series, number] | null = null;
  let turnedAway: readonly [Series, number] | null = null;
  for (const series of list) {
    const meaning = meaningOf(series);
    if (meaning.isNode) continue;
    if (meaning.signal === "traffic") requests = better(requests, series, trafficRank(series));
    if (meaning.signal === "latency")
      latency = better(latency, series, latencyRank(meaning, series));
    if (isOfRequests(series, meaning)) {
      const rank = errorRank(meaning, series);
      if (isTurnedAway(series)) turnedAway = better(turnedAway, series, rank);
      else errors = better(errors, series, rank);
    }
  }
  const failing = errors ?? turnedAway;
  const signals = {
    service,
    requests: requests ? asRate(requests[0]) : null,
    latency: latency?.[0] ?? null,
    errors: failing ? errorSeries(failing[0]) : null,
  };
  return errors && turnedAway ? alsoTurnedAway(signals, errorSeries(turnedAway[0])) : signals;
}

/** Counts add up; of a share nobody knows what it is a share of. */
function alsoTurnedAway(signals: RedSignals, turnedAway: ErrorSeries): RedSignals {
  const { errors, requests } = signals;
  if (errors?.form !== "count" || turnedAway.form !== "count") return signals;
  const both = withTurnedAway(errors.series, requests, turnedAway.series);
  return { ...signals, requests: both.requests, errors: { ...errors, series: both.failed } };
}

/** Failures of requests; a process that is restarted or killed is no request, nor is a record. */
function isOfRequests({ metric }: Series, { signal }: Meaning): boolean {
  return (signal === "errors" || signal === "availability") && !notRequests.test(metric);
}

const notRequests =
  /restart|oom|evict|kill|terminat|replicat|deadlock|null|duplicat|mismatch|corrupt/i;

function better(
  known: readonly [Series, number] | null,
  series: Series,
  rank: number,
): readonly [Series, number] | null {
  return !known || rank > known[1] ? [series, rank] : known;
}

function trafficRank(series: Series): number {
  const name = series.metric.toLowerCase();
  const requests = /request|rps|qps|workload|load|calls|invocations/.test(name) ? 2 : 0;
  return requests - (isOutbound(name) ? 1 : 0) + nameTie(series);
}

/** Means add up along a call graph; percentiles only nearly so, the lower the better. */
function latencyRank(meaning: Meaning, series: Series): number {
  const mean = /avg|average|mean/.test(series.metric.toLowerCase()) ? 2 : 0;
  const percentile = meaning.percentile === null ? 1 : 1 - Math.abs(meaning.percentile - 0.9);
  const client = isOutbound(series.metric.toLowerCase()) ? -1 : 0;
  return mean + percentile + client + nameTie(series);
}

function errorRank(meaning: Meaning, series: Series): number {
  const name = series.metric.toLowerCase();
  const server = (/5xx|server|fault/.test(name) ? 1 : 0) - (isOutbound(name) ? 1 : 0);
  return (meaning.signal === "errors" ? 1 : 0.5) + server + nameTie(series);
}

/** Calls a service makes are not the requests it serves. `name` is a metric's, in lower case. */
export function isOutbound(name: string): boolean {
  return /client|upstream|outbound/.test(name);
}

/** Short plain names before long special ones, so that the choice does not depend on row order. */
function nameTie(series: Series): number {
  return -series.metric.length / 1000;
}

function errorSeries(raw: Series): ErrorSeries {
  const meaning = meaningOf(raw);
  const series = asRate(raw);
  const isGood = meaning.signal === "availability";
  const name = series.metric.toLowerCase();
  const isShare =
    isGood ||
    meaning.unit === "%" ||
    meaning.unit === "ratio" ||
    wordsOf(name).some((word) => /^(?:ratio|share|percent|percentage|pct)$/.test(word)) ||
    isErrorRate(series);
  if (!isShare) return { series, form: "count" };
  const isPercent = meaning.unit === "%" || largest(series.points.values) > 1.5;
  if (isGood) return { series, form: isPercent ? "good-percent" : "good-share" };
  return { series, form: isPercent ? "bad-percent" : "bad-share" };
}

/**
 * `error_rate` without a unit: in this field's words the share of requests that fail, as a fraction
 * or in percent. Whole numbers are taken for counts all the same.
 */
function isErrorRate({ metric, unit, points }: Series): boolean {
  if (unit !== null && unit !== "1") return false;
  if (!wordsOf(metric).includes("rate") || largest(points.values) > 100) return false;
  return points.values.some((value) => value % 1 !== 0);
}

function largest(values: Float64Array): number {
  let found = 0;
  for (const value of values) if (value > found) found = value;
  return found;
}

/** Share of failing requests at one point, 0..1; NaN when it is a count without requests. */
export function failingShare(errors: ErrorSeries, value: number, requests: number): number {
  switch (errors.form) {
    case "bad-share":
      return value;
    case "good-share":
      return 1 - value;
    case "bad-percent":
      return value / 100;
    case "good-percent":
      return 1 - value / 100;
    case "count":
      return requests > 0 ? Math.min(1, value / requests) : Number.NaN;
  }
}
