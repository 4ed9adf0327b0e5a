import { type Dialect, jsonl, totals } from "./dialects.ts";
import type { Measure, MeasureName } from "./measures.ts";

const gauges: Partial<Record<MeasureName, string>> = {
  cpu: "container_cpu_load",
  memory: "container_memory_rss",
  disk: "node_filesystem_used_percent",
  pool: "envoy_cluster_upstream_cx_active",
  threads: "process_threads",
  lag: "rabbitmq_queue_messages_ready",
  orders: "orders_per_step",
  restarts: "kube_pod_container_status_restarts",
};

/** A service mesh: the sidecars measure, names are host names, access logs of proxies. */
export const meshDialect: Dialect = {
  name: "mesh",
  service: (plain) => `${plain}.shop.svc.cluster.local`,
  metric: (measure) =>
    gauges[measure] ??
    (measure.endsWith("Ms") ? "istio_request_duration_milliseconds" : "istio_requests_total"),
  metrics(measures, atMs) {
    const total = totals();
    const rows = measures.flatMap((measure) =>
      samplesOf(measure, total).map(([metric, value, labels]) => ({
        ts: atMs(measure.minute),
        service_name: this.service(measure.service),
        name: metric,
        value,
        tags: labels,
      })),
    );
    return { "metrics.jsonl": jsonl(rows) };
  },
  logs: (lines, atMs) => ({
    "logs.jsonl": jsonl(
      lines.map(({ minute, service, severity, body, trace }) => ({
        time: atMs(minute) / 1000,
        "service.name": `${service}.shop.svc.cluster.local`,
        log:
          service === "web" && trace
            ? accessLine(body, severity === "ERROR" ? 502 : 200)
            : `${severity === "WARN" ? "W" : severity === "ERROR" ? "E" : "I"} ${body}`,
        level: service === "web" && trace ? "" : severity === "ERROR" ? "err" : severity,
        "trace.id": trace ?? null,
      })),
    ),
  }),
  spans: (spans, atMs) => ({
    "spans.jsonl": jsonl(
      spans.map((span) => ({
        traceid: span.trace,
        spanid: span.id,
        parentid: span.parent,
        service_name: `${span.service}.shop.svc.cluster.local`,
        span_name: span.name,
        spankind: span.kind === "server" ? 2 : 3,
        start_time: Math.round((atMs(0) + span.startMs) * 1000),
        end_time: Math.round((atMs(0) + span.startMs + span.durationMs) * 1000),
        status_code: span.error ? 2 : 0,
        tags: span.attributes,
      })),
    ),
  }),
};

function accessLine(body: string, status: number): string {
  const took = Number(/took=(\d+)/.exec(body)?.[1] ?? 500) / 1000;
  const path = /\/\w+/.exec(body)?.[0] ?? "/";
  return `10.4.2.17 - - [21/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" ${status} 512 "-" "Mozilla/5.0" rt=${took}`;
}

type Sample = readonly [string, number, Readonly<Record<string, string>>];

function samplesOf(
  { service, name, value }: Measure,
  total: (key: string, increase: number) => number,
): Sample[] {
  const own = { destination_workload: service, reporter: "destination" };
  const sum = (metric: string, increase: number, labels: Sample[2]): Sample => [
    metric,
    total(`${service} ${metric} ${JSON.stringify(labels)}`, increase),
    labels,
  ];
  switch (name) {
    case "requests":
      counts.set(service, value);
      return [];
    case "errors": {
      const good = (counts.get(service) ?? value) - value;
      return [
        sum("istio_requests_total", good, { ...own, response_code: "200" }),
        sum("istio_requests_total", value, { ...own, response_code: "503" }),
      ];
    }
    case "meanMs": {
      const count = counts.get(service) ?? 0;
      return [
        sum("istio_request_duration_milliseconds_sum", count * value, own),
        sum("istio_request_duration_milliseconds_count", count, own),
      ];
    }
    case "p95Ms":
      return [];
    default:
      return [[gauges[name] ?? name, name === "disk" ? value * 100 : value, {}]];
  }
}

/** Requests of the step at hand: measures of one service come in order. */
const counts = new Map<string, number>();
