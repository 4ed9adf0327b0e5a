import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { expect, test } from "vitest";
import { decodeOtlp } from "./decode.ts";
import { MetricIntervals } from "./metrics.ts";
import { logRows, spanRows } from "./rows.ts";

// Bytes made by OpenTelemetry's own serializers: our descriptors must agree with them.
const resource = resourceFromAttributes({ "service.name": "shop", "service.version": "1.2.3" });

test("spans of the SDK are read from protobuf", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const span = provider.getTracer("test").startSpan("charge", {
    kind: SpanKind.CLIENT,
    startTime: 1_750_000_000_000,
    attributes: { retry: 2, fast: true, share: 0.5, codes: [1, 2], text: "héllo" },
  });
  span.recordException(new Error("no answer"));
  span.setStatus({ code: SpanStatusCode.ERROR, message: "gone" });
  span.end(1_750_000_000_250);
  await provider.forceFlush();
  const { rows, rejected } = spanRows(
    decodeOtlp(
      "traces",
      "protobuf",
      bytes(ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans())),
    ),
  );
  expect(rejected).toBe(0);
  const { traceId, spanId } = span.spanContext();
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: null,
    service: "shop",
    name: "charge",
    start: 1_750_000_000_000,
    duration_ms: 250,
    status: "error",
    kind: "client",
  });
  expect(JSON.parse(rows[0]?.attributes ?? "")).toEqual({
    "service.version": "1.2.3",
    retry: 2,
    fast: true,
    share: 0.5,
    codes: [1, 2],
    text: "héllo",
    "status.message": "gone",
    "exception.type": "Error",
    "exception.message": "no answer",
  });
});

test("log records of the SDK are read from protobuf", () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  provider.getLogger("test").emit({
    severityNumber: SeverityNumber.WARN,
    body: { what: "slow", ms: 12 },
    attributes: { order: "a-1" },
    timestamp: 1_750_000_000_000,
  });
  const records = exporter.getFinishedLogRecords();
  const { rows } = logRows(
    decodeOtlp("logs", "protobuf", bytes(ProtobufLogsSerializer.serializeRequest(records))),
    0,
  );
  expect(rows).toEqual([
    {
      timestamp: 1_750_000_000_000,
      service: "shop",
      severity: "WARN",
      body: '{"what":"slow","ms":12}',
      trace_id: null,
      span_id: null,
      attributes: '{"service.version":"1.2.3","order":"a-1"}',
    },
  ]);
});

test("metrics of the SDK are read from protobuf, exponential histograms too", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const exponential = { type: AggregationType.EXPONENTIAL_HISTOGRAM as const };
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: "size", aggregation: exponential }],
  });
  const meter = provider.getMeter("shop.business");
  meter.createCounter("orders").add(3, { country: "DE" });
  meter.createUpDownCounter("open").add(-4);
  for (const value of [5, 15, 15, 40]) {
    meter.createHistogram("latency", { unit: "ms" }).record(value);
    meter.createHistogram("size", { unit: "By" }).record(value);
  }
  await reader.forceFlush();
  const [collected] = exporter.getMetrics();
  if (!collected) throw new Error("the SDK collected nothing");
  const body = bytes(ProtobufMetricsSerializer.serializeRequest(collected));
  const { rows, rejected } = new MetricIntervals(0).rows(
    decodeOtlp("metrics", "protobuf", body),
    0,
  );
  await provider.shutdown();
  expect(rejected).toBe(0);
  const value = (metric: string) => rows.find((row) => row.metric === metric)?.value ?? Number.NaN;
  expect(value("orders")).toBe(3);
  expect(value("open")).toBe(-4);
  expect(value("latency.count")).toBe(4);
  expect(value("latency.mean")).toBe(18.75);
  expect(value("size.count")).toBe(4);
  expect(value("size.p50")).toBeCloseTo(15, 0);
  expect(value("size.p99")).toBeCloseTo(40, 0);
});

function bytes(serialized: Uint8Array | undefined): Buffer {
  return Buffer.from(serialized ?? new Uint8Array());
}
