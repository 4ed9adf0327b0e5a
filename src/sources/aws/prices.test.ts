import { expect, it } from "vitest";
import type { SignalQuery } from "../../core/query.ts";
import { systemClock } from "../../platform/clock.ts";
import { cloudwatchLogs } from "../cloudwatch-logs.ts";
import { openTelemetry } from "../telemetry.ts";
import { freeContext } from "../testing/ask.ts";
import { answer, awsDouble } from "../testing/aws-double.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";
import { athenaUsd, callUsd, insightsUsd, isPriced } from "./prices.ts";

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

it("expects what groups will scan that are named one by one", async () => {
  await using aws = await account(2e9);
  const own = { region: "eu-west-1", endpoint: aws.endpoint, logGroups: ["/ecs/a"] };
  const source = await cloudwatchLogs.open("logs", cloudwatchLogs.settings.parse(own));
  const outcome = await source.run(query, window, freeContext());
  expect(outcome.provenance.planned?.bytes).toBeCloseTo(2e9, -7);
  expect(aws.requests[0]?.body).toEqual({ logGroupIdentifiers: ["/ecs/a"] });
});

it("lets no two reads at once spend the same dollar", async () => {
  await using aws = await account(1e9);
  const telemetry = await reads(aws.endpoint, 0.008);
  const earlier = { from: window.from - hour, to: window.from };
  const both = await Promise.all([window, earlier].map((each) => telemetry.read(query, each)));
  expect(both.map(({ kind }) => kind).sort()).toEqual(["empty", "failed"]);
  expect(aws.count("StartQuery")).toBe(1);
  // What the first had set aside and did not need is free again.
  const little = { from: now - hour / 2, to: now };
  expect((await telemetry.read(query, little)).kind).toBe("empty");
});

it.each([
  ["cloudwatch:GetMetricData", { MetricDataResults: Array(1_000).fill({}) }, 0.01],
  ["cloudwatch:ListMetrics", {}, 0.00001],
  ["xray:BatchGetTraces", { Traces: Array(5).fill({}) }, 0.0000025],
  ["xray:GetTraceSummaries", { TracesProcessedCount: 1_000_000 }, 0.5],
  ["cloudtrail:LookupEvents", { Events: [{}] }, 0],
])("prices %s as AWS lists it", (action, result, usd) => {
  expect(callUsd(action, result, {})).toBeCloseTo(usd, 9);
  expect(isPriced(action)).toBe(usd > 0);
});

it("prices what engines scan, at least 10 MB per query of Athena", () => {
  expect(insightsUsd(1e9, {})).toBe(0.005);
  expect(athenaUsd(1e12, {})).toBe(5);
  expect(athenaUsd(0, {})).toBeCloseTo(0.00005, 9);
});
