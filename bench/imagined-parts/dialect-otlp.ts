import { type Clock, type Dialect, jsonl, secondsPerStep } from "./dialects.ts";
import type { Measure, MeasureName } from "./measures.ts";

const names: Readonly<Record<MeasureName, readonly [string, string]>> = {
  requests: ["http.server.request.count", "{request}"],
  errors: ["http.server.request.errors", "{request}"],
  meanMs: ["http.server.request.duration", "ms"],
  p95Ms: ["http.server.request.duration.p95", "ms"],
  orders: ["orders.placed", "{order}"],
  cpu: ["process.cpu.utilization", "1"],
  memory: ["nodejs.memory.rss", "By"],
  disk: ["system.filesystem.utilization", "1"],
  pool: ["db.client.connections.usage", "{connection}"],
  threads: ["nodejs.eventloop.active", "1"],
  lag: ["messaging.kafka.consumer.lag", "{message}"],
  restarts: ["k8s.container.restarts", "{restart}"],
};
const severityNumbers = { DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17 };

/** OTLP/JSON as the Collector's file exporter writes it, times in epoch nanoseconds. */
export const otlpDialect: Dialect = {
  name: "otlp",
  service: (plain) => `${plain}-service`,
  metric: (measure) => names[measure][0],
  metrics(measures, atMs) {
    const byService = Map.groupBy(measures, (measure) => measure.service);
    const lines = [...byService].map(([service, own]) => ({
      resourceMetrics: [
        {
          resource: resourceOf(this.service(service)),
          scopeMetrics: [{ metrics: metricsOf(own, atMs) }],
        },
      ],
    }));
    return { "metrics.otlp.jsonl": jsonl(lines) };
  },
  logs(lines, atMs) {
    const byService = Map.groupBy(lines, (line) => line.service);
    const records = [...byService].map(([service, own]) => ({
      resourceLogs: [
        {
          resource: resourceOf(this.service(service)),
          scopeLogs: [
            {
              logRecords: own.map(({ minute, severity, body, trace }) => ({
                timeUnixNano: nano(atMs(minute)),
                severityNumber: severityNumbers[severity],
                body: { stringValue: JSON.stringify({ level: severity, msg: body, pid: 7 }) },
                ...(trace ? { traceId: trace } : {}),
              })),
            },
          ],
        },
      ],
    }));
    return { "logs.otlp.jsonl": jsonl(records) };
  },
  spans(spans, atMs) {
    const byService = Map.groupBy(spans, (span) => span.service);
    const lines = [...byService].map(([service, own]) => ({
      resourceSpans: [
        {
          resource: resourceOf(this.service(service)),
          scopeSpans: [
            {
              spans: own.map((span) => ({
                traceId: span.trace,
                spanId: span.id,
                parentSpanId: span.parent ?? "",
                name: span.name,
                kind: span.kind === "server" ? 2 : 3,
                startTimeUnixNano: nano(atMs(0) + span.startMs),
                endTimeUnixNano: nano(atMs(0) + span.startMs + span.durationMs),
                attributes: pairs(span.attributes),
                status: span.error ? { code: 2, message: span.error } : {},
              })),
            },
          ],
        },
      ],
    }));
    return { "traces.otlp.jsonl": jsonl(lines) };
  },
};

function metricsOf(measures: readonly Measure[], atMs: Clock) {
  const byName = Map.groupBy(measures, (measure) => measure.name);
  return [...byName].map(([name, own]) => {
    const [metric, unit] = names[name];
    const dataPoints = own.map(({ minute, value }) => ({
      startTimeUnixNano: nano(atMs(minute) - secondsPerStep * 1000),
      timeUnixNano: nano(atMs(minute)),
      asDouble: value,
    }));
    const isSum = name === "requests" || name === "errors" || name === "orders";
    return isSum
      ? { name: metric, unit, sum: { dataPoints, aggregationTemporality: 1, isMonotonic: true } }
      : { name: metric, unit, gauge: { dataPoints } };
  });
}

const resourceOf = (service: string) => ({
  attributes: pairs({ "service.name": service, "service.namespace": "shop" }),
});

function pairs(attributes: Readonly<Record<string, string | number>>) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
}

const nano = (ms: number) => `${Math.round(ms * 1000)}000`;
