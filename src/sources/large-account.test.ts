import { expect, it } from "vitest";
import type { SignalQuery } from "../core/query.ts";
import { readSeries } from "../core/row-readers.ts";
import type { Source } from "../core/source.ts";
import { systemClock } from "../platform/clock.ts";
import { cloudwatchLogs } from "./cloudwatch-logs.ts";
import { cloudwatchMetrics } from "./cloudwatch-metrics.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble } from "./testing/aws-double.ts";
import { fakeAwsCredentials } from "./testing/moto.ts";

fakeAwsCredentials(process.env);
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 30 * minute, to: now };
const baseline = { from: now - 90 * minute, to: window.from };

/** Asks a source of an account, and says by how much the memory of the process grew. */
async function ask(source: Source, query: SignalQuery) {
  const before = process.memoryUsage().rss;
  const outcome = await source.run(query, window, freeContext());
  await source.close();
  return { outcome, grownMb: (process.memoryUsage().rss - before) / 1e6 };
}
const region = "eu-west-1";
const metrics = (endpoint: string) =>
  cloudwatchMetrics.open("large", cloudwatchMetrics.settings.parse({ region, endpoint }));
const logs = (endpoint: string) =>
  cloudwatchLogs.open("large", cloudwatchLogs.settings.parse({ region, endpoint }));

/** An account with so many series of Lambda. */
function metricsOf(count: number) {
  const names = Array.from({ length: count / 2 }, (_, i) => `f${i}`);
  const all = names.flatMap((name) =>
    ["Errors", "Invocations"].map((MetricName) => ({
      ...{ Namespace: "AWS/Lambda", MetricName },
      Dimensions: [{ Name: "FunctionName", Value: name }],
    })),
  );
  const asked: number[] = [];
  const reply = ({ operation, body }: AwsRequest): AwsReply => {
    if (operation === "ListMetrics") {
      if (body.Namespace) return answer({ Metrics: [] });
      const from = Number(body.NextToken ?? 0);
      const next = from + 500 < count ? { NextToken: String(from + 500) } : {};
      return answer({ Metrics: all.slice(from, from + 500), ...next });
    }
    const queries = body.MetricDataQueries as { Id: string; Expression?: string }[];
    if (queries[0]?.Expression) {
      // The worst are the last ones, which no list in order would reach.
      const labels = names.slice(-25).map((Label) => ({ Label, StatusCode: "Complete" }));
      const results = queries.flatMap(({ Id }) => labels.map((label) => ({ Id, ...label })));
      return answer({ MetricDataResults: results });
    }
    asked.push(queries.length);
    const { StartTime: from, EndTime: to } = body as { StartTime: number; EndTime: number };
    const Timestamps = Array.from({ length: (to - from) / 60 }, (_, i) => from + i * 60);
    const MetricDataResults = queries.map(({ Id }) => {
      return { Id, StatusCode: "Complete", Timestamps, Values: Timestamps.map(() => 1) };
    });
    return answer({ MetricDataResults });
  };
  return { reply, asked };
}

it("reads an account of 10,000 metrics in few calls, the worst among them, and says what it left", async () => {
  const { reply, asked } = metricsOf(10_000);
  await using aws = await awsDouble(reply);
  const query = { kind: "metric-series", baseline } as const;
  const { outcome, grownMb } = await ask(await metrics(aws.endpoint), query);
  const series = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  expect(series).toHaveLength(5_000);
  expect(series.map(({ service }) => service)).toContain("f4999");
  expect(asked).toEqual(Array(10).fill(500));
  expect(aws.count("ListMetrics")).toBeLessThanOrEqual(25);
  expect(aws.requests.length).toBeLessThanOrEqual(40);
  expect(outcome.provenance.truncated).toBe(true);
  expect(outcome.kind === "data" && outcome.gaps).toMatchObject([
    {
      what: "5000 of 10000 CloudWatch metrics",
      why: "one read takes 5000, the worst of each kind first",
    },
  ]);
  expect(grownMb).toBeLessThan(400);
}, 60_000);

it("ends the discovery of an account without end, and says so", async () => {
  const { reply } = metricsOf(30_000);
  await using aws = await awsDouble(reply);
  const query = { kind: "metric-series", baseline, services: ["f7"] } as const;
  const { outcome } = await ask(await metrics(aws.endpoint), query);
  expect(aws.count("ListMetrics")).toBeLessThanOrEqual(45);
  expect(outcome.kind === "data" && [outcome.frame.length, outcome.gaps]).toMatchObject([
    2,
    [{ what: "CloudWatch metrics beyond the first 20000" }],
  ]);
}, 60_000);

/** An account with so many log groups, each with a failing line. */
function logGroupsOf(count: number) {
  const groups = Array.from({ length: count }, (_, i) => `/ecs/s${String(i).padStart(4, "0")}`);
  const asked: (readonly string[])[] = [];
  const reply = ({ operation, body }: AwsRequest): AwsReply => {
    if (operation === "DescribeLogGroups") {
      const word = String(body.logGroupNamePattern ?? "");
      const all = groups.filter((name) => name.includes(word));
      const from = Number(body.nextToken ?? 0);
      const next = from + 50 < all.length ? { nextToken: String(from + 50) } : {};
      const page = all.slice(from, from + 50).map((logGroupName) => ({ logGroupName }));
      return answer({ logGroups: page, ...next });
    }
    if (operation === "StartQuery") {
      asked.push(body.logGroupNames as string[]);
      return answer({ queryId: String(asked.length - 1) });
    }
    const results = (asked[Number(body.queryId)] ?? []).map((group) => {
      const row = { "@timestamp": String(now - minute), "@message": "ERROR", "@log": `1:${group}` };
      return Object.entries(row).map(([field, value]) => ({ field, value }));
    });
    return answer({ status: "Complete", results, statistics: { bytesScanned: 1_000 } });
  };
  return { reply, asked };
}

it("searches the groups that it lists of 5,000, 50 per query, and says what it left", async () => {
  const { reply, asked } = logGroupsOf(5_000);
  await using aws = await awsDouble(reply);
  const query = { kind: "log-search", limit: 5_000 } as const;
  const { outcome, grownMb } = await ask(await logs(aws.endpoint), query);
  expect(asked.map((groups) => groups.length)).toEqual(Array(20).fill(50));
  expect(new Set(asked.flat()).size).toBe(1_000);
  expect(aws.count("DescribeLogGroups")).toBe(20);
  expect(outcome.provenance).toMatchObject({ truncated: true, bytesScanned: 20_000 });
  expect(outcome.kind === "data" && [outcome.frame.length, outcome.gaps]).toMatchObject([
    1_000,
    [{ what: "log groups beyond the first 1000" }],
  ]);
  expect(grownMb).toBeLessThan(200);
}, 60_000);

it("finds the groups of a named service among 5,000, beyond those that it lists", async () => {
  const { reply, asked } = logGroupsOf(5_000);
  await using aws = await awsDouble(reply);
  const query = { kind: "log-search", services: ["s4321"] } as const;
  const { outcome } = await ask(await logs(aws.endpoint), query);
  expect(asked).toEqual([["/ecs/s4321"]]);
  expect(outcome.kind === "data" && [outcome.frame.length, outcome.gaps]).toEqual([1, []]);
  expect(outcome.provenance.truncated).toBe(false);
  expect(aws.count("DescribeLogGroups")).toBe(21);
}, 60_000);
