import { lengthMs, type Window } from "../../core/window.ts";
import type { Pace } from "../aws/account-pace.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "../aws/faults.ts";
import { pause } from "../aws/pause.ts";
import { insightsUsd } from "../aws/prices.ts";

/** Log groups of one query, and rows of one answer: limits of Logs Insights itself. */
export const groupsPerQuery = 50;
export const insightsRowsMax = 10_000;
/**
 * Queries that an account may run at once: "View running queries or query history" of the guide to
 * CloudWatch Logs. Older pages say 30.
 */
export const insightsQueriesMax = 100;
/** A window is split in halves at most this often when its query times out. */
const splitsMax = 3;
/** Waits before each look at a running query: of few, most would come too early. */
const pollMs = [250, 500, 1_000];
/** Waits before a query is started again that found the account's places taken. */
const placeMs = [300, 900, 2_000];

/** One row of an answer: field to value, both as Logs Insights writes them. */
export type InsightsRow = Readonly<Record<string, string>>;

export interface InsightsAnswer {
  readonly rows: readonly InsightsRow[];
  /** Queries that the rows come from: aggregates of several are not added up. */
  readonly queries: number;
  /** Groups that could not be searched while others were. */
  readonly faults: readonly { readonly groups: readonly string[]; readonly error: unknown }[];
  /** True when a query came back with as many rows as it may. */
  readonly isCut: boolean;
}

/** The SDK of CloudWatch Logs with a client of it. */
export async function openLogs(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new sdk.CloudWatchLogsClient(awsClientConfig(settings));
  return { sdk, client, region: await client.config.region() };
}
export type Logs = Awaited<ReturnType<typeof openLogs>>;

/** What bounds the queries of one read. */
export interface InsightsLimits {
  readonly pace: Pace;
  /** Most bytes that all queries of one read may scan together. */
  readonly bytesMax: number;
  readonly rowsMax: number;
  /** How much groups take in on average: what a query over them will about scan. */
  readonly bytesPerMs?: ReadonlyMap<string, number>;
}

/**
 * Runs one query over any number of groups: 50 at a time, the answers below one another. A query
 * that times out at the service is split in halves of its window, and one that nobody waits for any
 * longer is stopped, since it costs. Groups that fail while others answer come back as faults; when
 * all fail, it throws.
 */
export async function runInsights(
  logs: Logs,
  calls: AwsCalls,
  ask: { readonly groups: readonly string[]; readonly text: string; readonly window: Window },
  bounds: InsightsLimits,
): Promise<InsightsAnswer> {
  const expected = ask.groups.reduce(
    (sum, group) => sum + (bounds.bytesPerMs?.get(group) ?? 0) * lengthMs(ask.window),
    0,
  );
  if (expected > 0) calls.plan(expected, insightsUsd(expected, calls.prices));
  const pieces = Array.from({ length: Math.ceil(ask.groups.length / groupsPerQuery) }, (_, i) =>
    ask.groups.slice(i * groupsPerQuery, (i + 1) * groupsPerQuery),
  );
  const parts = await Promise.all(
    pieces.map(async (groups): Promise<InsightsAnswer> => {
      try {
        return await runSplitting(logs, calls, { ...ask, groups }, bounds, splitsMax);
      } catch (error) {
        if (isFinal(error)) throw error;
        return { rows: [], queries: 0, isCut: false, faults: [{ groups, error }] };
      }
    }),
  );
  const answer = joined(parts);
  if (answer.faults[0] && answer.faults.length === pieces.length) throw answer.faults[0].error;
  return answer;
}

/** What ends the whole read, not only a part of it: its time, its asker, its bytes. */
export function isFinal(error: unknown): boolean {
  return (
    error instanceof AwsStopped ||
    (error instanceof AwsRefusal && error.failure.reason === "too-big")
  );
}

type Ask = Parameters<typeof runInsights>[2];

async function runSplitting(
  logs: Logs,
  calls: AwsCalls,
  ask: Ask,
  bounds: InsightsLimits,
  splitsLeft: number,
): Promise<InsightsAnswer> {
  const answer = await bounds.pace(() => runOne(logs, calls, ask, bounds));
  if (answer !== "timed-out") return answer;
  const { from, to } = ask.window;
  const middle = Math.floor((from + to) / 2_000) * 1_000;
  if (splitsLeft === 0 || middle <= from) {
    throw new AwsRefusal("timed-out", "Logs Insights timed out; narrow groups or window.", true);
  }
  const halves = [
    { from, to: middle },
    { from: middle, to },
  ];
  const parts = await Promise.all(
    halves.map((window) => runSplitting(logs, calls, { ...ask, window }, bounds, splitsLeft - 1)),
  );
  return joined(parts);
}

function joined(parts: readonly InsightsAnswer[]): InsightsAnswer {
  return {
    rows: parts.flatMap((part) => part.rows),
    queries: parts.reduce((sum, part) => sum + part.queries, 0),
    faults: parts.flatMap((part) => part.faults),
    isCut: parts.some((part) => part.isCut),
  };
}

/**
 * Groups by name; with one of another account among them, which only an ARN names, by identifier.
 */
function named(groups: readonly string[]) {
  return groups.some((group) => group.startsWith("arn:"))
    ? { logGroupIdentifiers: groups.map((group) => group.replace(/:\*$/, "")) }
    : { logGroupNames: [...groups] };
}

/** Starts a query; where people take all places of the account, it waits for one. */
async function start(
  { sdk, client }: Logs,
  calls: AwsCalls,
  { groups, text, window }: Ask,
  rowsMax: number,
): Promise<string | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      const { queryId } = await calls.call("logs:StartQuery", (abortSignal) =>
        client.send(
          new sdk.StartQueryCommand({
            ...named(groups),
            queryString: text,
            // Whole seconds, both ends included.
            startTime: Math.floor(window.from / 1_000),
            endTime: Math.max(Math.floor(window.from / 1_000), Math.ceil(window.to / 1_000) - 1),
            limit: rowsMax,
          }),
          { abortSignal },
        ),
      );
      return queryId;
    } catch (error) {
      const wait = placeMs[attempt];
      if (wait === undefined || awsFailure(error).reason !== "throttled") throw error;
      await pause(wait, calls.stop);
    }
  }
}

async function runOne(
  logs: Logs,
  calls: AwsCalls,
  ask: Ask,
  bounds: InsightsLimits,
): Promise<InsightsAnswer | "timed-out"> {
  const { sdk, client } = logs;
  const queryId = await start(logs, calls, ask, bounds.rowsMax);
  let counted = 0;
  let isOver = false;
  try {
    for (let poll = 0; ; poll++) {
      await pause(pollMs[Math.min(poll, pollMs.length - 1)] ?? 1_000, calls.stop);
      const answer = await calls.call("logs:GetQueryResults", (abortSignal) =>
        client.send(new sdk.GetQueryResultsCommand({ queryId }), { abortSignal }),
      );
      const bytes = answer.statistics?.bytesScanned ?? 0;
      const status = answer.status ?? "Unknown";
      isOver = status !== "Running" && status !== "Scheduled" && status !== "Unknown";
      // What a query has scanned is paid for, whatever becomes of it.
      const more = Math.max(0, bytes - counted);
      calls.scanned(more, insightsUsd(more, calls.prices));
      counted += more;
      if (calls.meter.bytes > bounds.bytesMax) {
        const words = `This scans more than the ${bounds.bytesMax} bytes left; narrow it.`;
        throw new AwsRefusal("too-big", words);
      }
      if (status === "Timeout") return "timed-out";
      if (status === "Failed" || status === "Cancelled") {
        throw new AwsRefusal("unavailable", `Logs Insights ended the query as ${status}.`, true);
      }
      if (status === "Complete") {
        const rows = (answer.results ?? []).map((fields) =>
          Object.fromEntries(fields.map(({ field, value }) => [field ?? "", value ?? ""])),
        );
        const isCut = rows.length >= bounds.rowsMax;
        return { rows, queries: 1, faults: [], isCut };
      }
    }
  } finally {
    // Not waited for, and not stopped with the read: it is what ends the cost.
    if (!isOver) client.send(new sdk.StopQueryCommand({ queryId })).catch(() => undefined);
  }
}

/** `2026-03-01 10:00:00.000` (UTC) or epoch ms as epoch ms; NaN for anything else. */
export function insightsTime(text: string | undefined): number {
  if (!text) return Number.NaN;
  return /^\d+$/.test(text) ? Number(text) : Date.parse(`${text.replace(" ", "T")}Z`);
}
