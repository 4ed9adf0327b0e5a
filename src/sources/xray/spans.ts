import { z } from "zod";
import type { Frame } from "../../core/frame.ts";
import type { Span } from "../../core/rows.ts";
import { rowsFrame } from "../rows-frame.ts";

/** Subsegments inside subsegments are followed this deep. */
const depthMax = 60;
const attributeCharsMax = 500;

const partSchema = z.looseObject({
  id: z.string(),
  name: z.string().default(""),
  start_time: z.number(),
  end_time: z.number().optional(),
  in_progress: z.boolean().optional(),
  parent_id: z.string().optional(),
  namespace: z.string().optional(),
  error: z.boolean().optional(),
  fault: z.boolean().optional(),
  throttle: z.boolean().optional(),
  inferred: z.boolean().optional(),
  origin: z.string().optional(),
  http: z
    .looseObject({
      request: z.looseObject({ method: z.string(), url: z.string() }).partial().optional(),
      response: z.looseObject({ status: z.number() }).partial().optional(),
    })
    .optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
  sql: z.looseObject({ sanitized_query: z.string() }).partial().optional(),
  cause: z.unknown().optional(),
  subsegments: z.array(z.unknown()).optional(),
});
type Part = z.infer<typeof partSchema>;

/** The spans of segment documents, and how many documents could not be read. */
export interface SpansRead {
  readonly spans: readonly Span[];
  readonly bad: number;
}

/**
 * Segments and their subsegments as spans. A segment is what a service served, a subsegment with a
 * namespace is a call of it to another (`remote`) or to AWS (`aws`), any other is inner work.
 * Shape: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
export function spansOf(
  traceId: string,
  documents: readonly (string | undefined)[],
  names: Readonly<Record<string, string>>,
): SpansRead {
  const spans: Span[] = [];
  let bad = 0;
  for (const text of documents) {
    const part = parsed(text);
    if (!part) {
      bad += 1;
      continue;
    }
    const service = names[part.name] ?? part.name;
    const add = (each: Part, parent: string | null, depth: number) => {
      spans.push(spanOf(each, traceId, parent, service, depth === 0));
      if (depth >= depthMax) return;
      for (const inner of each.subsegments ?? []) {
        const child = partSchema.safeParse(inner);
        if (child.success) add(child.data, each.id, depth + 1);
        else bad += 1;
      }
    };
    add(part, part.parent_id ?? null, 0);
  }
  return { spans, bad };
}

function parsed(text: string | undefined): Part | null {
  try {
    return partSchema.parse(JSON.parse(text ?? ""));
  } catch {
    return null;
  }
}

function spanOf(
  part: Part,
  traceId: string,
  parent: string | null,
  service: string,
  isSegment: boolean,
): Span {
  const end = part.end_time ?? part.start_time;
  const request = part.http?.request;
  return {
    traceId,
    spanId: part.id,
    parentSpanId: parent,
    service,
    name: isSegment ? (requestName(request?.method, request?.url) ?? part.name) : part.name,
    start: part.start_time * 1_000,
    durationMs: Math.max(0, (end - part.start_time) * 1_000),
    isError: isFailing(part, isSegment),
    spanKind: isSegment ? "server" : part.namespace ? "client" : "internal",
    attributes: attributesOf(part),
  };
}

/**
 * A fault (5xx) and a throttle (429) are failures. An error (4xx) is the fault of whoever asked: it
 * is a failure of the call, not of the service that was right to refuse it.
 */
function isFailing(part: Part, isSegment: boolean): boolean {
  return Boolean(part.fault || part.throttle || (part.error && !isSegment));
}

/** `GET /orders/<*>`; null where the request is not known. */
export function requestName(method: string | undefined, url: string | undefined): string | null {
  if (!url) return null;
  const path = /^(?:\w+:\/\/[^/]*)?([^?#]*)/.exec(url)?.[1] || "/";
  // Numbers and ids in a path make one operation look like many.
  const plain = path.replace(/\/(?:\d+|[0-9a-f]{8,}|[0-9a-f-]{36})(?=\/|$)/gi, "/<*>");
  return [method, plain].filter(Boolean).join(" ");
}

function attributesOf(part: Part): Readonly<Record<string, unknown>> {
  const { http, annotations, namespace, sql, throttle, error, inferred, origin, name } = part;
  const cause = causeOf(part.cause);
  return {
    ...annotations,
    ...(http?.response?.status === undefined ? {} : { "http.status_code": http.response.status }),
    ...(http?.request?.url ? { "http.url": http.request.url.slice(0, attributeCharsMax) } : {}),
    ...(namespace ? { "xray.namespace": namespace, "peer.service": name } : {}),
    ...(sql?.sanitized_query ? { "db.statement": sql.sanitized_query } : {}),
    ...(throttle ? { "xray.throttle": true } : {}),
    ...(error ? { "xray.error": true } : {}),
    ...(inferred ? { "xray.inferred": true } : {}),
    ...(origin ? { "xray.origin": origin } : {}),
    ...(part.in_progress ? { "xray.in_progress": true } : {}),
    ...(cause ? { "exception.message": cause.slice(0, attributeCharsMax) } : {}),
  };
}

const causeSchema = z.looseObject({
  exceptions: z.array(z.looseObject({ type: z.string(), message: z.string() }).partial()),
});

/** A cause is a list of exceptions, or the id of a subsegment that has it. */
function causeOf(cause: unknown): string | null {
  const read = causeSchema.safeParse(cause);
  const first = read.success ? read.data.exceptions[0] : undefined;
  return first ? [first.type, first.message].filter(Boolean).join(": ") || null : null;
}

/** Spans as the frame of `trace`. */
export function spansFrame(spans: readonly Span[]): Frame {
  return rowsFrame(spans, {
    texts: {
      trace_id: (span) => span.traceId,
      span_id: (span) => span.spanId,
      parent_span_id: (span) => span.parentSpanId,
      service: (span) => span.service,
      name: (span) => span.name,
      span_kind: (span) => span.spanKind,
    },
    times: { start: (span) => span.start },
    numbers: {
      duration_ms: (span) => span.durationMs,
      is_error: (span) => Number(span.isError),
    },
    jsons: { attributes: (span) => span.attributes },
  });
}

/** The id of a trace as X-Ray writes it; OpenTelemetry's 32 digits are taken as well. */
export function xrayTraceId(id: string): string {
  const plain = id.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(plain)) return `1-${plain.slice(0, 8)}-${plain.slice(8)}`;
  return plain.replace(/^(?:x-amzn-trace-id:\s*)?root=/, "").replace(/;.*$/, "");
}
