import type {
  Service,
  TimeSeriesServiceStatistics,
  Trace,
  TraceSummary as XrayTraceSummary,
} from "@aws-sdk/client-xray";
import type { Span } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { AwsRefusal, AwsStopped } from "../aws/faults.ts";
import { tracesUsd } from "../aws/prices.ts";
import { chunksOf, inParallel } from "../cloudwatch/series.ts";
import { spansOf } from "./spans.ts";

/** Longest time of one call of X-Ray. */
const stretchMs = 6 * 3_600_000;
/** Pages of one stretch. */
const pagesMax = 20;
/** Traces of one call of BatchGetTraces. */
const tracesPerCall = 5;
const callsAtOnce = 10;

/** The SDK of X-Ray with a client of it. */
export async function openXray(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-xray");
  const client = new sdk.XRayClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}
export type Xray = Awaited<ReturnType<typeof openXray>>;

/** A window in stretches that X-Ray answers, oldest first. */
export function sixHours({ from, to }: Window): readonly Window[] {
  return Array.from({ length: Math.ceil((to - from) / stretchMs) }, (_, i) => ({
    from: from + i * stretchMs,
    to: Math.min(to, from + (i + 1) * stretchMs),
  }));
}

export interface Read<T> {
  readonly items: readonly T[];
  readonly isCut: boolean;
}

/** Every page of every stretch, the stretches side by side. */
async function pages<T>(
  window: Window,
  read: (
    stretch: Window,
    token: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly token: string | undefined }>,
): Promise<Read<T>> {
  const items: T[][] = [];
  let isCut = false;
  const jobs = sixHours(window).map((stretch, at) => async () => {
    const own: T[] = [];
    items[at] = own;
    const isCutHere = await everyPage(pagesMax, async (token) => {
      const answer = await read(stretch, token);
      own.push(...answer.items);
      return answer.token;
    });
    isCut ||= isCutHere;
  });
  await inParallel(jobs, callsAtOnce);
  return { items: items.flat(), isCut };
}

/** Which traces are asked for. */
export interface TraceFilter {
  /** A filter expression of X-Ray; empty for all traces. */
  readonly expression: string;
  /** Share of the traces to look at, 0..1; 1 for all. */
  readonly rate: number;
}

/** Summaries of the traces that began in a window. The filter and the sampling go with the call. */
export function traceSummaries(
  { sdk, client }: Xray,
  calls: AwsCalls,
  window: Window,
  filter: TraceFilter,
): Promise<Read<XrayTraceSummary>> {
  return pages(window, async (stretch, token) => {
    const answer = await calls.call("xray:GetTraceSummaries", (abortSignal) =>
      client.send(
        new sdk.GetTraceSummariesCommand({
          StartTime: new Date(stretch.from),
          EndTime: new Date(stretch.to),
          TimeRangeType: "TraceId",
          Sampling: filter.rate < 1,
          ...(filter.rate < 1
            ? { SamplingStrategy: { Name: "FixedRate", Value: filter.rate } }
            : {}),
          ...(filter.expression ? { FilterExpression: filter.expression } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    return { items: answer.TraceSummaries ?? [], token: answer.NextToken };
  });
}

export interface WholeTraces {
  readonly spans: readonly Span[];
  /** Traces that came back. */
  readonly traces: number;
  /** Segment documents that could not be read, and traces too long for X-Ray to keep whole. */
  readonly bad: number;
  /** What kept some of the traces from being read, when others were. */
  readonly faults: readonly unknown[];
}

/** Whole traces, five at a time; throws when none could be read. */
export async function wholeTraces(
  xray: Xray,
  calls: AwsCalls,
  ids: readonly string[],
  names: Readonly<Record<string, string>>,
): Promise<WholeTraces> {
  const traces: Trace[] = [];
  const faults: unknown[] = [];
  const jobs = chunksOf(ids, tracesPerCall).map((chunk) => async () => {
    try {
      calls.plan(0, tracesUsd(chunk.length, calls.prices));
      const unprocessed = await batchGet(xray, calls, chunk, traces);
      // AWS says no more of them than that: a second time may help, and they may not exist.
      const left = unprocessed.length && (await batchGet(xray, calls, unprocessed, traces)).length;
      if (!left) return;
      const words = `X-Ray did not hand out ${left} traces; they may not exist, or not be ready.`;
      throw new AwsRefusal("unavailable", words, true);
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      faults.push(error);
    }
  });
  await inParallel(jobs, callsAtOnce);
  if (faults.length > 0 && traces.length === 0) throw faults[0];
  const parts = traces.map(({ Id: id = "", Segments: segments = [], LimitExceeded: isTooLong }) => {
    const documents = segments.map((segment) => segment.Document);
    const { spans, bad } = spansOf(id, documents, names);
    return { spans, bad: bad + Number(isTooLong ?? false) };
  });
  return {
    spans: parts.flatMap((part) => part.spans),
    traces: traces.length,
    bad: parts.reduce((sum, part) => sum + part.bad, 0),
    faults,
  };
}

/** Puts every page of some traces into a list; gives the ids that X-Ray did not process. */
async function batchGet(
  { sdk, client }: Xray,
  calls: AwsCalls,
  ids: readonly string[],
  into: Trace[],
): Promise<readonly string[]> {
  const unprocessed: string[] = [];
  await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("xray:BatchGetTraces", (abortSignal) =>
      client.send(
        new sdk.BatchGetTracesCommand({
          TraceIds: [...ids],
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    into.push(...(answer.Traces ?? []));
    unprocessed.push(...(answer.UnprocessedTraceIds ?? []));
    return answer.NextToken;
  });
  return unprocessed;
}

/** The service map, one list per stretch: statistics of a service stand in each. */
export function serviceGraph(
  { sdk, client }: Xray,
  calls: AwsCalls,
  window: Window,
  group: string | undefined,
): Promise<Read<readonly Service[]>> {
  return pages(window, async (stretch, token) => {
    const answer = await calls.call("xray:GetServiceGraph", (abortSignal) =>
      client.send(
        new sdk.GetServiceGraphCommand({
          StartTime: new Date(stretch.from),
          EndTime: new Date(stretch.to),
          ...(group ? { GroupName: group } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    return { items: [answer.Services ?? []], token: answer.NextToken };
  });
}

/** Statistics of one service per period. */
export function serviceSeries(
  { sdk, client }: Xray,
  calls: AwsCalls,
  window: Window,
  asked: { readonly service: string; readonly periodSeconds: number; readonly group?: string },
): Promise<Read<TimeSeriesServiceStatistics>> {
  return pages(window, async (stretch, token) => {
    const answer = await calls.call("xray:GetTimeSeriesServiceStatistics", (abortSignal) =>
      client.send(
        new sdk.GetTimeSeriesServiceStatisticsCommand({
          StartTime: new Date(stretch.from),
          EndTime: new Date(stretch.to),
          Period: asked.periodSeconds,
          EntitySelectorExpression: `service(${quoted(asked.service)})`,
          ...(asked.group ? { GroupName: asked.group } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    return { items: answer.TimeSeriesServiceStatistics ?? [], token: answer.NextToken };
  });
}

/** Where spans go: true when Transaction Search keeps all of them in CloudWatch Logs. */
export async function isSearchOn({ sdk, client }: Xray, calls: AwsCalls): Promise<boolean> {
  const answer = await calls.call("xray:GetTraceSegmentDestination", (abortSignal) =>
    client.send(new sdk.GetTraceSegmentDestinationCommand({}), { abortSignal }),
  );
  return answer.Destination === "CloudWatchLogs" && answer.Status === "ACTIVE";
}

/** Names of the groups of the account, each a saved filter expression. */
export async function groupNames({ sdk, client }: Xray, calls: AwsCalls): Promise<string[]> {
  const names: string[] = [];
  await everyPage(pagesMax, async (token) => {
    const answer = await calls.call("xray:GetGroups", (abortSignal) =>
      client.send(new sdk.GetGroupsCommand(token ? { NextToken: token } : {}), { abortSignal }),
    );
    names.push(...(answer.Groups ?? []).flatMap((each) => each.GroupName ?? []));
    return answer.NextToken;
  });
  return names;
}

/** A name as a string of a filter expression; nothing in it can end the string. */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
