import { expect, it } from "vitest";
import type { SignalQuery } from "../../core/query.ts";
import { systemClock } from "../../platform/clock.ts";
import { cloudwatchLogs } from "../cloudwatch-logs.ts";
import { openTelemetry } from "../telemetry.ts";
import { answer, awsDouble } from "../testing/aws-double.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";
import { callUsd, insightsUsd } from "./prices.ts";

fakeAwsCredentials(process.env);
const hour = 3_600_000;
const now = systemClock.now();
const window = { from: now - hour, to: now };
const query: SignalQuery = { kind: "log-search" };

/** An account whose one group took in `perHour` bytes; each query scans as many. */
function account(perHour: number) {
  return awsDouble(({ operation }) => {
    if (operation === "DescribeLogGroups") {
      const creationTime = now - 10 * hour;
      return answer({
        logGroups: [{ logGroupName: "/ecs/a", storedBytes: perHour * 10, creationTime }],
      });
    }
    if (operation === "StartQuery") return answer({ queryId: "q" });
    return answer({ status: "Complete", results: [], statistics: { bytesScanned: perHour } });
  });
}

async function reads(endpoint: string, costUsdMax: number, prices = {}) {
  const own = cloudwatchLogs.settings.parse({ region: "eu-west-1", endpoint });
  const source = await cloudwatchLogs.open("logs", own);
  const signal = new AbortController().signal;
  const options = { signal, clock: systemClock, readTimeoutMs: 10_000, bytesMax: 1e15 };
  return openTelemetry([source], { ...options, costUsdMax, prices });
}

it("counts what reads cost, and what was expected of them", async () => {
  await using aws = await account(2e9);
  const telemetry = await reads(aws.endpoint, 5);
  const reading = await telemetry.read(query, window);
  expect(reading.kind).toBe("empty");
  expect(telemetry.spent?.().costUsd).toBeCloseTo(0.01, 6);
  expect(telemetry.spent?.().planned.bytes).toBeCloseTo(2e9, -7);
  expect(telemetry.spent?.().planned.costUsd).toBeCloseTo(0.01, 3);
});

it("does not send what would cost more than is left", async () => {
  await using aws = await account(2e12);
  const telemetry = await reads(aws.endpoint, 5);
  const reading = await telemetry.read(query, window);
  expect(reading).toMatchObject({ kind: "failed", reason: "too-big" });
  expect(reading.kind === "failed" && reading.message).toMatch(
    /^This would cost up to (9\.99|10\.)\d+ USD/,
  );
  expect(aws.count("StartQuery")).toBe(0);
});

it("asks for nothing more once the money is spent", async () => {
  await using aws = await account(2e9);
  const telemetry = await reads(aws.endpoint, 0.0105);
  await telemetry.read(query, window);
  const later = { from: window.from - 1, to: window.to };
  expect(await telemetry.read(query, later)).toMatchObject({ kind: "failed", reason: "too-big" });
  expect(aws.count("StartQuery")).toBe(1);
});

it("takes prices of the user's own", async () => {
  await using aws = await account(2e9);
  const telemetry = await reads(aws.endpoint, 5, { insightsGb: 0.5 });
  await telemetry.read(query, window);
  expect(telemetry.spent?.().costUsd).toBeCloseTo(1, 6);
});

it.each([
  ["cloudwatch:GetMetricData", { MetricDataResults: Array(1_000).fill({}) }, 0.01],
  ["xray:BatchGetTraces", { Traces: Array(5).fill({}) }, 0.0000025],
  ["xray:GetTraceSummaries", { TracesProcessedCount: 1_000_000 }, 0.5],
  ["cloudtrail:LookupEvents", { Events: [{}] }, 0],
  ["athena:GetQueryExecution", queryThat("SUCCEEDED", 1e12), 5],
  ["athena:GetQueryExecution", queryThat("SUCCEEDED", 0), 0.00005],
  ["athena:GetQueryExecution", queryThat("RUNNING", 1e12), 0],
])("prices %s as AWS lists it", (action, result, usd) => {
  expect(callUsd(action, result, {})).toBeCloseTo(usd, 9);
  expect(insightsUsd(1e9, {})).toBe(0.005);
});

function queryThat(State: string, DataScannedInBytes: number) {
  return { QueryExecution: { Status: { State }, Statistics: { DataScannedInBytes } } };
}
