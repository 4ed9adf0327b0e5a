import { randomUUID } from "node:crypto";
import type { Event } from "@aws-sdk/client-cloudtrail";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { answer } from "./aws-double.ts";
import type { AwsHandler } from "./aws-front.ts";
import { type LogEvent, runInsightsText } from "./insights-double.ts";

/** LookupEvents, which moto lacks, by time. */
export function trailHandler(events: readonly Event[]): AwsHandler {
  return ({ body }) => {
    const { StartTime: from, EndTime: to } = body as { StartTime: number; EndTime: number };
    const found = events.filter(({ EventTime: time }) => {
      const at = (time?.getTime() ?? 0) / 1_000;
      return at >= from && at <= to;
    });
    const shown = found.map((event) => ({
      ...event,
      EventTime: (event.EventTime?.getTime() ?? 0) / 1_000,
    }));
    return answer({ Events: shown.toReversed() });
  };
}

/** Logs Insights over the log events that are in moto, whose own reads neither filter nor count. */
export function insightsHandlers(endpoint: string, region: string): Record<string, AwsHandler> {
  const client = new CloudWatchLogsClient({ region, endpoint });
  const known = new Map<string, Promise<readonly LogEvent[]>>();
  const answers = new Map<string, { rows: Record<string, string>[]; bytes: number }>();
  const eventsOf = async (group: string): Promise<readonly LogEvent[]> => {
    const events: LogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await client.send(
        new FilterLogEventsCommand({ logGroupName: group, ...(nextToken ? { nextToken } : {}) }),
      );
      for (const { timestamp, message } of page.events ?? []) {
        events.push({ group, at: timestamp ?? 0, message: message ?? "" });
      }
      nextToken = page.nextToken;
    } while (nextToken);
    return events;
  };
  return {
    StartQuery: async ({ body }) => {
      const ask = body as {
        logGroupNames: string[];
        queryString: string;
        startTime: number;
        endTime: number;
        limit: number;
      };
      const parts = await Promise.all(
        ask.logGroupNames.map((group) => {
          if (!known.has(group)) known.set(group, eventsOf(group));
          return known.get(group) ?? [];
        }),
      );
      const [from, to] = [ask.startTime * 1_000, (ask.endTime + 1) * 1_000];
      const inside = parts.flat().filter(({ at }) => at >= from && at < to);
      const queryId = randomUUID();
      answers.set(queryId, {
        rows: runInsightsText(ask.queryString, inside, ask.limit),
        bytes: inside.reduce((sum, { message }) => sum + message.length, 0),
      });
      return answer({ queryId });
    },
    GetQueryResults: ({ body }) => {
      const { rows, bytes } = answers.get(String(body.queryId)) ?? { rows: [], bytes: 0 };
      const results = rows.map((row) =>
        Object.entries(row).map(([field, value]) => ({ field, value })),
      );
      return answer({ status: "Complete", statistics: { bytesScanned: bytes }, results });
    },
  };
}

interface Datum {
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Timestamp: number;
  readonly Value: number;
  readonly Unit?: string;
}

function keyOf(namespace: string, metric: Pick<Datum, "MetricName" | "Dimensions">): string {
  const pairs = (metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]);
  return JSON.stringify([namespace, metric.MetricName, pairs.toSorted()]);
}

/**
 * GetMetricData over what was put through this front: moto has no percentiles. Only the first datum
 * of each metric is passed on, since moto compares every datum with every other to list metrics.
 */
export function metricHandlers(): Record<string, AwsHandler> {
  const known = new Map<string, Datum[]>();
  return {
    PutMetricData: ({ body }) => {
      const first = (body.MetricData as Datum[]).filter((datum) => {
        const key = keyOf(String(body.Namespace), datum);
        const all = known.get(key);
        if (all) all.push(datum);
        else known.set(key, [datum]);
        return !all;
      });
      return first.length > 0
        ? { kind: "pass-on", body: { ...body, MetricData: first } }
        : answer({});
    },
    GetMetricData: ({ body }) => {
      const ask = body as unknown as {
        StartTime: number;
        EndTime: number;
        MetricDataQueries: { Id: string; MetricStat: MetricStat }[];
      };
      const results = ask.MetricDataQueries.map(({ Id, MetricStat: asked }) => {
        const { Metric, Period, Stat } = asked;
        const data = (known.get(keyOf(Metric.Namespace, Metric)) ?? [])
          .filter(({ Timestamp: at }) => at >= ask.StartTime && at < ask.EndTime)
          .filter(({ Unit: unit = "None" }) => !asked.Unit || asked.Unit === unit);
        const bins = Map.groupBy(data, ({ Timestamp: at }) => Math.floor(at / Period) * Period);
        const Timestamps = [...bins.keys()].sort((a, b) => a - b);
        const Values = Timestamps.map((at) =>
          aggregate(
            Stat,
            (bins.get(at) ?? []).map(({ Value }) => Value),
          ),
        );
        return { Id, StatusCode: "Complete", Timestamps, Values };
      });
      return answer({ MetricDataResults: results });
    },
  };
}

interface MetricStat {
  readonly Metric: { readonly Namespace: string } & Pick<Datum, "MetricName" | "Dimensions">;
  readonly Period: number;
  readonly Stat: string;
  readonly Unit?: string;
}

function aggregate(stat: string, values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  if (stat === "Sum") return sum;
  if (stat === "Average") return sum / values.length;
  if (stat === "Minimum") return Math.min(...values);
  if (stat === "Maximum") return Math.max(...values);
  if (stat === "SampleCount") return values.length;
  const share = Number(stat.slice(1)) / 100;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
