import { z } from "zod";
import type { TraceListQuery } from "../../core/query.ts";
import type { Span } from "../../core/rows.ts";
import { type InsightsRow, insightsTime } from "../insights/run.ts";

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

/**
 * Every span of some traces. Fields by name: the whole message is cut near 1,000 characters, which
 * no longer is JSON; it is asked for (`isWhole`) where attributes are wanted as well.
 */
export function tracesText(ids: readonly string[], isWhole: boolean): string {
  const plain = [...new Set(ids.flatMap(bothIds))];
  return `fields traceId, spanId, parentSpanId, name, kind, status.code as code, ${service}
| fields startTimeUnixNano, durationNano, status.message as said${isWhole ? ", @message" : ""}
| filter traceId in [${plain.map(quotedText).join(", ")}]
| limit 10000`;
}

/** A trace under the id of OpenTelemetry, as it is stored, and as it was given. */
function bothIds(id: string): readonly string[] {
  const [, epoch, rest] = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(id) ?? [];
  return epoch && rest ? [`${epoch}${rest}`.toLowerCase()] : [id];
}

const spanSchema = z.looseObject({
  traceId: z.string().min(1),
  spanId: z.string().min(1),
  parentSpanId: z.string().default(""),
  service: z.string().default(""),
  name: z.string().default(""),
  kind: z.string().default(""),
  code: z.string().default(""),
  said: z.string().default(""),
  startTimeUnixNano: z.string().min(1).transform(Number),
  durationNano: z.string().default("0").transform(Number),
});
const storedSchema = z.looseObject({ attributes: z.record(z.string(), z.unknown()) });

/** One row of the query above as a span; null for what is not a span. */
export function storedSpan(row: InsightsRow, names: Readonly<Record<string, string>>): Span | null {
  const read = spanSchema.safeParse(row);
  if (!read.success || !Number.isFinite(read.data.startTimeUnixNano)) return null;
  const { data: span } = read;
  const attributes = attributesIn(row["@message"]);
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || null,
    service: names[span.service] ?? span.service,
    name: span.name,
    start: span.startTimeUnixNano / 1e6,
    durationMs: Math.max(0, span.durationNano / 1e6),
    isError: span.code === "ERROR",
    spanKind: span.kind.toLowerCase() || null,
    attributes: span.said ? { ...attributes, "status.message": span.said } : attributes,
  };
}

/** Attributes of a stored span; none where the message came cut. */
function attributesIn(message: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const read = storedSchema.safeParse(JSON.parse(message ?? ""));
    return read.success ? read.data.attributes : {};
  } catch {
    return {};
  }
}

/** Start of a bin. */
export function spanTime(text: string | undefined): number {
  return insightsTime(text);
}
