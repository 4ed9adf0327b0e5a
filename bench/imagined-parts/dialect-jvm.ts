import { csv, type Dialect, iso, jsonl } from "./dialects.ts";
import type { MeasureName } from "./measures.ts";

const names: Readonly<Record<MeasureName, string>> = {
  requests: "http.server.requests.count",
  errors: "http.server.requests.errors",
  meanMs: "http.server.requests.mean",
  p95Ms: "http.server.requests.p95",
  orders: "business.orders.placed",
  cpu: "process.cpu.usage",
  memory: "jvm.memory.used",
  disk: "disk.used.percent",
  pool: "hikaricp.connections.active",
  threads: "jvm.threads.live",
  lag: "kafka.consumer.records.lag.max",
  restarts: "process.restarts",
};

/** Micrometer of Spring services: dotted names, seconds, CSV, stack traces over several lines. */
export const jvmDialect: Dialect = {
  name: "jvm",
  service: (plain) => `com.shop.${plain}`,
  metric: (measure) => names[measure],
  metrics(measures, atMs) {
    const rows = measures.map(({ minute, service, name, value }) => ({
      time: iso(atMs(minute)),
      app: this.service(service),
      metric_name: names[name],
      val: name.endsWith("Ms") ? value / 1000 : name === "disk" ? value * 100 : value,
      unit: name.endsWith("Ms") ? "seconds" : name === "memory" ? "bytes" : "",
    }));
    return { "metrics.csv": csv(rows) };
  },
  logs: (lines, atMs) => ({
    "logs.csv": csv(
      lines.map(({ minute, service, severity, body, trace }) => ({
        "@timestamp": iso(atMs(minute)),
        app: `com.shop.${service}`,
        level: severity === "ERROR" ? "SEVERE" : severity,
        message:
          severity === "ERROR" ? stackTrace(body, service) : `[http-nio-8080-exec-4] ${body}`,
        trace_id: trace ?? "",
      })),
    ),
  }),
  spans: (spans, atMs) => ({
    "spans.jsonl": jsonl(
      spans.map((span) => ({
        trace_id: span.trace,
        span_id: span.id,
        parent_id: span.parent,
        service: `com.shop.${span.service}`,
        operation: span.name,
        span_kind: span.kind.toUpperCase(),
        start: iso(atMs(0) + span.startMs),
        duration_us: Math.round(span.durationMs * 1000),
        status: span.error ? "ERROR" : "OK",
        tags: span.attributes,
      })),
    ),
  }),
};

function stackTrace(body: string, service: string): string {
  const name = service[0]?.toUpperCase() + service.slice(1);
  return [
    `java.lang.RuntimeException: ${body}`,
    `\tat com.shop.${service}.${name}Controller.handle(${name}Controller.java:88)`,
    "\tat java.base/java.lang.reflect.Method.invoke(Method.java:580)",
    "\t... 42 more",
  ].join("\n");
}
