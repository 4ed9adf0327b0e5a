import { PutTraceSegmentsCommand, XRayClient } from "@aws-sdk/client-xray";
import { expect, it } from "vitest";
import type { Outcome } from "../core/outcome.ts";
import type { SignalQuery } from "../core/query.ts";
import {
  readAttributes,
  readEdges,
  readOperations,
  readSeries,
  readSpans,
  readTopology,
  readTraceSample,
  readTraces,
} from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials, isMotoThere, motoNote, startMoto } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";
import { xray } from "./xray.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const minute = 60_000;
const hour = 60 * minute;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 20 * minute, to: now };
const baseline = { from: now - 60 * minute, to: window.from };

const open = (endpoint: string, more: object = {}) =>
  xray.open("xray", xray.settings.parse({ region, endpoint, ...more }));

async function ask(endpoint: string, query: SignalQuery, more = {}, at = window, context = {}) {
  const source = await open(endpoint, more);
  try {
    return await source.run(query, at, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

const frameOf = (outcome: Outcome) => {
  if (outcome.kind !== "data") throw new Error(JSON.stringify(outcome));
  return outcome.frame;
};

const idOf = (at: number, n: number) =>
  `1-${Math.floor(at / 1_000).toString(16)}-${n.toString(16).padStart(24, "0")}`;

/** Traces at one per minute: checkout calls payment, which fails in the window. */
const traces = Array.from({ length: 60 }, (_, n) => {
  const at = baseline.from + n * minute + 1_000;
  const isBad = at >= window.from;
  return { id: idOf(at, n), at, isBad };
});

const summaryOf = ({ id, at, isBad }: (typeof traces)[number]) => ({
  Id: id,
  StartTime: at / 1_000,
  Duration: isBad ? 0.8 : 0.2,
  HasFault: isBad,
  HasError: false,
  EntryPoint: { Name: "checkout-api", Type: "AWS::ECS::Container" },
  ServiceIds: [{ Name: "checkout-api" }, { Name: "payment" }],
  Http: { HttpMethod: "POST", HttpURL: "https://shop.example/orders/8812?x=1", HttpStatus: 500 },
  Annotations: {
    provider: [
      {
        AnnotationValue: { StringValue: isBad ? "acme" : "other" },
        ServiceIds: [{ Name: "payment" }],
      },
    ],
  },
  AvailabilityZones: [{ Name: "eu-west-1a" }],
});

/** The documents of a trace, as the developer guide of X-Ray describes segments. */
const documentsOf = ({ id, at, isBad }: (typeof traces)[number]) => {
  const start = at / 1_000;
  const fails = isBad ? { fault: true } : {};
  return [
    {
      trace_id: id,
      id: "aaaaaaaaaaaaaaaa",
      name: "checkout-api",
      start_time: start,
      end_time: start + (isBad ? 0.8 : 0.2),
      origin: "AWS::ECS::Container",
      http: { request: { method: "POST", url: "https://shop.example/orders/8812" } },
      ...fails,
      subsegments: [
        {
          id: "bbbbbbbbbbbbbbbb",
          name: "payment",
          namespace: "remote",
          start_time: start + 0.05,
          end_time: start + (isBad ? 0.75 : 0.15),
          ...fails,
        },
        {
          id: "dddddddddddddddd",
          name: "validate",
          start_time: start,
          end_time: start + 0.02,
          error: true,
          cause: { exceptions: [{ type: "Invalid", message: "no such card" }] },
        },
      ],
    },
    {
      trace_id: id,
      id: "cccccccccccccccc",
      parent_id: "bbbbbbbbbbbbbbbb",
      name: "payment",
      start_time: start + 0.06,
      end_time: start + (isBad ? 0.74 : 0.14),
      annotations: { provider: isBad ? "acme" : "other" },
      ...fails,
    },
  ];
};

const edgeOf = (id: number, isBad: boolean) => ({
  ReferenceId: id,
  SummaryStatistics: {
    OkCount: isBad ? 0 : 40,
    FaultStatistics: { TotalCount: isBad ? 18 : 0 },
    ErrorStatistics: { TotalCount: 5, ThrottleCount: isBad ? 2 : 0, OtherCount: 3 },
    TotalCount: isBad ? 20 : 40,
    TotalResponseTime: isBad ? 14 : 4,
  },
  ResponseTimeHistogram: [
    { Value: 0.1, Count: isBad ? 1 : 38 },
    { Value: 0.7, Count: isBad ? 19 : 2 },
  ],
});

const graph = (isBad: boolean) => [
  { ReferenceId: 0, Name: "users", Type: "client", Edges: [edgeOf(1, isBad)] },
  { ReferenceId: 1, Name: "checkout-api", Type: "AWS::ECS::Container", Edges: [edgeOf(2, isBad)] },
  { ReferenceId: 2, Name: "payment", Type: "remote", Edges: [] },
];

const secondsIn = ({ StartTime, EndTime }: Record<string, unknown>) => ({
  from: Number(StartTime) * 1_000,
  to: Number(EndTime) * 1_000,
});

/** X-Ray over the traces above, without Transaction Search unless told. */
function account({ operation, body }: AwsRequest): AwsReply {
  const { from, to } = secondsIn(body);
  const inside = traces.filter(({ at }) => at >= from && at < to);
  switch (operation) {
    case "GetTraceSegmentDestination":
      return answer({ Destination: "XRay", Status: "ACTIVE" });
    case "Groups":
      return answer({ Groups: [{ GroupName: "slow" }] });
    case "TraceSummaries":
      return answer({ TraceSummaries: inside.map(summaryOf), TracesProcessedCount: 60 });
    case "Traces": {
      const ids = body.TraceIds as string[];
      const found = traces.filter(({ id }) => ids.includes(id));
      return answer({
        Traces: found.map((each) => ({
          Id: each.id,
          Segments: documentsOf(each).map((d) => ({ Id: d.id, Document: JSON.stringify(d) })),
        })),
        UnprocessedTraceIds: ids.filter((id) => !found.some((each) => each.id === id)),
      });
    }
    case "ServiceGraph":
      return answer({ Services: inside.length > 0 ? graph(from >= window.from) : [] });
    case "TimeSeriesServiceStatistics":
      return answer({
        TimeSeriesServiceStatistics: inside.map(({ at, isBad }) => ({
          Timestamp: (Math.floor(at / minute) * minute) / 1_000,
          ServiceSummaryStatistics: {
            TotalCount: 10,
            FaultStatistics: { TotalCount: isBad ? 9 : 0 },
          },
          ResponseTimeHistogram: [{ Value: isBad ? 0.8 : 0.2, Count: 10 }],
        })),
      });
    default:
      return fault("UnknownOperationException", 404);
  }
}

const served = await awsDouble(account);

sourceConformance("X-Ray", {
  open: () => open(served.endpoint),
  window,
  baseline,
  emptyWindow: { from: now - 600 * minute, to: now - 500 * minute },
  isAws: true,
  expected: [
    ...["operation-stats", "edge-stats", "span-series", "span-attributes"],
    ...["trace-list", "trace", "trace-sample", "topology", "native"],
  ] as never,
  nativeText: "fault = true",
  traceId: (traces.at(-1) as (typeof traces)[number]).id,
  now: systemClock.now,
});

it("sends the filter that is asked for, with the group and what is sampled", async () => {
  await using aws = await awsDouble(account);
  const services = ["checkout", 'a"b'];
  const query = { kind: "trace-list", services, onlyErrors: true, minDurationMs: 500 } as const;
  const more = { group: "slow", samplingRate: 0.5, services: { "checkout-api": "checkout" } };
  await ask(aws.endpoint, query, more);
  const asked = aws.requests.find(({ operation }) => operation === "TraceSummaries")?.body;
  expect(asked?.FilterExpression).toMatchInlineSnapshot(
    `"((service("checkout") OR service("a\\"b") OR service("checkout-api")) AND (fault = true OR throttle = true) AND (duration >= 0.5)) AND (group.name = "slow")"`,
  );
  expect(asked).toMatchObject({
    TimeRangeType: "TraceId",
    Sampling: true,
    SamplingStrategy: { Name: "FixedRate", Value: 0.5 },
  });
  const text = 'service("payment") { fault = true }';
  await ask(aws.endpoint, { kind: "native", source: "xray", text });
  expect(aws.requests.at(-1)?.body.FilterExpression).toBe(text);
});

it("lists failing traces first, and tells the service by our name for it", async () => {
  const more = { services: { "checkout-api": "checkout" } };
  const outcome = await ask(served.endpoint, { kind: "trace-list", limit: 3 }, more);
  expect(readTraces(frameOf(outcome))[0]).toMatchObject({
    service: "checkout",
    operation: "POST /orders/8812",
    durationMs: 800,
    errors: 1,
  });
  expect(outcome.provenance).toMatchObject({ truncated: true, region });
  expect(outcome.provenance.link).toContain("#xray:traces/query");
});

it("splits a window at six hours, and follows every page of each part", async () => {
  await using aws = await awsDouble((request) => {
    if (request.operation !== "TraceSummaries") return account(request);
    const { from } = secondsIn(request.body);
    const page = Number(request.body.NextToken ?? 0);
    const each = { ...summaryOf(traces[0] as never), Id: idOf(from + page, page) };
    return answer({ TraceSummaries: [each], ...(page < 2 ? { NextToken: `${page + 1}` } : {}) });
  });
  const long = { from: now - 13 * hour, to: now };
  const outcome = await ask(aws.endpoint, { kind: "trace-list" }, {}, long);
  expect(readTraces(frameOf(outcome))).toHaveLength(9);
  const spans = aws.requests
    .filter(({ operation, body }) => operation === "TraceSummaries" && !body.NextToken)
    .map(({ body }) => secondsIn(body))
    .map(({ from, to }) => (to - from) / hour);
  expect(spans.sort()).toEqual([1, 6, 6]);
});

it("reads whole traces five at a time, and scales counts up to all sampled traces", async () => {
  await using aws = await awsDouble(account);
  const query = { kind: "operation-stats", baseline } as const;
  const outcome = await ask(aws.endpoint, query, { tracesMax: 10 });
  const sizes = aws.requests
    .filter(({ operation }) => operation === "Traces")
    .map(({ body }) => (body.TraceIds as string[]).length);
  expect(sizes).toEqual([5, 5, 5, 5]);
  const served = readOperations(frameOf(outcome)).find((row) => row.service === "payment");
  expect(served).toMatchObject({ operation: "payment", spanKind: "server" });
  expect(served?.window).toMatchObject({ count: 20, errors: 20, errorOrigins: 20 });
  expect(served?.baseline).toMatchObject({ count: 40, errors: 0 });
  const entry = readOperations(frameOf(outcome)).find((row) => row.operation.startsWith("POST"));
  expect(entry?.operation).toBe("POST /orders/<*>");
  // A caller whose callee fails did not begin the error, and waited most of its time.
  expect(entry?.window.errorOrigins).toBe(0);
  expect(entry?.window.selfMeanMs).toBeCloseTo(80, 3);
  expect(outcome.provenance.query).toContain("10 of 20 and 10 of 40 sampled traces");
});

it("hands out whole traces of both periods, read once for all questions over them", async () => {
  await using aws = await awsDouble(account);
  const source = await open(aws.endpoint, { tracesMax: 10 });
  const query = { kind: "trace-sample", baseline, traces: 4 } as const;
  await source.run({ kind: "operation-stats", baseline }, window, freeContext());
  const calls = aws.requests.length;
  const outcome = await source.run(query, window, freeContext());
  await source.close();
  expect(aws.requests).toHaveLength(calls);
  const spans = readTraceSample(frameOf(outcome));
  expect(Map.groupBy(spans, ({ period }) => period).get("window")).toHaveLength(4 * 4);
  expect(spans).toHaveLength(2 * 4 * 4);
  const paid = spans.find(({ service }) => service === "payment");
  expect(spans.find(({ span }) => span === paid?.parent)?.operation).toBe("payment");
  expect(outcome.provenance.truncated).toBe(true);
});

it("turns segments and subsegments into spans of client, server and inner work", async () => {
  const bad = traces.at(-1) as (typeof traces)[number];
  // OpenTelemetry writes the same id without dashes.
  const traceId = bad.id.replace("1-", "").replace("-", "");
  const spans = readSpans(frameOf(await ask(served.endpoint, { kind: "trace", traceId })));
  expect(
    spans.map((s) => [s.service, s.name, s.spanKind, s.isError, s.parentSpanId?.[0] ?? null]),
  ).toEqual([
    ["checkout-api", "POST /orders/<*>", "server", true, null],
    ["checkout-api", "validate", "internal", true, "a"],
    ["checkout-api", "payment", "client", true, "a"],
    ["payment", "payment", "server", true, "b"],
  ]);
  expect(spans[1]?.attributes["exception.message"]).toBe("Invalid: no such card");
  expect(spans[2]?.attributes).toMatchObject({ "xray.namespace": "remote" });
});

it("asks again for traces that were not processed, and never calls them absent", async () => {
  const asked: string[][] = [];
  await using aws = await awsDouble((request) => {
    if (request.operation !== "Traces") return account(request);
    const ids = request.body.TraceIds as string[];
    asked.push(ids);
    return answer({ Traces: [], UnprocessedTraceIds: ids });
  });
  const { id: traceId } = traces.at(-1) as (typeof traces)[number];
  const one = await ask(aws.endpoint, { kind: "trace", traceId });
  expect(one).toMatchObject({ kind: "failed", reason: "unavailable", retryable: true });
  expect(asked).toEqual([[traceId], [traceId]]);

  await using some = await awsDouble(async (request) => {
    const { operation, body } = request;
    const [first, ...others] = operation === "Traces" ? (body.TraceIds as string[]) : [];
    if (first === undefined || others.length === 0) return account(request);
    const reply = await account({ ...request, body: { TraceIds: others } });
    return reply.kind === "answer"
      ? answer({ ...(reply.body as object), UnprocessedTraceIds: [first] })
      : reply;
  });
  const all = await ask(some.endpoint, { kind: "operation-stats" });
  expect(all.kind === "data" && all.gaps).toEqual([]);
});

it("says which segments it could not read, and keeps the others", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "Traces"
      ? answer({
          Traces: [
            {
              Id: idOf(now, 1),
              Segments: [
                { Document: "{" },
                { Document: JSON.stringify(documentsOf(traces[0] as never)[1]) },
              ],
            },
          ],
        })
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "trace", traceId: idOf(now, 1) });
  expect(readSpans(frameOf(outcome))).toHaveLength(1);
  expect(outcome.kind === "data" && outcome.gaps[0]?.what).toBe("1 segments of X-Ray");
});

it("takes calls, faults and throttles from the service map, and leaves clients out", async () => {
  const outcome = await ask(served.endpoint, { kind: "edge-stats", baseline });
  const rows = readEdges(frameOf(outcome));
  expect(rows.map(({ caller, callee }) => [caller, callee])).toEqual([["checkout-api", "payment"]]);
  expect(rows[0]?.window).toMatchObject({ calls: 20, errors: 20, meanMs: 700, p95Ms: 700 });
  expect(rows[0]?.baseline).toMatchObject({ calls: 40, errors: 0, meanMs: 100, p50Ms: 100 });
  const edges = readTopology(frameOf(await ask(served.endpoint, { kind: "topology" })));
  expect(edges).toEqual([{ from: "checkout-api", to: "payment", kind: "external" }]);
});

it("counts annotations on failing traces and on all, for the service that wrote them", async () => {
  const outcome = await ask(served.endpoint, { kind: "span-attributes", baseline });
  const rows = readAttributes(frameOf(outcome));
  expect(rows.find(({ value }) => value === "acme")).toEqual({
    service: "payment",
    key: "provider",
    value: "acme",
    windowErrors: 20,
    windowCount: 20,
    baselineErrors: 0,
    baselineCount: 0,
    keyErrors: 20,
    keyCount: 20,
  });
});

it("reads requests over time of every service, from all traced requests", async () => {
  const query = { kind: "span-series", baseline, stepMs: 5_000 } as const;
  const series = readSeries(frameOf(await ask(served.endpoint, query)));
  const errors = series.find((s) => s.service === "payment" && s.metric === "span_errors");
  expect(errors?.points.times).toHaveLength(60);
  expect(errors?.points.values.at(0)).toBe(0);
  expect(errors?.points.values.at(-1)).toBe(9);
  const latency = series.find((s) => s.metric === "span_latency_p95");
  expect([latency?.points.values.at(0), latency?.points.values.at(-1)]).toEqual([200, 800]);
});

it("asks each service once for the same time, whoever asks for it", async () => {
  await using aws = await awsDouble(account);
  const source = await open(aws.endpoint);
  const whole = { from: baseline.from, to: window.to };
  const query = { kind: "span-series", stepMs: minute } as const;
  const first = frameOf(await source.run(query, whole, freeContext()));
  const second = frameOf(await source.run({ ...query, baseline }, window, freeContext()));
  await source.run({ ...query, stepMs: 2 * minute }, whole, freeContext());
  await source.close();
  expect(readSeries(second)).toEqual(readSeries(first));
  const asked = aws.requests.filter(({ operation }) => operation === "TimeSeriesServiceStatistics");
  const keys = asked.map(({ body }) => `${body.EntitySelectorExpression} ${body.Period}`);
  expect(keys.toSorted()).toEqual([
    'service("checkout-api") 120',
    'service("checkout-api") 60',
    'service("payment") 120',
    'service("payment") 60',
  ]);
});

it("keeps the services it could read when one of them is throttled", async () => {
  await using aws = await awsDouble((request) =>
    String(request.body.EntitySelectorExpression ?? "").includes("payment")
      ? fault("ThrottledException", 429)
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "span-series", stepMs: minute });
  expect(readSeries(frameOf(outcome)).map(({ service }) => service)).toContain("checkout-api");
  expect(outcome.kind === "data" && outcome.gaps[0]).toMatchObject({ what: "X-Ray of payment" });
});

it("reads sampled traces where it may not ask for Transaction Search, and says so", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "GetTraceSegmentDestination"
      ? fault("AccessDeniedException", 403)
      : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "trace-list" });
  expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain(
    '"Action":"xray:GetTraceSegmentDestination"',
  );
});

it.each([
  ["ThrottledException", 429, "throttled", "xray:GetTraceSummaries is throttled"],
  ["AccessDeniedException", 403, "denied", '"Action":"xray:GetTraceSummaries"'],
  ["ExpiredTokenException", 403, "denied", "The AWS credentials have expired"],
  ["InvalidRequestException", 400, "malformed", "AWS does not accept"],
])("answers %s as a failure, never as no traces", async (name, status, reason, words) => {
  await using aws = await awsDouble((request) =>
    request.operation === "TraceSummaries" ? fault(name, status) : account(request),
  );
  const outcome = await ask(aws.endpoint, { kind: "trace-list" });
  expect(outcome).toMatchObject({ kind: "failed", reason });
  expect(outcome.kind === "failed" && outcome.message).toContain(words);
});

it("stops when X-Ray is silent until the deadline", async () => {
  await using aws = await awsDouble((request) =>
    request.operation === "TraceSummaries" ? { kind: "silence" } : account(request),
  );
  const deadline = systemClock.now() + 300;
  const outcome = await ask(aws.endpoint, { kind: "trace-list" }, {}, window, { deadline });
  expect(outcome).toMatchObject({ kind: "failed", reason: "timed-out" });
});

it("is empty, not failed, where no trace was sampled", async () => {
  const long = { from: now - 600 * minute, to: now - 500 * minute };
  const outcome = await ask(served.endpoint, { kind: "operation-stats" }, {}, long);
  expect(outcome).toMatchObject({
    kind: "empty",
    reasons: ["X-Ray has no sampled trace in this time"],
  });
});

it.runIf(isMotoThere)(
  `reads traces of an independent implementation${motoNote}`,
  async () => {
    const moto = await startMoto();
    try {
      const client = new XRayClient({ region, endpoint: moto.endpoint });
      const TraceSegmentDocuments = traces
        .slice(-4)
        .flatMap((each) => documentsOf(each).map((document) => JSON.stringify(document)));
      await client.send(new PutTraceSegmentsCommand({ TraceSegmentDocuments }));
      client.destroy();
      const more = { transactionSearch: "off" };
      const query = { kind: "operation-stats" } as const;
      const found = readOperations(frameOf(await ask(moto.endpoint, query, more)));
      const paid = found.find(({ service, spanKind }) => service === "payment" && spanKind);
      expect(paid?.window).toMatchObject({ count: 4, errors: 4, errorOrigins: 4 });
      const traceId = (traces.at(-1) as (typeof traces)[number]).id;
      const spans = readSpans(frameOf(await ask(moto.endpoint, { kind: "trace", traceId }, more)));
      expect(spans).toHaveLength(4);
    } finally {
      moto.stop();
    }
  },
  60_000,
);
