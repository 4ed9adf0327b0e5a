import type { MetricDataQuery, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import type { Points } from "../../core/frame.ts";
import type { Gap } from "../../core/outcome.ts";
import { lengthMs, toIso, type Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { everyPage } from "../aws/every-page.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "../aws/faults.ts";
import type { CloudWatch } from "./client.ts";

/**
 * Limits of GetMetricData itself: queries of a call, and points of a page. Fewer queries are asked
 * at once where their points would not fit into one page: pages come one after another, calls side
 * by side. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
const queriesPerCall = 500;
const pointsPerPage = 100_800;
/** Pages of one call; a group of Metrics Insights may have more series than were foreseen. */
const pagesMax = 100;
const callsAtOnce = 5;

/** Series as they came, by the id of their query. */
export interface Fetched {
  readonly series: ReadonlyMap<string, Points>;
  /** What CloudWatch calls each series; Metrics Insights names its groups so. */
  readonly labels: ReadonlyMap<string, string>;
  readonly gaps: readonly Gap[];
}

interface Collected {
  readonly points: Map<string, Map<number, number>>;
  readonly labels: Map<string, string>;
  /** The last status of each series and what was said with it. */
  readonly status: Map<string, string>;
  readonly messages: Set<string>;
  readonly faults: { error: unknown; queries: number; stretch: Window }[];
}

/**
 * Reads queries over stretches of time: 500 at a time, every page of them. Series that CloudWatch
 * could not read to their end, and what it says beside the data, come back as gaps; when nothing
 * at all could be read, it throws.
 */
export async function fetchSeries(
  { sdk, client }: CloudWatch,
  calls: AwsCalls,
  queries: readonly MetricDataQuery[],
  stretches: readonly Window[],
): Promise<Fetched> {
  const into: Collected = {
    points: new Map(),
    labels: new Map(),
    status: new Map(),
    messages: new Set(),
    faults: [],
  };
  const jobs = stretches.flatMap((stretch) =>
    batchesOf(queries, stretch).map((chunk) => async () => {
      const points = chunk.reduce((sum, query) => sum + pointsOf(query, stretch), 0);
      try {
        const isCut = await everyPage(pagesMax, async (token) => {
          const page = await calls.call(
            "cloudwatch:GetMetricData",
            (abortSignal) =>
              client.send(
                new sdk.GetMetricDataCommand({
                  MetricDataQueries: chunk,
                  StartTime: new Date(stretch.from),
                  EndTime: new Date(stretch.to),
                  ScanBy: "TimestampAscending",
                  ...(token ? { NextToken: token } : {}),
                }),
                { abortSignal },
              ),
            token ? 0 : points,
          );
          collect(into, page.MetricDataResults ?? [], stretch);
          for (const { Code, Value } of page.Messages ?? []) {
            into.messages.add([Code, Value].filter(Boolean).join(": "));
          }
          return page.NextToken;
        });
        if (isCut) throw new AwsRefusal("too-big", "CloudWatch has more pages than are read.");
      } catch (error) {
        if (error instanceof AwsStopped) throw error;
        into.faults.push({ error, queries: chunk.length, stretch });
      }
    }),
  );
  await inParallel(jobs, callsAtOnce);
  if (into.faults.length === jobs.length && into.faults[0]) throw into.faults[0].error;
  const gaps = gapsOf(into);
  const isBlank = [...into.points.values()].every((values) => values.size === 0);
  if (isBlank && into.faults[0]) throw into.faults[0].error;
  if (isBlank && into.status.size > 0 && gaps.some((gap) => gap.why.startsWith("status "))) {
    const why = gaps.map((gap) => gap.why).join("; ");
    throw new AwsRefusal("unavailable", `CloudWatch could not read the metrics: ${why}.`, true);
  }
  return {
    series: new Map([...into.points].map(([id, values]) => [id, sorted(values)])),
    labels: into.labels,
    gaps,
  };
}

/** Points that a query can have in a stretch; what has no period of its own is one point. */
function pointsOf({ MetricStat: asked, Period: own }: MetricDataQuery, stretch: Window): number {
  const seconds = own ?? asked?.Period ?? lengthMs(stretch) / 1_000;
  return Math.max(1, Math.ceil(lengthMs(stretch) / 1_000 / seconds));
}

/**
 * As many at a time as one page answers, percentiles apart: a batch is answered or refused as a
 * whole, and percentiles are what an implementation or a metric may not have.
 */
function batchesOf(
  queries: readonly MetricDataQuery[],
  stretch: Window,
): readonly MetricDataQuery[][] {
  // Math names the metrics it is made of: they go together.
  if (queries.some((query) => query.ReturnData === false)) return chunksOf(queries, queriesPerCall);
  const longest = Math.max(1, ...queries.map((query) => pointsOf(query, stretch)));
  const size = Math.min(queriesPerCall, Math.max(1, Math.floor(pointsPerPage / longest)));
  const isPercentile = ({ MetricStat: asked }: MetricDataQuery) => /^p\d/.test(asked?.Stat ?? "");
  const others = queries.filter((query) => !isPercentile(query));
  return [...chunksOf(others, size), ...chunksOf(queries.filter(isPercentile), size)];
}

function collect(into: Collected, results: readonly MetricDataResult[], stretch: Window): void {
  for (const result of results) {
    // One id may come with several labels, when a query groups.
    const id = `${result.Id ?? ""}\0${result.Label ?? ""}`;
    const values = into.points.get(id) ?? new Map<number, number>();
    into.points.set(id, values);
    into.labels.set(id, result.Label ?? "");
    for (const [at, time] of (result.Timestamps ?? []).entries()) {
      const value = result.Values?.[at];
      if (value !== undefined && Number.isFinite(value)) values.set(time.getTime(), value);
    }
    into.status.set(`${id}\0${stretch.from}`, result.StatusCode ?? "Complete");
    for (const { Code, Value } of result.Messages ?? []) {
      into.messages.add([Code, Value].filter(Boolean).join(": "));
    }
  }
}

function gapsOf({ status, messages, faults }: Collected): readonly Gap[] {
  const bad = [...status.values()].filter((code) => code !== "Complete");
  const gaps: Gap[] = [...new Set(bad)].map((code) => ({
    what: `${bad.filter((each) => each === code).length} CloudWatch series`,
    why: `status ${code}: CloudWatch returned them in part or not at all`,
    effect: "missing points of these series are not zeros",
    signal: "metrics",
  }));
  for (const message of messages) {
    gaps.push({
      what: "CloudWatch metrics",
      why: `CloudWatch says ${message.slice(0, 300)}`,
      effect: "the series may be incomplete",
      signal: "metrics",
    });
  }
  for (const { error, queries, stretch } of faults) {
    const { reason, message } = awsFailure(error);
    gaps.push({
      what: `${queries} CloudWatch series, ${toIso(stretch.from)} to ${toIso(stretch.to)}`,
      why: `${reason}: ${message}`,
      effect: "these series are not looked at there",
      signal: "metrics",
    });
  }
  return gaps;
}

function sorted(values: ReadonlyMap<number, number>): Points {
  const times = Float64Array.from(values.keys()).sort();
  return { times, values: times.map((time) => values.get(time) ?? Number.NaN) };
}

/** A list in pieces of at most `size`. */
export function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.slice(i * size, (i + 1) * size),
  );
}

/** Runs jobs, at most `atOnce` at the same time. */
export async function inParallel(
  jobs: readonly (() => Promise<void>)[],
  atOnce: number,
): Promise<void> {
  const queue = jobs.values();
  const worker = async () => {
    for (const job of queue) await job();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
}
