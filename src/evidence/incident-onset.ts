import type { Alarm } from "../core/alarm.ts";
import type { Points } from "../core/frame.ts";
import type { Series } from "../core/rows.ts";
import type { EpochMs, Window } from "../core/window.ts";
import { matchServices } from "./call-graph.ts";
import { histogramBase } from "./metrics/labelled-counters.ts";
import { type Meaning, meaningOf } from "./metrics/metric-meaning.ts";
import { asRate } from "./metrics/shift.ts";
import { type Excursion, findExcursion } from "./statistics/excursion.ts";
import { indexAt, pointsIn, stepOf } from "./statistics/period.ts";
import { finite, summarise } from "./statistics/robust.ts";

/** When the incident began (and ended, if it did), and the signal that tells. */
export interface IncidentOnset {
  readonly at: EpochMs;
  readonly interval: Window;
  /** End of the excursion; the end of the window when it lasts. */
  readonly until: EpochMs;
  readonly series: Series;
  readonly excursion: Excursion;
  /** The alarm's own signal tells; otherwise the strongest harmful ones do. */
  readonly isAlarmSignal: boolean;
}

export interface OnsetInput {
  readonly alarm: Alarm;
  readonly window: Window;
  /** What was over before this is not the incident; the start of the window when absent. */
  readonly lastsUntil?: EpochMs;
  readonly series: readonly Series[];
  readonly spanSeries: readonly Series[];
}

/** The alarm says that its signal is wrong, so a modest excursion will do to place it. */
const alarmStrengthMin = 1.5;
const strengthMin = 4;
/** An excursion explains this share of the signal's variance at least: noise has its blips. */
const explainedMin = 0.15;
/** Nobody points at other signals, so they must leave their own past by far: many are looked at. */
const departureMin = 30;
/** Points of the past that show what is normal; with fewer, this many in the window must do. */
const pastPointsMin = 8;
/** Failures beyond those of chance before anything is said to have begun. */
const countMin = 3;
/** Signals that may vote on the onset when the alarm's own cannot. */
const votersMax = 12;
/** Series examined when nothing points at any: the ones with the largest swing. */
const examinedMax = 400;

/**
 * Places the onset from errors and latency (never from traffic): the alarm's own signal when it
 * shows an excursion, else the alarm's service, else the strongest signals together. Null when
 * nothing in the window stands apart.
 */
export function incidentOnset(input: OnsetInput): IncidentOnset | null {
  const own = alarmSeries(input.alarm, input.series);
  for (const series of own) {
    const found = placedByAlarm(series, input);
    if (found) return found;
  }
  const all = [...input.series, ...input.spanSeries].filter(isTelling);
  const services = new Set(
    matchServices(input.alarm.service, new Set(all.map((series) => series.service))),
  );
  const near = all.filter((series) => services.has(series.service));
  return (
    vote(near, input.window) ??
    vote(mostSwinging(all, input.window), input.window) ??
    vote(mostSwinging(input.series.filter(isShortage), input.window), input.window)
  );
}

/**
 * Series that the alarm names: its metric on its service. Where one telemetry files `cart_cpu`,
 * another has `cpu` of `cart`.
 */
export function alarmSeries(alarm: Alarm, series: readonly Series[]): readonly Series[] {
  if (!alarm.metric) return [];
  const metric = histogramBase(alarm.metric.toLowerCase());
  const owned = alarm.service ? withoutOwner(metric, alarm.service) : metric;
  // A series drawn from a counter or a histogram is called after it: "… errors", "… mean".
  const named = series
    .filter((item) => {
      const [name = ""] = item.metric.toLowerCase().split(" ");
      return name === metric || withoutOwner(name, item.service) === owned;
    })
    .sort((a, b) => b.metric.length - a.metric.length);
  if (!alarm.service) return named.length === 1 ? named : [];
  const services = new Set(
    matchServices(
      alarm.service,
      named.map((item) => item.service),
    ),
  );
  return named.filter((item) => services.has(item.service));
}

/** `cart_cpu` of `cart` as `cpu`. */
function withoutOwner(metric: string, service: string): string {
  const owner = service.toLowerCase();
  const isOwned = metric.startsWith(owner) && /^[_/|:.]./.test(metric.slice(owner.length));
  return isOwned ? metric.slice(owner.length + 1) : metric;
}

/** Errors, availability and latency tell when it began; resources when they run full. */
function isTelling(series: Series): boolean {
  const meaning = meaningOf(series);
  if (meaning.isNode) return false;
  if (meaning.signal === "resource") return meaning.resource !== "network";
  return ["latency", "errors", "availability"].includes(meaning.signal);
}

/** Any resource that can run short: the last to ask, since traffic alone moves many. */
function isShortage(series: Series): boolean {
  const { signal, isNode } = meaningOf(series);
  return signal === "resource" && !isNode;
}

/** The strongest excursions agree on a time: their weighted median. */
function vote(series: readonly Series[], window: Window): IncidentOnset | null {
  const found = series
    .map((item) => placed(item, window, strengthMin, false))
    .filter((item) => item !== null)
    .sort((a, b) => Math.abs(b.excursion.strength) - Math.abs(a.excursion.strength))
    .slice(0, votersMax)
    .sort((a, b) => a.at - b.at);
  if (found.length === 0) return null;
  const weight = (item: IncidentOnset) => Math.min(50, Math.abs(item.excursion.strength));
  const half = found.reduce((sum, item) => sum + weight(item), 0) / 2;
  let sum = 0;
  for (const item of found) {
    sum += weight(item);
    if (sum >= half) return item;
  }
  return found[0] ?? null;
}

/**
 * The excursion of the alarm's own signal; where the largest was over before the incident's time,
 * the largest within that time.
 */
function placedByAlarm(
  series: Series,
  { window, lastsUntil = window.from }: OnsetInput,
): IncidentOnset | null {
  const found = placed(series, window, alarmStrengthMin, true);
  if (!found || found.until > lastsUntil) return found;
  return placed(series, { from: lastsUntil, to: window.to }, alarmStrengthMin, true);
}

function placed(
  raw: Series,
  window: Window,
  min: number,
  isAlarmSignal: boolean,
): IncidentOnset | null {
  const series = asRate(raw);
  const meaning = meaningOf(series);
  const points = badness(pointsIn(series.points, window), meaning);
  const excursion = findExcursion(points, meaning.harm === "either" ? "either" : "up");
  if (!excursion || Math.abs(excursion.strength) < min) return null;
  if (excursion.explained < explainedMin) return null;
  if (!isAlarmSignal && !isFarFromPast(series, window, excursion, meaning)) return null;
  const step = stepOf(points.times);
  return {
    at: excursion.window.from,
    interval: { from: excursion.window.from - step, to: excursion.window.from },
    until: excursion.isOver ? excursion.window.to : window.to,
    series,
    excursion,
    isAlarmSignal,
  };
}

/** The excursion lies far outside what the series did before the window. */
function isFarFromPast(
  series: Series,
  window: Window,
  excursion: Excursion,
  meaning: Meaning,
): boolean {
  const { times, values } = badness(series.points, meaning);
  const past = values.subarray(0, indexAt(times, window.from));
  if (past.length < pastPointsMin) {
    return pointsIn(series.points, window).values.length >= pastPointsMin;
  }
  const usual = summarise(past);
  const noise = usual.noise + 0.05 * Math.abs(usual.median);
  let top = 0;
  for (const value of past) top = Math.max(top, Math.abs(value - usual.median));
  const departure = Math.abs(excursion.inside - usual.median);
  if (meaning.signal === "errors" && isCounted(values)) {
    return isRareCount(past, pointsIn(series.points, excursion.window).values);
  }
  return noise > 0
    ? departure >= departureMin * noise && departure > 2 * top
    : meaning.signal === "errors";
}

/** Whole numbers, so that chance alone makes them scatter as counts do. */
function isCounted(values: Float64Array): boolean {
  return values.every((value) => Number.isNaN(value) || Number.isInteger(value));
}

/** Counts far above what the rate of the past gives by chance (Poisson, about five deviations). */
function isRareCount(past: Float64Array, now: Float64Array): boolean {
  const sum = (values: Float64Array) => finite(values).reduce((total, value) => total + value, 0);
  const expected = ((sum(past) + 1) / past.length) * now.length;
  return sum(now) >= 2 * expected + 5 * Math.sqrt(expected) + countMin;
}

/** Turns a series so that up is bad and the good end is near zero, where scatter can be judged. */
export function badness(points: Points, meaning: Meaning): Points {
  if (meaning.harm !== "down") return points;
  let top = Number.NEGATIVE_INFINITY;
  for (const value of points.values) if (value > top) top = value;
  const limit = meaning.signal === "availability" ? (top > 1.5 ? Math.max(100, top) : 1) : top;
  return { times: points.times, values: points.values.map((value) => limit - value) };
}

/** The series with the largest swing for their scatter, so that a large estate stays affordable. */
function mostSwinging(all: readonly Series[], window: Window): readonly Series[] {
  if (all.length <= examinedMax) return all;
  return all
    .map((series) => {
      const { values } = pointsIn(series.points, window);
      const usual = summarise(values);
      let top = 0;
      for (const value of values) top = Math.max(top, Math.abs(value - usual.median));
      const scale = usual.noise + 0.05 * Math.abs(usual.median);
      return { series, swing: scale > 0 ? top / scale : 0 };
    })
    .sort((a, b) => b.swing - a.swing)
    .slice(0, examinedMax)
    .map((item) => item.series);
}
