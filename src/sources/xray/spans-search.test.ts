import { expect, it } from "vitest";
import type { Outcome } from "../../core/outcome.ts";
import type { SignalQuery } from "../../core/query.ts";
import {
  readEdges,
  readOperations,
  readSeries,
  readSpans,
  readTopology,
  readTraces,
} from "../../core/row-readers.ts";
import { systemClock } from "../../platform/clock.ts";
import { freeContext } from "../testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "../testing/aws-double.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";
import { sourceConformance } from "../testing/source-conformance.ts";
import { xray } from "../xray.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 10 * minute, to: now };
const baseline = { from: now - 30 * minute, to: window.from };

const open = (endpoint: string, more: object = {}) =>
  xray.open("xray", xray.settings.parse({ region, endpoint, ...more }));

async function ask(endpoint: string, query: SignalQuery, more = {}, context = {}) {
  const source = await open(endpoint, more);
  try {
    return await source.run(query, window, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

const frameOf = (outcome: Outcome) => {
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return outcome.frame;
};

const traceId = "5759e988bd862e3fe1be46a994272793";

/** One span of `aws/spans`: its fields by name, and the message that Logs Insights cuts. */
const stored = (spanId: string, parentSpanId: string, more: Record<string, string>) => {
  const long = { "code.stacktrace": "at charge".repeat(200), "peer.port": 443 };
  const message = JSON.stringify({ traceId, spanId, attributes: long });
  return {
    ...{ traceId, spanId, parentSpanId, service: "checkout", code: "ERROR", said: "timed out" },
    ...{ startTimeUnixNano: String(window.from * 1e6), durationNano: "300000000" },
    ...more,
    "@message": message.slice(0, 1_000),
    "@ptr": message,
  };
};

const spans = [
  stored("a", "", { name: "POST /orders", kind: "SERVER" }),
  stored("b", "a", { name: "POST", kind: "CLIENT", durationNano: "250000000" }),
];

interface Asked {
  readonly queryString: string;
  readonly startTime: number;
  readonly logGroupNames: readonly string[];
}

const time = (ms: number) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");

function rowsOf({ queryString: text, startTime }: Asked): readonly Record<string, string>[] {
  const at = startTime * 1_000;
  if (at < now - 100 * minute) return [];
  const n = at >= window.from ? { n: "900", errors: "90" } : { n: "1800", errors: "2" };
  const durations = { mean: "120.5", p50: "90", p95: "310" };
  if (text.includes("by service, name, kind")) {
    return [{ service: "checkout", name: "POST /orders", kind: "SERVER", ...n, ...durations }];
  }
  if (text.includes("by service, callee")) {
    return [{ service: "checkout", callee: "payment", ...n, ...durations }];
  }
  if (text.includes("bin(")) {
    const first = Math.ceil(at / minute) * minute;
    return [{ at: time(first), service: "checkout", ...n, p95: "310" }];
  }
  if (text.includes("by traceId")) return [{ traceId, n: "2" }];
  if (text.includes("traceId in")) return spans;
  const startTimeUnixNano = String(window.from * 1e6);
  return [1, 2].map((each) => ({
    ...{ traceId: `${each}`, service: "checkout", name: "POST /orders", startTimeUnixNano },
    ...{ ms: "300", failed: "1" },
  }));
}

/** An account whose spans go to CloudWatch Logs. */
function account(rows: typeof rowsOf = rowsOf) {
  const started: Asked[] = [];
  const reply = ({ operation, body }: AwsRequest): AwsReply => {
    switch (operation) {
      case "GetTraceSegmentDestination":
        return answer({ Destination: "CloudWatchLogs", Status: "ACTIVE" });
      case "TraceSummaries":
        return answer({
          TraceSummaries: [
            {
              Id: `1-${Math.floor(now / 1_000).toString(16)}-000000000000000000000001`,
              EntryPoint: { Name: "checkout" },
              Annotations: { tier: [{ AnnotationValue: { StringValue: "gold" } }] },
            },
          ],
        });
      case "Groups":
        return answer({ Groups: [] });
      case "DescribeLogGroups":
        return answer({ logGroups: [] });
      case "StartQuery":
        started.push(body as unknown as Asked);
        return answer({ queryId: String(started.length - 1) });
      case "GetLogRecord":
        return answer({ logRecord: { "@message": String(body.logRecordPointer) } });
      case "StopQuery":
        return answer({ success: true });
      default: {
        const found = rows(started[Number(body.queryId)] as Asked);
        const results = found.map((row) =>
          Object.entries(row).map(([field, value]) => ({ field, value })),
        );
        return answer({ status: "Complete", results, statistics: { bytesScanned: 2_000 } });
      }
    }
  };
  return { started, reply };
}

const served = await awsDouble(account().reply);

sourceConformance("Transaction Search", {
  open: () => open(served.endpoint),
  window,
  baseline,
  emptyWindow: { from: now - 500 * minute, to: now - 400 * minute },
  expected: [
    ...["operation-stats", "edge-stats", "span-series", "span-attributes"],
    ...["trace-list", "trace", "trace-sample", "topology", "native"],
  ] as never,
  nativeText: "filter ispresent(spanId) | limit 5",
  traceId,
  now: systemClock.now,
});

it("reads every span where Transaction Search keeps them, and not X-Ray's samples", async () => {
  const double = account();
  await using aws = await awsDouble(double.reply);
  const outcome = await ask(aws.endpoint, { kind: "operation-stats", baseline });
  expect(aws.count("TraceSummaries")).toBe(0);
  expect(double.started.every(({ logGroupNames: [name] }) => name === "aws/spans")).toBe(true);
  const [row] = readOperations(frameOf(outcome));
  expect(row).toMatchObject({ service: "checkout", operation: "POST /orders", spanKind: "server" });
  expect(row?.window).toMatchObject({ count: 900, errors: 90, meanMs: 120.5, p95Ms: 310 });
  expect(row?.baseline).toMatchObject({ count: 1_800, errors: 2 });
  // The call below failed as well: the error did not begin here. Its own time is the rest.
  expect(row?.window).toMatchObject({ errorOrigins: 0, selfMeanMs: 50 });
  expect(outcome.provenance.bytesScanned).toBe(16_000);
  expect(outcome.provenance.link).toContain("logs-insights");
});

it("expects what its queries will scan, and sends none that is dearer than what is left", async () => {
  const double = account();
  const creationTime = now - 1_000 * minute;
  const group = { logGroupName: "aws/spans", storedBytes: 1e12, creationTime };
  await using aws = await awsDouble((request) =>
    request.operation === "DescribeLogGroups"
      ? answer({ logGroups: [group] })
      : double.reply(request),
  );
  const source = await open(aws.endpoint);
  const purse = { left: () => 0.01, claim: () => undefined };
  const query = { kind: "topology" } as const;
  const dear = await source.run(query, window, { ...freeContext(), purse });
  expect(dear).toMatchObject({ kind: "failed", reason: "too-big" });
  expect(double.started).toEqual([]);
  const free = await source.run(query, window, freeContext());
  const bytes = (1e9 * (window.to - window.from)) / minute;
  expect(free.provenance.planned?.bytes).toBeCloseTo(bytes, -8);
  await source.close();
});

it("asks for what it needs before it limits, and quotes names of services", async () => {
  const double = account();
  await using aws = await awsDouble(double.reply);
  const more = { services: { "checkout-prod": "checkout" } };
  const services = ["checkout", 'x"y'];
  await ask(aws.endpoint, { kind: "trace-list", services, onlyErrors: true, limit: 5 }, more);
  expect(double.started[0]?.queryString).toMatchInlineSnapshot(`
    "fields coalesce(attributes.aws.local.service, resource.attributes.service.name) as service, durationNano / 1000000 as ms
    | fields strcontains(status.code, "ERROR") as failed, traceId, name, startTimeUnixNano
    | filter ispresent(spanId) and (not ispresent(parentSpanId) or parentSpanId = "") and failed = 1
    | filter service in ["checkout", "x\\"y", "checkout-prod"]
    | sort failed desc, ms desc
    | limit 6"
  `);
});

it("takes calls and topology from the spans of callers", async () => {
  const [edge] = readEdges(frameOf(await ask(served.endpoint, { kind: "edge-stats", baseline })));
  expect(edge).toMatchObject({ caller: "checkout", callee: "payment" });
  expect(edge?.window).toMatchObject({ calls: 900, errors: 90, p50Ms: 90 });
  const edges = readTopology(frameOf(await ask(served.endpoint, { kind: "topology" })));
  expect(edges).toEqual([{ from: "checkout", to: "payment", kind: "call" }]);
});

it("counts spans per bin", async () => {
  const query = { kind: "span-series", baseline, stepMs: minute } as const;
  const series = readSeries(frameOf(await ask(served.endpoint, query)));
  const requests = series.find(({ metric }) => metric === "span_requests");
  expect(requests?.points.times).toHaveLength(30);
  expect([...(requests?.points.values ?? [])].filter((value) => value > 0)).toEqual([1_800, 900]);
});

it("reads a trace under either form of its id", async () => {
  const double = account();
  await using aws = await awsDouble(double.reply);
  const xrayId = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  const outcome = await ask(aws.endpoint, { kind: "trace", traceId: xrayId });
  expect(double.started[0]?.queryString).toContain(`filter traceId in ["${traceId}"]`);
  const found = readSpans(frameOf(outcome));
  expect(found.map((s) => [s.name, s.spanKind, s.isError, s.durationMs])).toEqual([
    ["POST /orders", "server", true, 300],
    ["POST", "client", true, 250],
  ]);
  // The end of the message lies behind what Logs Insights shows of it.
  expect(found[0]?.attributes).toMatchObject({ "peer.port": 443, "status.message": "timed out" });
});

it("asks X-Ray for annotations, which are indexed there", async () => {
  await using aws = await awsDouble(account().reply);
  await ask(aws.endpoint, { kind: "span-attributes" });
  expect([aws.count("TraceSummaries"), aws.count("StartQuery")]).toEqual([1, 0]);
});

it("keeps the counts when whole traces cannot be read, and says what is missing", async () => {
  const double = account();
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery" && String(request.body.queryString).includes("by traceId")
      ? fault("LimitExceededException")
      : double.reply(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "operation-stats" });
  expect(readOperations(frameOf(outcome))[0]?.window).toMatchObject({ count: 900 });
  expect(outcome.kind === "data" && outcome.gaps[0]).toMatchObject({
    what: "whole traces of Transaction Search",
    effect: "self times, and where errors begin, are not known",
  });
});

it("says how many stored spans are not spans", async () => {
  const rows = () => [spans[0] as Record<string, string>, { "@message": "{" }];
  await using aws = await awsDouble(account(rows).reply);
  const outcome = await ask(aws.endpoint, { kind: "trace", traceId });
  expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe("1 spans of aws/spans");
});

it("names the right that is missing, and ends a query beyond the bytes left", async () => {
  const double = account();
  await using aws = await awsDouble((request) =>
    request.operation === "StartQuery"
      ? fault("AccessDeniedException", 400)
      : double.reply(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "trace-list" });
  expect(outcome).toMatchObject({ kind: "failed", reason: "denied" });
  const small = await ask(served.endpoint, { kind: "trace-list" }, {}, { bytesMax: 10 });
  expect(small).toMatchObject({ kind: "failed", reason: "too-big" });
});

it("lists failing traces by their first span", async () => {
  const found = readTraces(frameOf(await ask(served.endpoint, { kind: "trace-list" })));
  expect(found[0]).toMatchObject({ service: "checkout", start: window.from, errors: 1 });
});
