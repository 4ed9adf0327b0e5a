/**
 * An investigation of an account with 30 services on doubles that answer as slowly as AWS does:
 * `npm run bench -- aws [--services 30] [--latency 120] [--query 600]` prints JSON. Bars: first
 * findings in at most 10 s, at most 150 calls; `busiest` is the most calls that were under way at
 * the same time. `chain` goes back from the last answer, at each call to the answer that came last
 * before it was sent: the calls that one another can have waited for, and the time between them in
 * which no call of the chain was under way (our own work, and turns awaited for quotas).
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openAnalyst } from "../src/app/open-analyst.ts";
import { requestBy } from "../src/core/investigation-request.ts";
import { localPrincipal } from "../src/core/principal.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import {
  type AwsReply,
  type AwsRequest,
  answer,
  awsDouble,
} from "../src/sources/testing/aws-double.ts";
import { fakeAwsCredentials } from "../src/sources/testing/moto.ts";
import { type SeededSpan, xrayHandlers } from "../src/sources/testing/xray-double.ts";

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "30" },
    latency: { type: "string", default: "120" },
    /** Milliseconds that a query of Logs Insights runs. */
    query: { type: "string", default: "600" },
  },
});
const services = Array.from({ length: Number(values.services) }, (_, i) => `service-${i + 1}`);
const latencyMs = Number(values.latency);
const broken = services[6] ?? "service-1";
const now = Math.floor(systemClock.now() / 60_000) * 60_000;
const onset = now - 20 * 60_000;
fakeAwsCredentials(process.env);

const balancer = ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime"];
const container = ["CPUUtilization", "MemoryUtilization"];
const dimension = (Name: string, Value: string) => [{ Name, Value }];
const metrics = services.flatMap((service) => [
  ...balancer.map((MetricName) => ({
    Namespace: "AWS/ApplicationELB",
    MetricName,
    Dimensions: dimension("TargetGroup", `targetgroup/${service}/73e2`),
  })),
  ...container.map((MetricName) => ({
    Namespace: "AWS/ECS",
    MetricName,
    Dimensions: dimension("ServiceName", service),
  })),
  { Namespace: "Shop", MetricName: "orders.placed", Dimensions: dimension("Service", service) },
]);
const levels: Readonly<Record<string, readonly [usual: number, bad: number]>> = {
  RequestCount: [600, 600],
  HTTPCode_Target_5XX_Count: [1, 240],
  TargetResponseTime: [0.12, 0.9],
  "orders.placed": [40, 22],
};

function levelOf(name: string, service: string, at: number): number {
  const [usual, bad] = levels[name] ?? [30, 30];
  const level = service === broken && at >= onset ? bad : usual;
  return level * (1 + 0.05 * Math.sin(at / 97_000 + service.length + name.length));
}

interface Asked {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: { readonly MetricName: string; readonly Dimensions: { Value: string }[] };
    readonly Period: number;
  };
}

function data({ body }: AwsRequest): AwsReply {
  const { StartTime: from, EndTime: to } = body as { StartTime: number; EndTime: number };
  const results = (body.MetricDataQueries as Asked[]).map(({ Id, MetricStat: asked }) => {
    const { Metric: metric, Period } = asked;
    const service = /service-\d+/.exec(metric.Dimensions[0]?.Value ?? "")?.[0] ?? "";
    const count = Math.max(0, Math.floor((to - from) / Period));
    const Timestamps = Array.from({ length: count }, (_, i) => from + i * Period);
    const Values = Timestamps.map((at) => levelOf(metric.MetricName, service, at * 1_000));
    return { Id, StatusCode: "Complete", Timestamps, Values };
  });
  return answer({ MetricDataResults: results });
}

const spans = Array.from({ length: 600 }, (_, i): SeededSpan => {
  const service = services[i % services.length] ?? "";
  const start = now - i * 12_000;
  const isError = service === broken && start >= onset;
  const trace = i.toString(16).padStart(32, "0");
  const rest = { kind: "server", attributes: {}, parent: null, name: "GET /", durationMs: 90 };
  return { trace, id: `${i}`, service, at: start, isError, ...rest };
});
const traces = xrayHandlers(() => spans);
const doneAt = new Map<string, number>();

async function served(request: AwsRequest): Promise<AwsReply> {
  const { operation, body } = request;
  if (operation === "ListMetrics") {
    const page = Number(body.NextToken ?? 0);
    const own = body.Namespace ? metrics.filter((m) => m.Namespace === body.Namespace) : metrics;
    const next = (page + 1) * 500 < own.length ? { NextToken: String(page + 1) } : {};
    return answer({ Metrics: own.slice(page * 500, (page + 1) * 500), ...next });
  }
  if (operation === "GetMetricData") return data(request);
  if (operation === "DescribeLogGroups") {
    return answer({ logGroups: services.map((name) => ({ logGroupName: `/ecs/${name}` })) });
  }
  if (operation === "StartQuery") {
    const queryId = `q${doneAt.size}`;
    doneAt.set(queryId, performance.now() + Number(values.query));
    return answer({ queryId });
  }
  if (operation === "GetQueryResults") {
    const isDone = performance.now() >= (doneAt.get(String(body.queryId)) ?? 0);
    const status = isDone ? "Complete" : "Running";
    return answer({ status, results: [], statistics: { bytesScanned: 1e6 } });
  }
  if (operation === "LookupEvents") {
    const request = { functionName: broken };
    const event = {
      EventId: "e-1",
      EventName: "UpdateFunctionCode20150331v2",
      EventSource: "lambda.amazonaws.com",
      EventTime: (onset - 60_000) / 1_000,
      CloudTrailEvent: JSON.stringify({ requestParameters: request }),
    };
    return answer({ Events: [event] });
  }
  if (operation.startsWith("DescribeAlarm"))
    return answer({ MetricAlarms: [], AlarmHistoryItems: [] });
  const traced = await traces[operation]?.(request);
  if (traced?.kind === "answer") return traced;
  return { kind: "fault", name: "AccessDeniedException", status: 403 };
}

interface Timed {
  readonly operation: string;
  readonly beganMs: number;
  readonly endedMs: number;
}
const timed: Timed[] = [];
let underWay = 0;
let busiest = 0;
await using aws = await awsDouble(async (request) => {
  const beganMs = performance.now();
  underWay += 1;
  busiest = Math.max(busiest, underWay);
  // Half to one and a half of the middle, by turns: no two runs differ.
  await delay(latencyMs * (0.5 + ((aws.requests.length * 7) % 11) / 10));
  underWay -= 1;
  timed.push({ operation: request.operation, beganMs, endedMs: performance.now() });
  return served(request);
});

/** The calls that can have waited for one another, last first to first. */
function longestChain(): readonly Timed[] {
  const chain: Timed[] = [];
  for (let last = timed.at(-1); last; ) {
    chain.unshift(last);
    const { beganMs } = last;
    last = timed.findLast(({ endedMs }) => endedMs <= beganMs);
  }
  return chain;
}
const folder = mkdtempSync(join(tmpdir(), "shodo-aws-"));
const kinds = ["cloudwatch-metrics", "cloudwatch-logs", "cloudwatch-alarms", "cloudtrail", "xray"];
const { endpoint } = aws;
const sources = kinds.map((kind) => ({ kind, region: "eu-west-1", endpoint }));
const configFile = join(folder, "shodo.yaml");
writeFileSync(configFile, JSON.stringify({ sources }));
const clock = systemClock;
const opened = await openAnalyst({
  configFile,
  model: "builtin",
  clock,
  ids: randomIds(clock),
  storePath: ":memory:",
});
const began = performance.now();
let firstMs = Number.NaN;
opened.analyst.subscribe("all", (event) => {
  if (event.kind !== "step" || event.step.kind !== "evidence-added") return;
  if (Number.isNaN(firstMs)) firstMs = performance.now() - began;
});
const report = await opened.analyst.investigate(
  requestBy(localPrincipal, {
    question: "errors?",
    window: { from: now - 2 * 3_600_000, to: now },
  }),
);
const seconds = (performance.now() - began) / 1_000;
const chain = longestChain();
const chainMs = chain.reduce((sum, { beganMs, endedMs }) => sum + endedMs - beganMs, 0);
await opened.close();
rmSync(folder, { recursive: true, force: true });
const calls = Object.fromEntries(
  [...Map.groupBy(aws.requests, ({ operation }) => operation)].map(([name, all]) => [
    name,
    all.length,
  ]),
);
const firstSeconds = firstMs / 1_000;
console.log(
  JSON.stringify(
    {
      cpus: availableParallelism(),
      services: services.length,
      latencyMs,
      firstFindingsSeconds: Number(firstSeconds.toFixed(2)),
      seconds: Number(seconds.toFixed(2)),
      calls: aws.requests.length,
      callsByOperation: calls,
      busiest,
      chain: {
        calls: chain.length,
        seconds: Number((chainMs / 1_000).toFixed(2)),
        between: Number((seconds - chainMs / 1_000).toFixed(2)),
        of: chain.map(({ operation }) => operation).join(" > "),
      },
      /** Time of all calls one after another, against the time taken: above 1 they overlapped. */
      overlap: Number(((aws.requests.length * latencyMs) / 1_000 / seconds).toFixed(2)),
      ofBars: {
        firstFindings: Number((firstSeconds / 10).toFixed(2)),
        calls: Number((aws.requests.length / 150).toFixed(2)),
      },
      found: report.rootCauses[0]?.service === broken,
      costUsd: report.usage.sourcesUsd,
    },
    null,
    2,
  ),
);
