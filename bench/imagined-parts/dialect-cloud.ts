import { csv, type Dialect, jsonl } from "./dialects.ts";
import type { MeasureName } from "./measures.ts";

const names: Readonly<Record<MeasureName, readonly [string, string]>> = {
  requests: ["RequestCount", "Count"],
  errors: ["HTTPCode_Target_5XX_Count", "Count"],
  meanMs: ["TargetResponseTime", "Seconds"],
  p95Ms: ["TargetResponseTime.p95", "Seconds"],
  orders: ["OrdersPlaced", "Count"],
  cpu: ["CPUUtilization", "Percent"],
  memory: ["MemoryUsed", "Bytes"],
  disk: ["FreeStorageSpace", "Bytes"],
  pool: ["DatabaseConnections", "Count"],
  threads: ["ThreadCount", "Count"],
  lag: ["ApproximateAgeOfOldestMessage", "Seconds"],
  restarts: ["TaskRestartCount", "Count"],
};

/** A cloud's own monitoring: camel case, few words, per-period values, JSON lines. */
export const cloudDialect: Dialect = {
  name: "cloud",
  service: (plain) => `Shop${plain[0]?.toUpperCase()}${plain.slice(1)}`,
  metric: (measure) => names[measure][0],
  metrics(measures, atMs) {
    const rows = measures.map(({ minute, service, name, value }) => ({
      timestamp: atMs(minute),
      service: this.service(service),
      metric: names[name][0],
      value:
        name === "disk"
          ? (1 - value) * 1e11
          : name === "cpu"
            ? value * 100
            : name.endsWith("Ms")
              ? value / 1000
              : value,
      unit: names[name][1],
    }));
    return { "metrics.csv": csv(rows) };
  },
  logs(lines, atMs) {
    const rows = lines.map(({ minute, service, severity, body, trace }) => ({
      timestamp: atMs(minute),
      service: this.service(service),
      message: JSON.stringify({ level: severity.toLowerCase(), requestId: trace, message: body }),
    }));
    return { "logs.jsonl": jsonl(rows) };
  },
  spans(spans, atMs) {
    const rows = spans.map((span) => ({
      trace_id: span.trace,
      span_id: span.id,
      parent_span_id: span.parent ?? "",
      service: this.service(span.service),
      name: span.name,
      start: Math.round(atMs(0) + span.startMs),
      duration_ms: span.durationMs,
      status: span.error ? "error" : "ok",
      kind: span.kind,
      attributes: JSON.stringify(span.attributes),
    }));
    return { "spans.csv": csv(rows) };
  },
};
