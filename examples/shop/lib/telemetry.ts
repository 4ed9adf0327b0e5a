/**
 * Loaded before a service (`node --import`): OpenTelemetry with the stock instrumentations, as a
 * team would set it up. Reads the standard OTEL_* variables.
 */
import { createRequire, register } from "node:module";
import { getHeapStatistics } from "node:v8";
import { type Attributes, metrics } from "@opentelemetry/api";
import { logs } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { HostMetrics } from "@opentelemetry/host-metrics";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { RuntimeNodeInstrumentation } from "@opentelemetry/instrumentation-runtime-node";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import {
  AggregationType,
  createAllowListAttributesProcessor,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ViewOptions,
} from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { peerOf } from "./peers.ts";

const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? "http://127.0.0.1:4318";
const metricsEveryMs = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 10_000);
const batchEveryMs = Math.min(5_000, metricsEveryMs);

const latencySeconds = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2,
  0.25, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10,
];

const resource = resourceFromAttributes({
  "service.name": process.env.OTEL_SERVICE_NAME ?? "unknown",
  "service.version": process.env.SHOP_VERSION ?? "0.0.0",
});

const tracerProvider = new NodeTracerProvider({
  resource,
  spanProcessors: [
    new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), {
      scheduledDelayMillis: batchEveryMs,
      maxQueueSize: 8192,
    }),
  ],
});

const loggerProvider = new LoggerProvider({
  resource,
  processors: [
    new BatchLogRecordProcessor({
      exporter: new OTLPLogExporter({ url: `${endpoint}/v1/logs` }),
      scheduledDelayMillis: batchEveryMs,
    }),
  ],
});

const meterProvider = new MeterProvider({
  resource,
  views: views(),
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${endpoint}/v1/metrics` }),
      exportIntervalMillis: metricsEveryMs,
      exportTimeoutMillis: Math.min(5_000, metricsEveryMs),
    }),
  ],
});

register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);
tracerProvider.register();
logs.setGlobalLoggerProvider(loggerProvider);
metrics.setGlobalMeterProvider(meterProvider);
registerInstrumentations({
  tracerProvider,
  meterProvider,
  instrumentations: [
    new HttpInstrumentation({ disableOutgoingRequestInstrumentation: true }),
    new UndiciInstrumentation({
      startSpanHook: ({ origin }): Attributes => ({ "peer.service": peerOf(origin) }),
    }),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    new RuntimeNodeInstrumentation({ monitoringPrecision: 10 }),
  ],
});
// The http server is patched when it is first required; an ESM import alone is not seen.
createRequire(import.meta.url)("node:http");
new HostMetrics({ meterProvider, metricGroups: ["process.memory"] }).start();
processMetrics();

/** Sends what is still held back; called by a service before it ends. */
export async function flushTelemetry(): Promise<void> {
  await Promise.allSettled([
    tracerProvider.forceFlush(),
    loggerProvider.forceFlush(),
    meterProvider.forceFlush(),
  ]);
}

function processMetrics(): void {
  const meter = metrics.getMeter("shop.runtime");
  const level = (name: string, read: () => number) =>
    meter.createObservableGauge(name, { unit: "By" }).addCallback((to) => to.observe(read()));
  level("nodejs.heap.used", () => getHeapStatistics().used_heap_size);
  level("nodejs.heap.limit", () => getHeapStatistics().heap_size_limit);
  let last = { cpu: process.cpuUsage(), at: performance.now() };
  meter.createObservableGauge("process.cpu.utilization", { unit: "1" }).addCallback((result) => {
    const now = { cpu: process.cpuUsage(), at: performance.now() };
    const busyMs = (now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system) / 1000;
    if (now.at > last.at) result.observe(busyMs / (now.at - last.at));
    last = now;
  });
}

/** Drops what nobody looks at, and gives latency histograms buckets that show a doubling. */
function views(): ViewOptions[] {
  const drop = (instrumentName: string): ViewOptions => ({
    instrumentName,
    aggregation: { type: AggregationType.DROP },
  });
  const only = (instrumentName: string, ...names: string[]): ViewOptions => ({
    instrumentName,
    attributesProcessors: [createAllowListAttributesProcessor(names)],
  });
  const latency = (instrumentName: string): ViewOptions => ({
    ...only(instrumentName, "http.response.status_code", "error.type"),
    aggregation: {
      type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
      options: { boundaries: latencySeconds },
    },
  });
  return [
    latency("http.server.request.duration"),
    latency("http.client.request.duration"),
    latency("db.client.operation.duration"),
    latency("storefront.browse.duration"),
    latency("storefront.checkout.duration"),
    only("db.client.connection.count", "db.client.connection.state"),
    only("db.client.connection.pending_requests"),
    drop("db.client.connection.max"),
    only("v8js.gc.duration"),
    drop("v8js.memory.*"),
    drop("v8js.resource.*"),
    drop("nodejs.eventloop.time"),
    ...["min", "max", "stddev", "p50", "p90"].map((part) => drop(`nodejs.eventloop.delay.${part}`)),
  ];
}
