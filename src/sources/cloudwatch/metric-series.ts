import { z } from "zod";
import type { Points } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { MetricListQuery, MetricSeriesQuery } from "../../core/query.ts";
import { toIso, type Window } from "../../core/window.ts";
import { type AwsAnswer, type AwsCalls, nothing } from "../aws/answer.ts";
import { awsSettings } from "../aws/client.ts";
import { metricsLink } from "../aws/links.ts";
import { metricsUsd } from "../aws/prices.ts";
import { seriesFrame } from "../capture/metrics-sql.ts";
import type { CloudWatch } from "./client.ts";
import type { CloudWatchMetric, Discovery } from "./discovery.ts";
import { metricQuery } from "./metric-query.ts";
import { dayMs, finePeriodFor, periodFor, stretchesOf, wholeDays, wholePeriods } from "./period.ts";
import { fetchSeries } from "./series.ts";
import { topMetrics } from "./top.ts";
import { nameOf, type unitReader } from "./units.ts";

export const cloudwatchSettings = awsSettings.extend({
  /** Namespaces to read; all of them when empty. */
  namespaces: z.array(z.string()).default([]),
  /** Metrics that count the business, such as `OrdersPlaced`. */
  businessMetrics: z.array(z.string()).default([]),
  /** Statistic of a metric where ours is wrong: `{ CartValue: "Average" }`. */
  statistics: z.record(z.string(), z.string()).default({}),
  /** Most series of one read; 1,000 cost 0.01 USD. */
  seriesMax: z.number().int().positive().max(20_000).default(5_000),
});
export type Settings = z.infer<typeof cloudwatchSettings>;

/** The source, as its answers see it. */
export interface Opened {
  readonly settings: Settings;
  readonly cloudwatch: CloudWatch;
  list(calls: AwsCalls, window: Window): Promise<Discovery>;
  readonly units: ReturnType<typeof unitReader>;
}

/** Whole series at a period that CloudWatch keeps, which the answer names. */
export async function metricSeries(
  opened: Opened,
  calls: AwsCalls,
  query: MetricSeriesQuery,
  window: Window,
  now: number,
): Promise<AwsAnswer> {
  const found = await opened.list(calls, window);
  const wanted = found.metrics.filter((metric) => isWanted(metric, query));
  // What is known best is read first, should there be more than one read takes.
  const ranked = wanted.toSorted((a, b) => rankOf(a) - rankOf(b));
  const { seriesMax } = opened.settings;
  const left = ranked.slice(seriesMax);
  const top = await topMetrics(opened.cloudwatch, calls, left, window, now);
  const first = ranked.slice(0, Math.max(0, seriesMax - top.metrics.length));
  const asked = [...first, ...top.metrics].slice(0, seriesMax);
  const stretches = stretchesOf(window, query.baseline);
  const periodMs = periodFor(stretches, query.stepMs, now);
  const whole = stretches.map((stretch) => wholePeriods(stretch, periodMs, now));
  const words = `GetMetricData of ${asked.length} metrics, period ${periodMs / 1_000} s, ${whole
    .map(({ from, to }) => `${toIso(from)} to ${toIso(to)}`)
    .join(" and ")}`;
  if (asked.length === 0) {
    return nothing(words, [reasonOf(found)], "List the metrics, or leave out services.");
  }
  calls.plan(0, metricsUsd(asked.length * whole.length, calls.prices));
  const fineMs = finePeriodFor(stretches, query.stepMs, now);
  const daily = asked.filter((metric) => metric.isDaily);
  const fine = fineMs === null ? [] : asked.filter((metric) => isOwn(metric) && !metric.isDaily);
  const plain = difference(asked, [...daily, ...fine]);
  const all = { from: Math.min(...whole.map(({ from }) => from)), to: window.to };
  const [units, coarse, once, own] = await Promise.all([
    opened.units(calls, asked.filter(isOwn), { stretch: all, periodMs, now }),
    readMetrics(opened, calls, plain, periodMs, whole),
    readMetrics(opened, calls, daily, dayMs, [wholeDays(stretches)]),
    readFine(opened, calls, fine, fineMs ?? periodMs, stretches, now),
  ]);
  const rows = [...coarse.rows, ...own.rows, ...once.rows];
  const kept = rows.slice(0, Math.min(query.limit ?? limits.seriesMax, limits.seriesMax));
  const { region } = opened.cloudwatch;
  const shown = kept.map(({ metric }) => graphed(metric));
  return {
    frame: seriesFrame(
      kept.map(({ metric }) => rowOf(metric, units)),
      kept.map(({ points }) => points),
    ),
    query: [
      words,
      ...(fine.length > 0
        ? [`${fine.length} of the account's own every ${(fineMs ?? 0) / 1_000} s`]
        : []),
      ...(daily.length > 0 ? [`${daily.length} daily metrics by the day, 2 days back`] : []),
      ...(top.metrics.length > 0 ? [`${top.metrics.length} of them picked by ${top.query}`] : []),
      `statistics ${statisticsOf(kept.map(({ metric }) => metric))}`,
    ].join("; "),
    truncated: found.isCut || asked.length < wanted.length || kept.length < rows.length,
    gaps: [
      ...[...coarse.gaps, ...own.gaps, ...once.gaps, ...top.gaps],
      ...leftOut(found, wanted.length, asked.length),
    ],
    link: metricsLink(region, shown, periodMs / 1_000, whole.at(-1) ?? window),
    reasons: [`${asked.length} metrics exist, but none has a point in this time`],
  };
}

/** What was not looked at, since the account has more than one read takes. */
function leftOut(found: Discovery, wanted: number, asked: number): readonly Gap[] {
  const rest = {
    effect: "what these would show is unknown; name `namespaces`, or raise `seriesMax`",
    signal: "metrics",
  } as const;
  const beyond = `CloudWatch metrics beyond the first ${found.metrics.length}`;
  const unread = `${wanted - asked} of ${wanted} CloudWatch metrics`;
  return [
    ...(found.isCut ? [{ what: beyond, why: "one discovery ends there", ...rest }] : []),
    ...(asked < wanted
      ? [{ what: unread, why: `one read takes ${asked}, the worst of each kind first`, ...rest }]
      : []),
  ];
}

/** The account's own metrics: only these can be finer than a minute. */
function isOwn({ namespace }: CloudWatchMetric): boolean {
  return !namespace.startsWith("AWS/");
}

function readFine(
  opened: Opened,
  calls: AwsCalls,
  metrics: readonly CloudWatchMetric[],
  periodMs: number,
  stretches: readonly Window[],
  now: number,
) {
  const whole = stretches.map((stretch) => wholePeriods(stretch, periodMs, now));
  return readMetrics(opened, calls, metrics, periodMs, whole);
}

/** Which statistic was read of which metrics, for whoever runs it again. */
function statisticsOf(metrics: readonly CloudWatchMetric[]): string {
  const names = Map.groupBy(metrics, (metric) => metric.stat);
  return [...names]
    .map(([stat, all]) => `${stat} of ${[...new Set(all.map((m) => m.name))].join(", ")}`)
    .join("; ");
}

/** Business first, then AWS's own metrics we know, then the rest, by service. */
function rankOf(metric: CloudWatchMetric): number {
  return metric.layer === "business" ? 0 : metric.isKnown ? 1 : 2;
}

function difference(all: readonly CloudWatchMetric[], without: readonly CloudWatchMetric[]) {
  const left = new Set(without);
  return all.filter((metric) => !left.has(metric));
}

interface Row {
  readonly metric: CloudWatchMetric;
  readonly points: Points;
}

/**
 * The series that have points. A percentile is not kept of data that was sent already added up;
 * such series are read once more as averages.
 */
async function readMetrics(
  opened: Opened,
  calls: AwsCalls,
  metrics: readonly CloudWatchMetric[],
  periodMs: number,
  stretches: readonly Window[],
) {
  if (metrics.length === 0) return { rows: [], gaps: [] };
  const read = async (asked: readonly CloudWatchMetric[]) => {
    const queries = asked.map((metric, i) => metricQuery(metric, `m${i}`, periodMs));
    const { series, gaps } = await fetchSeries(opened.cloudwatch, calls, queries, stretches);
    const byId = new Map([...series].map(([id, points]) => [id.split("\0")[0], points]));
    const rows: Row[] = [];
    const blank: CloudWatchMetric[] = [];
    for (const [i, metric] of asked.entries()) {
      const points = byId.get(`m${i}`);
      if (points && points.times.length > 0) rows.push({ metric, points });
      else blank.push(metric);
    }
    return { rows, gaps, blank };
  };
  const first = await read(metrics);
  const again = first.blank
    .filter((metric) => metric.stat.startsWith("p"))
    .map((metric) => ({ ...metric, stat: "Average" }));
  if (again.length === 0) return first;
  const second = await read(again);
  return { rows: [...first.rows, ...second.rows], gaps: [...first.gaps, ...second.gaps] };
}

/** Whether a metric is among what was asked for. */
export function isWanted(
  metric: CloudWatchMetric,
  query: MetricListQuery | MetricSeriesQuery,
): boolean {
  if (query.services && !query.services.includes(metric.service)) return false;
  if (query.kind === "metric-list") {
    return !query.text || metric.name.toLowerCase().includes(query.text.toLowerCase());
  }
  if (query.metrics && !query.metrics.includes(metric.name)) return false;
  return !query.layers || query.layers.includes(metric.layer);
}

/** Why no metric was found. */
export function reasonOf(found: Discovery): string {
  return found.metrics.length > 0
    ? `none of the ${found.metrics.length} metrics of the account is what was asked for`
    : "the account has no metric in these namespaces";
}

/** A value per period is a level of that period, also where it is a sum: it never accumulates. */
export function rowOf(metric: CloudWatchMetric, units: ReadonlyMap<string, string> = new Map()) {
  const { service, name, resource, layer } = metric;
  const unit = metric.unit ?? units.get(nameOf(metric)) ?? null;
  return { service, metric: name, resource, unit, metricKind: "gauge", layer };
}

/** A metric as a line of a graph in the console. */
export function graphed({ namespace, name, dimensions, stat }: CloudWatchMetric) {
  return { path: [namespace, name, ...dimensions.flatMap((d) => [d.name, d.value])], stat };
}
