import { requestTypes } from "./descriptor.ts";

/** What OTLP/HTTP can carry, named as in its URLs (`/v1/traces`). */
export type OtlpSignal = keyof typeof requestTypes;

export type OtlpEncoding = "json" | "protobuf";

/**
 * The body is not the message that its path and content type promise. The sender must not retry.
 */
export class MalformedOtlp extends Error {}

/**
 * Body of an OTLP/HTTP export request -> the request as a plain tree, the same for both encodings.
 * Throws {@link MalformedOtlp} on anything that is not such a request.
 */
export function decodeOtlp(signal: "traces", encoding: OtlpEncoding, body: Buffer): TraceRequest;
export function decodeOtlp(signal: "logs", encoding: OtlpEncoding, body: Buffer): LogsRequest;
export function decodeOtlp(signal: "metrics", encoding: OtlpEncoding, body: Buffer): MetricsRequest;
export function decodeOtlp(signal: OtlpSignal, encoding: OtlpEncoding, body: Buffer): unknown {
  const tree = encoding === "json" ? parseJson(body) : parseProtobuf(signal, body);
  const fault = envelopeFault(signal, tree);
  if (fault) throw new MalformedOtlp(`not an OTLP ${signal} request: ${fault}`);
  return tree;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new MalformedOtlp("the body is not JSON", { cause });
  }
}

function parseProtobuf(signal: OtlpSignal, body: Buffer): unknown {
  try {
    // Plain objects hold only what was sent; a protobufjs message would also answer with defaults.
    const type = requestTypes[signal];
    return type.toObject(type.decode(body), { longs: Number });
  } catch (cause) {
    throw new MalformedOtlp("the body is not a protobuf message of this kind", { cause });
  }
}

/** int64: JSON sends a decimal string or a number. */
export type OtlpInteger = number | string;

export interface OtlpKeyValue {
  key?: string;
  value?: OtlpAnyValue | null;
}

export interface OtlpAnyValue {
  stringValue?: string | null;
  boolValue?: boolean | null;
  intValue?: OtlpInteger | null;
  doubleValue?: number | string | null;
  arrayValue?: { values?: OtlpAnyValue[] } | null;
  kvlistValue?: { values?: OtlpKeyValue[] } | null;
  bytesValue?: string | Uint8Array | null;
}

interface WithResource {
  resource?: { attributes?: OtlpKeyValue[] } | null;
}

interface WithScope {
  scope?: { name?: string } | null;
}

export interface OtlpSpan {
  traceId?: string | Uint8Array;
  spanId?: string | Uint8Array;
  parentSpanId?: string | Uint8Array;
  name?: string;
  kind?: number;
  startTimeUnixNano?: OtlpInteger;
  endTimeUnixNano?: OtlpInteger;
  attributes?: OtlpKeyValue[];
  events?: { name?: string; attributes?: OtlpKeyValue[] }[];
  status?: { code?: number; message?: string } | null;
}

export interface OtlpLogRecord {
  timeUnixNano?: OtlpInteger;
  observedTimeUnixNano?: OtlpInteger;
  severityNumber?: number;
  severityText?: string;
  body?: OtlpAnyValue | null;
  attributes?: OtlpKeyValue[];
  traceId?: string | Uint8Array;
  spanId?: string | Uint8Array;
  eventName?: string;
}

interface PointTimes {
  startTimeUnixNano?: OtlpInteger;
  timeUnixNano?: OtlpInteger;
  attributes?: OtlpKeyValue[];
}

export interface OtlpNumberPoint extends PointTimes {
  asDouble?: number | string | null;
  asInt?: OtlpInteger | null;
}

export interface OtlpHistogramPoint extends PointTimes {
  count?: OtlpInteger;
  sum?: number;
  bucketCounts?: OtlpInteger[];
  explicitBounds?: number[];
  max?: number;
}

export interface OtlpExponentialPoint extends PointTimes {
  count?: OtlpInteger;
  sum?: number;
  scale?: number;
  zeroCount?: OtlpInteger;
  positive?: { offset?: number; bucketCounts?: OtlpInteger[] } | null;
  negative?: { offset?: number; bucketCounts?: OtlpInteger[] } | null;
  max?: number;
}

export interface OtlpSummaryPoint extends PointTimes {
  count?: OtlpInteger;
  sum?: number;
  quantileValues?: { quantile?: number; value?: number }[];
}

export interface OtlpSeries<Point> {
  dataPoints?: Point[];
  aggregationTemporality?: number;
  isMonotonic?: boolean;
}

export interface OtlpMetric {
  name?: string;
  unit?: string;
  gauge?: OtlpSeries<OtlpNumberPoint> | null;
  sum?: OtlpSeries<OtlpNumberPoint> | null;
  histogram?: OtlpSeries<OtlpHistogramPoint> | null;
  exponentialHistogram?: OtlpSeries<OtlpExponentialPoint> | null;
  summary?: OtlpSeries<OtlpSummaryPoint> | null;
}

export interface TraceRequest {
  resourceSpans: (WithResource & { scopeSpans?: (WithScope & { spans?: OtlpSpan[] })[] })[];
}

export interface LogsRequest {
  resourceLogs: (WithResource & { scopeLogs?: (WithScope & { logRecords?: OtlpLogRecord[] })[] })[];
}

export interface MetricsRequest {
  resourceMetrics: (WithResource & {
    scopeMetrics?: (WithScope & { metrics?: OtlpMetric[] })[];
  })[];
}

/** OTLP integer -> number. Above 2^53 the last digits are lost (nanoseconds keep a microsecond). */
export function otlpNumber(value: OtlpInteger | null | undefined): number {
  return Number(value ?? 0);
}

/** Nanoseconds since the epoch -> ms; null when it is no time between 1970 and the year 9999. */
export function otlpTimeMs(value: OtlpInteger | null | undefined): number | null {
  const ms = otlpNumber(value) / 1e6;
  return ms > 0 && ms < Date.UTC(10_000, 0) ? ms : null;
}

/** Trace and span ids -> lower-case hex; "" when absent. OTLP/JSON already sends hex. */
export function otlpId(value: string | Uint8Array | null | undefined): string {
  if (!value || value.length === 0) return "";
  if (typeof value === "string") return value.toLowerCase();
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
}

/** OTLP attribute value -> plain JSON value. */
export function otlpValue(value: OtlpAnyValue | null | undefined): unknown {
  if (!value) return null;
  if (value.stringValue != null) return value.stringValue;
  if (value.boolValue != null) return value.boolValue;
  if (value.intValue != null) return otlpNumber(value.intValue);
  if (value.doubleValue != null) return Number(value.doubleValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(otlpValue);
  if (value.kvlistValue) return otlpAttributes(value.kvlistValue.values);
  if (value.bytesValue != null) {
    return typeof value.bytesValue === "string"
      ? value.bytesValue
      : Buffer.from(value.bytesValue).toString("base64");
  }
  return null;
}

/** OTLP key-value list -> object. */
export function otlpAttributes(list: OtlpKeyValue[] | null | undefined): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const { key, value } of list ?? []) if (key) attributes[key] = otlpValue(value);
  return attributes;
}

const envelopes = {
  traces: ["resourceSpans", "scopeSpans", "spans"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
} as const;

// Only what is around the records is checked here: it decides whether this is the right kind of
// request at all. Records are read one by one, and a bad one is rejected alone.
function envelopeFault(signal: OtlpSignal, tree: unknown): string | null {
  const [outer, inner, records] = envelopes[signal];
  if (!isObject(tree)) return "the body is not an object";
  const entries = tree[outer];
  if (entries === undefined || entries === null) {
    if (Object.keys(tree).length > 0) return `${outer} is missing`;
    tree[outer] = [];
    return null;
  }
  if (!Array.isArray(entries)) return `${outer} is not a list`;
  for (const entry of entries) {
    if (!isObject(entry)) return `${outer} holds something that is not an object`;
    if (!isResource(entry.resource ?? {})) return "resource.attributes is not a list of objects";
    const scopes = entry[inner] ?? [];
    if (!isObjects(scopes)) return `${inner} is not a list of objects`;
    if (!scopes.every((scope) => isObjects(scope[records] ?? []))) {
      return `${records} is not a list of objects`;
    }
  }
  return null;
}

function isResource(value: unknown): boolean {
  return isObject(value) && isObjects(value.attributes ?? []);
}

function isObjects(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
