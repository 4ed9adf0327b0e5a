import type { CaptureRows, LogRow, SpanRow } from "../capture/rows.ts";
import {
  type LogsRequest,
  type OtlpKeyValue,
  type OtlpLogRecord,
  type OtlpSpan,
  otlpAttributes,
  otlpId,
  otlpTimeMs,
  otlpValue,
  type TraceRequest,
} from "./decode.ts";

/** Rows made from one request, and how many of its records could not be read. */
export interface Flattened<Row> {
  rows: Row[];
  rejected: number;
}

/**
 * Longest text kept of one log body or attribute, in characters; what is cut ends with an ellipsis.
 */
const textCharactersMax = 16_384;

/** Log records -> rows. A record without a time gets the time it was observed, or `nowMs`. */
export function logRows(request: LogsRequest, nowMs: number): Flattened<CaptureRows["logs"]> {
  const flat: Flattened<LogRow> = { rows: [], rejected: 0 };
  for (const { resource, scopeLogs } of request.resourceLogs) {
    const origin = readOrigin(resource?.attributes);
    for (const { logRecords } of scopeLogs ?? []) {
      for (const record of logRecords ?? []) keep(flat, () => logRow(record, origin, nowMs));
    }
  }
  return flat;
}

/** Spans -> rows. A span without ids or times is rejected: it could not be joined with anything. */
export function spanRows(request: TraceRequest): Flattened<CaptureRows["spans"]> {
  const flat: Flattened<SpanRow> = { rows: [], rejected: 0 };
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const origin = readOrigin(resource?.attributes);
    for (const { spans } of scopeSpans ?? []) {
      for (const span of spans ?? []) keep(flat, () => spanRow(span, origin));
    }
  }
  return flat;
}

/** Adds what `make` returns; null or a field of the wrong type is one rejected record. */
export function keep<Row>(flat: Flattened<Row>, make: () => Row | null): void {
  attempt(flat, () => {
    const row = make();
    if (row) flat.rows.push(row);
    else flat.rejected += 1;
  });
}

/** Reads a foreign record; one with a field of the wrong type counts as rejected. */
export function attempt<Row>(flat: Flattened<Row>, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    flat.rejected += 1;
  }
}

/** Who sent the telemetry: its service, and the resource attributes worth a place in every row. */
export interface Origin {
  service: string;
  attributes: Record<string, unknown>;
}

// Identity of the sender that a reader groups by. The rest of the resource (SDK name, process
// arguments, operating system) repeats in every row and answers no question.
const originAttributes = [
  "service.version",
  "service.instance.id",
  "deployment.environment.name",
  "host.name",
  "k8s.pod.name",
  "k8s.namespace.name",
  "k8s.node.name",
  "cloud.region",
  "cloud.availability_zone",
];

/** Senders without a `service.name` share the service "unknown". */
export function readOrigin(list: OtlpKeyValue[] | null | undefined): Origin {
  const all = otlpAttributes(list);
  const attributes: Record<string, unknown> = {};
  for (const name of originAttributes) if (all[name] != null) attributes[name] = all[name];
  return { service: String(all["service.name"] ?? "unknown"), attributes };
}

/** Attributes -> the JSON text of the `attributes` column; null when there are none. */
export function attributesText(attributes: Record<string, unknown>): string | null {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string" && value.length > textCharactersMax) {
      attributes[name] = clip(value);
    }
  }
  const text = JSON.stringify(attributes);
  return text === "{}" ? null : text;
}

function logRow(record: OtlpLogRecord, origin: Origin, nowMs: number): LogRow {
  const attributes = { ...origin.attributes, ...otlpAttributes(record.attributes) };
  if (record.eventName) attributes["event.name"] = record.eventName;
  const at = otlpTimeMs(record.timeUnixNano) ?? otlpTimeMs(record.observedTimeUnixNano);
  const body = otlpValue(record.body) ?? record.eventName ?? "";
  return {
    timestamp: at ?? nowMs,
    service: origin.service,
    severity: severityName(record),
    body: clip(typeof body === "string" ? body : JSON.stringify(body)),
    trace_id: otlpId(record.traceId) || null,
    span_id: otlpId(record.spanId) || null,
    attributes: attributesText(attributes),
  };
}

function spanRow(span: OtlpSpan, origin: Origin): SpanRow | null {
  const traceId = otlpId(span.traceId);
  const spanId = otlpId(span.spanId);
  const start = otlpTimeMs(span.startTimeUnixNano);
  const end = otlpTimeMs(span.endTimeUnixNano);
  if (!traceId || !spanId || start === null || end === null || end < start) return null;
  const attributes = { ...origin.attributes, ...otlpAttributes(span.attributes) };
  if (span.status?.message) attributes["status.message"] = span.status.message;
  const exception = span.events?.find((event) => event.name === "exception");
  if (exception) Object.assign(attributes, withoutStack(otlpAttributes(exception.attributes)));
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: otlpId(span.parentSpanId) || null,
    service: origin.service,
    name: String(span.name ?? ""),
    start,
    // To the microsecond: the last digits of nanoseconds do not survive as numbers.
    duration_ms: Math.round((end - start) * 1e3) / 1e3,
    status: span.status?.code === 2 ? "error" : span.status?.code === 1 ? "ok" : "unset",
    kind: spanKinds[span.kind ?? 0] ?? "internal",
    attributes: attributesText(attributes),
  };
}

const spanKinds = ["internal", "internal", "server", "client", "producer", "consumer"];

function withoutStack(exception: Record<string, unknown>): Record<string, unknown> {
  const { "exception.stacktrace": _stack, ...rest } = exception;
  return rest;
}

// Severity numbers come in blocks of four: 1-4 TRACE, 5-8 DEBUG, and so on (OTLP logs data model).
const severityBlocks = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

function severityName(record: OtlpLogRecord): string {
  const number = record.severityNumber ?? 0;
  const block = severityBlocks[Math.floor((number - 1) / 4)];
  return block ?? (record.severityText?.toUpperCase() || "UNSPECIFIED");
}

function clip(text: string): string {
  return text.length > textCharactersMax ? `${text.slice(0, textCharactersMax - 1)}…` : text;
}
