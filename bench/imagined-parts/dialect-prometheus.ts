import { csv, type Dialect, iso, jsonl, secondsPerStep, totals } from "./dialects.ts";
import type { Measure, MeasureName } from "./measures.ts";

const gauges: Partial<Record<MeasureName, string>> = {
  memory: "container_memory_working_set_bytes",
  disk: "kubelet_volume_stats_used_ratio",
  pool: "db_pool_connections_in_use",
  threads: "process_open_threads",
  lag: "kafka_consumergroup_lag",
};

const counters: Partial<Record<MeasureName, string>> = {
  meanMs: "http_server_request_duration_seconds",
  p95Ms: "http_server_request_duration_seconds",
  orders: "shop_orders_placed_total",
  cpu: "container_cpu_usage_seconds_total",
};

/** Kubernetes with Prometheus: running totals with labels, epoch seconds, logfmt lines. */
export const prometheusDialect: Dialect = {
  name: "prometheus",
  service: (plain) => `prod/${plain}`,
  metric: (measure) => gauges[measure] ?? counters[measure] ?? "http_server_requests_total",
  metrics(measures, atMs) {
    const total = totals();
    const rows = measures.flatMap((measure) =>
      samplesOf(measure, total).map(([metric, value, labels]) => ({
        timestamp: atMs(measure.minute) / 1000,
        service: this.service(measure.service),
        __name__: metric,
        value: Number(value.toPrecision(8)),
        labels: { pod: `${measure.service}-6d9f7c-x2x9k`, ...labels },
      })),
    );
    return { "metrics.csv": csv(rows) };
  },
  logs: (lines, atMs) => ({
    "logs.jsonl": jsonl(
      lines.map(({ minute, service, severity, body, trace }) => ({
        ts: atMs(minute) * 1e6,
        service: `prod/${service}`,
        msg: `ts=${iso(atMs(minute))} level=${severity.toLowerCase()} msg=${JSON.stringify(body)}`,
        ...(trace ? { traceId: trace } : {}),
      })),
    ),
  }),
  spans: (spans, atMs) => ({
    "spans.jsonl": jsonl(
      spans.map((span) => ({
        traceId: span.trace,
        spanId: span.id,
        parentSpanId: span.parent ?? "",
        serviceName: `prod/${span.service}`,
        name: span.name,
        kind: `SPAN_KIND_${span.kind.toUpperCase()}`,
        startTimeUnixNano: String(Math.round(atMs(0) * 1e3 + span.startMs * 1e3) * 1e3),
        durationNano: Math.round(span.durationMs * 1e6),
        statusCode: span.error ? "STATUS_CODE_ERROR" : "STATUS_CODE_UNSET",
        attributes: { ...span.attributes, ...(span.error ? { "error.message": span.error } : {}) },
      })),
    ),
  }),
};

type Sample = readonly [string, number, Readonly<Record<string, string>>];

function samplesOf(
  { service, name, value }: Measure,
  total: (key: string, increase: number) => number,
): Sample[] {
  const sum = (metric: string, increase: number, labels: Sample[2] = {}): Sample => [
    metric,
    total(`${service} ${metric} ${JSON.stringify(labels)}`, increase),
    labels,
  ];
  switch (name) {
    case "requests": {
      counts.set(service, value);
      return [];
    }
    case "errors": {
      const good = (counts.get(service) ?? value) - value;
      return [
        sum("http_server_requests_total", good, { code: "200", method: "GET" }),
        sum("http_server_requests_total", value, { code: "500", method: "GET" }),
      ];
    }
    case "meanMs": {
      const count = counts.get(service) ?? 0;
      const fast = value < 100 ? 0.9 : 0.2;
      const base = "http_server_request_duration_seconds";
      return [
        sum(`${base}_sum`, (count * value) / 1000),
        sum(`${base}_count`, count),
        sum(`${base}_bucket`, count * fast, { le: "0.1" }),
        sum(`${base}_bucket`, count, { le: "+Inf" }),
      ];
    }
    case "cpu":
      return [sum("container_cpu_usage_seconds_total", value * secondsPerStep)];
    case "restarts":
      return [["kube_pod_container_status_restarts_total", value, {}]];
    case "orders":
      return [sum("shop_orders_placed_total", value)];
    case "p95Ms":
      return [];
    default:
      return [[gauges[name] ?? name, value, {}]];
  }
}

/** Requests of the step at hand: measures of one service come in order. */
const counts = new Map<string, number>();
