/** One row of each table of a capture, in the columns of the capture format. Times are epoch ms. */
export interface MetricRow {
  timestamp: number;
  service: string;
  metric: string;
  value: number;
  resource: string | null;
  unit: string | null;
  kind: "count" | "gauge";
  layer: "infrastructure" | "application" | "business";
  attributes: string | null;
}

export interface LogRow {
  timestamp: number;
  service: string;
  severity: string;
  body: string;
  trace_id: string | null;
  span_id: string | null;
  attributes: string | null;
}

export interface SpanRow {
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  service: string;
  name: string;
  start: number;
  duration_ms: number;
  status: "unset" | "ok" | "error";
  kind: string;
  attributes: string | null;
}

export interface CaptureRows {
  metrics: MetricRow;
  logs: LogRow;
  spans: SpanRow;
}

export type CaptureTable = keyof CaptureRows;

type ColumnType = "TIMESTAMP" | "VARCHAR" | "DOUBLE";

/** Columns of each table, in the order in which they are written. TIMESTAMP is UTC. */
export const captureColumns: { [T in CaptureTable]: Record<keyof CaptureRows[T], ColumnType> } = {
  metrics: {
    timestamp: "TIMESTAMP",
    service: "VARCHAR",
    metric: "VARCHAR",
    value: "DOUBLE",
    resource: "VARCHAR",
    unit: "VARCHAR",
    kind: "VARCHAR",
    layer: "VARCHAR",
    attributes: "VARCHAR",
  },
  logs: {
    timestamp: "TIMESTAMP",
    service: "VARCHAR",
    severity: "VARCHAR",
    body: "VARCHAR",
    trace_id: "VARCHAR",
    span_id: "VARCHAR",
    attributes: "VARCHAR",
  },
  spans: {
    trace_id: "VARCHAR",
    span_id: "VARCHAR",
    parent_span_id: "VARCHAR",
    service: "VARCHAR",
    name: "VARCHAR",
    start: "TIMESTAMP",
    duration_ms: "DOUBLE",
    status: "VARCHAR",
    kind: "VARCHAR",
    attributes: "VARCHAR",
  },
};
