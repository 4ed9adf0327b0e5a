import { z } from "zod";
import type { TraceListQuery } from "../core/query.ts";
import type { Span } from "../core/rows.ts";
import { insightsTime } from "./insights-run.ts";

/**
 * Queries over `aws/spans`. A span stands there as OpenTelemetry has it (`name`, `kind`,
 * `status.code`, `durationNano`), with `attributes.aws.local.service` and
 * `attributes.aws.remote.service` where AWS's own distribution sent it.
 */
const service =
  "coalesce(attributes.aws.local.service, resource.attributes.service.name) as service";
const measured = `fields ${service}, durationNano / 1000000 as ms
| fields strcontains(status.code, "ERROR") as failed`;
const sums = "count(*) as n, sum(failed) as errors, avg(ms) as mean";
const quantiles = "pct(ms, 50) as p50, pct(ms, 95) as p95";

function onlyOf(services: readonly string[] | undefined): string {
  return services ? `\n| filter service in [${services.map(quotedText).join(", ")}]` : "";
}

/** Text in quotes of Logs Insights; nothing in it can end them. */
function quotedText(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** Counts, failures and durations per service, operation and kind. */
export function operationText(services: readonly string[] | undefined): string {
  return `${measured}
| filter ispresent(spanId)${onlyOf(services)}
| stats ${sums}, ${quantiles} by service, name, kind
| sort n desc
| limit 5000`;
}

/** Calls per caller and callee. */
export const edgeText = `${measured}, attributes.aws.remote.service as callee
| filter kind in ["CLIENT", "PRODUCER"] and ispresent(callee)
| stats ${sums}, ${quantiles} by service, callee
| sort n desc
| limit 5000`;

/** Counts, failures and p95 per service and bin. */
export function seriesText(seconds: number, services: readonly string[] | undefined): string {
  return `${measured}
| filter ispresent(spanId)${onlyOf(services)}
| stats count(*) as n, sum(failed) as errors, pct(ms, 95) as p95 by bin(${seconds}s) as at, service
| limit 10000`;
}

/** Ids of some traces; which ones is left to the engine. */
export function sampleText(most: number): string {
  return `filter ispresent(spanId)\n| stats count(*) as n by traceId\n| limit ${most}`;
}

/** Ids of some traces in which a span failed. */
export function failingText(most: number): string {
  return `filter status.code = "ERROR"\n| stats count(*) as n by traceId\n| limit ${most}`;
}

/** First spans of traces. */
export function rootText(
  query: TraceListQuery,
  services: readonly string[] | undefined,
  limit: number,
): string {
  const filters = [
    '(not ispresent(parentSpanId) or parentSpanId = "")',
    query.onlyErrors ? "failed = 1" : "",
    query.minDurationMs ? `ms >= ${query.minDurationMs}` : "",
  ].filter(Boolean);
  return `${measured}, traceId, name, startTimeUnixNano
| filter ispresent(spanId) and ${filters.join(" and ")}${onlyOf(services)}
| sort failed desc, ms desc
| limit ${limit}`;
}

/** Every span of some traces, whole. */
export function tracesText(ids: readonly string[]): string {
  const plain = [...new Set(ids.flatMap(bothIds))];
  return `fields @message\n| filter traceId in [${plain.map(quotedText).join(", ")}]\n| limit 10000`;
}

/** A trace under the id of OpenTelemetry, as it is stored, and as it was given. */
function bothIds(id: string): readonly string[] {
  const [, epoch, rest] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(id) ?? [];
  return epoch && rest ? [`${epoch}${rest}`.toLowerCase()] : [id];
}

const nanos = z.union([z.number(), z.string()]).transform(Number);
const spanSchema = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().nullish(),
  name: z.string().default(""),
  kind: z.string().nullish(),
  startTimeUnixNano: nanos,
  durationNano: nanos.optional(),
  endTimeUnixNano: nanos.optional(),
  status: z.looseObject({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  attributes: z.record(z.string(), z.unknown()).nullish(),
  resource: z.looseObject({ attributes: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

/** One span as it is stored; null for what is not a span. */
export function storedSpan(
  text: string | undefined,
  names: Readonly<Record<string, string>>,
): Span | null {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return null;
  }
  const read = spanSchema.safeParse(value);
  if (!read.success) return null;
  const { data: span } = read;
  const attributes = span.attributes ?? {};
  const resource = span.resource?.attributes ?? {};
  const own = attributes["aws.local.service"] ?? resource["service.name"];
  const name = typeof own === "string" ? own : "";
  const start = span.startTimeUnixNano / 1e6;
  const lasted =
    span.durationNano ?? (span.endTimeUnixNano ?? span.startTimeUnixNano) - span.startTimeUnixNano;
  const { code, message } = span.status ?? {};
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || null,
    service: names[name] ?? name,
    name: span.name,
    start,
    durationMs: Math.max(0, lasted / 1e6),
    isError: code === "ERROR",
    spanKind: span.kind?.toLowerCase() ?? null,
    attributes: message ? { ...attributes, "status.message": message } : attributes,
  };
}

/** Start of a bin. */
export function spanTime(text: string | undefined): number {
  return insightsTime(text);
}
