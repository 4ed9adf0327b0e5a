import type { Report } from "../../core/report.ts";

/** 2026-03-14 09:00 UTC; every sample counts from here. */
export const sampleStart = Date.UTC(2026, 2, 14, 9, 0, 0);

export const minute = 60_000;

/** ISO time so many minutes after the start. */
export const at = (minutes: number) =>
  new Date(sampleStart + minutes * minute).toISOString().replace(".000Z", "Z");

export const consoleLink =
  "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#metricsV2";

function chart(title: string, unit: string, label: string, low: number, high: number) {
  const times = Array.from({ length: 40 }, (_, i) => sampleStart - 20 * minute + i * minute);
  const values = times.map((time, i) => {
    const wave = Math.sin(i / 3) * low * 0.15;
    return time < sampleStart ? low + wave : high + wave * 3;
  });
  return { title, unit, lines: [{ label, times, values }] };
}

const provenance = (query: string) => ({
  source: "CloudWatch",
  signal: "metrics",
  query,
  window: { from: at(-20), to: at(20) },
  tookMs: 210,
  rows: 40,
  bytesScanned: 12_000,
  truncated: false,
  link: consoleLink,
});

/** What was found: a pool too small, a slow database, lost orders. */
export const sampleEvidence: Report["evidence"] = [
  {
    id: "E1",
    layer: "application",
    kind: "anomaly",
    service: "checkout",
    statement: "checkout: 5xx share rose from 0.2% to 18.4% at 09:01",
    value: 18.4,
    unit: "%",
    baseline: 0.2,
    effect: 41,
    effectKind: "deviations",
    at: at(1),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT AVG(http_5xx_share) WHERE service = 'checkout'")],
    chart: chart("checkout 5xx share", "%", "checkout", 0.2, 18.4),
  },
  {
    id: "E2",
    layer: "infrastructure",
    kind: "anomaly",
    service: "orders-db",
    resource: "orders-db/connections",
    statement: "orders-db: connections in use reached the limit of 100 at 08:59",
    value: 100,
    unit: "connections",
    baseline: 34,
    effect: 22,
    effectKind: "deviations",
    at: at(-1),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT MAX(connections) WHERE service = 'orders-db'")],
    chart: chart("orders-db connections", "count", "in use", 34, 100),
  },
  {
    id: "E3",
    layer: "application",
    kind: "change",
    service: "orders",
    statement: "orders: deploy 8f31c2 at 08:57, 2 minutes before the onset, touches the pool size",
    at: at(-3),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("changes of orders")],
  },
  {
    id: "E4",
    layer: "application",
    kind: "log-pattern",
    service: "orders",
    statement: "orders: “timeout acquiring connection” 0 → 1,204 lines, first at 08:59:12",
    value: 1_204,
    unit: "lines",
    baseline: 0,
    at: at(-0.8),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("filter @message like /timeout acquiring/")],
  },
  {
    id: "E5",
    layer: "business",
    kind: "kpi",
    service: "checkout",
    statement: "orders per minute fell from 212 to 131",
    value: 131,
    unit: "/min",
    baseline: 212,
    at: at(2),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT SUM(orders)")],
  },
  {
    id: "E6",
    layer: "application",
    kind: "normal",
    service: "payments",
    statement: "payments: latency and errors are within their usual range",
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("payments p95, errors")],
  },
];
