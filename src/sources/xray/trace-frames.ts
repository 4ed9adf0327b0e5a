import type { Frame } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { TraceSampleQuery } from "../../core/query.ts";
import type {
  AttributeStats,
  DurationStats,
  EdgePeriod,
  Span,
  TraceSummary,
} from "../../core/rows.ts";
import { rowsFrame } from "../rows-frame.ts";
import { noStats, type OperationPeriod } from "./span-statistics.ts";

/** Operations of window and baseline side by side, busiest first. */
export function operationsFrame(
  window: readonly OperationPeriod[],
  baseline: readonly OperationPeriod[],
  most: number,
): { readonly frame: Frame; readonly isCut: boolean } {
  const key = (o: OperationPeriod) => `${o.service}\0${o.operation}\0${o.spanKind ?? ""}`;
  const rows = new Map<string, { of: OperationPeriod; in: DurationStats; was: DurationStats }>();
  for (const each of window) rows.set(key(each), { of: each, in: each.stats, was: noStats });
  for (const each of baseline) {
    const known = rows.get(key(each));
    if (known) known.was = each.stats;
    else rows.set(key(each), { of: each, in: noStats, was: each.stats });
  }
  const all = [...rows.values()].sort(
    (a, b) => b.in.count + b.was.count - a.in.count - a.was.count,
  );
  const kept = all.slice(0, most);
  type Row = (typeof kept)[number];
  const stats = (name: string, of: (row: Row) => DurationStats) => ({
    [`${name}_count`]: (row: Row) => of(row).count,
    [`${name}_errors`]: (row: Row) => of(row).errors,
    [`${name}_error_origins`]: (row: Row) => of(row).errorOrigins,
    [`${name}_mean_ms`]: (row: Row) => of(row).meanMs,
    [`${name}_p50_ms`]: (row: Row) => of(row).p50Ms,
    [`${name}_p95_ms`]: (row: Row) => of(row).p95Ms,
    [`${name}_self_mean_ms`]: (row: Row) => of(row).selfMeanMs,
    [`${name}_self_p50_ms`]: (row: Row) => of(row).selfP50Ms,
    [`${name}_self_p95_ms`]: (row: Row) => of(row).selfP95Ms,
  });
  const frame = rowsFrame<Row>(kept, {
    texts: {
      service: (row) => row.of.service,
      operation: (row) => row.of.operation,
      span_kind: (row) => row.of.spanKind,
    },
    numbers: { ...stats("window", (row) => row.in), ...stats("baseline", (row) => row.was) },
  });
  return { frame, isCut: kept.length < all.length };
}

/** One caller and one callee over one period. */
export interface EdgeOf {
  readonly caller: string;
  readonly callee: string;
  readonly stats: EdgePeriod;
}

const noEdge: EdgePeriod = {
  calls: 0,
  errors: 0,
  meanMs: Number.NaN,
  p50Ms: Number.NaN,
  p95Ms: Number.NaN,
  gapMeanMs: Number.NaN,
  gapP50Ms: Number.NaN,
  gapP95Ms: Number.NaN,
};

/** Edges of window and baseline side by side, busiest first. */
export function edgesFrame(
  window: readonly EdgeOf[],
  baseline: readonly EdgeOf[],
  most: number,
): { readonly frame: Frame; readonly isCut: boolean } {
  const rows = new Map<string, { of: EdgeOf; in: EdgePeriod; was: EdgePeriod }>();
  const key = (each: EdgeOf) => `${each.caller}\0${each.callee}`;
  for (const each of window) rows.set(key(each), { of: each, in: each.stats, was: noEdge });
  for (const each of baseline) {
    const known = rows.get(key(each));
    if (known) known.was = each.stats;
    else rows.set(key(each), { of: each, in: noEdge, was: each.stats });
  }
  const all = [...rows.values()].sort(
    (a, b) => b.in.calls + b.was.calls - a.in.calls - a.was.calls,
  );
  const kept = all.slice(0, most);
  type Row = (typeof kept)[number];
  const stats = (name: string, of: (row: Row) => EdgePeriod) => ({
    [`${name}_calls`]: (row: Row) => of(row).calls,
    [`${name}_errors`]: (row: Row) => of(row).errors,
    [`${name}_mean_ms`]: (row: Row) => of(row).meanMs,
    [`${name}_p50_ms`]: (row: Row) => of(row).p50Ms,
    [`${name}_p95_ms`]: (row: Row) => of(row).p95Ms,
    [`${name}_gap_mean_ms`]: (row: Row) => of(row).gapMeanMs,
    [`${name}_gap_p50_ms`]: (row: Row) => of(row).gapP50Ms,
    [`${name}_gap_p95_ms`]: (row: Row) => of(row).gapP95Ms,
  });
  const frame = rowsFrame<Row>(kept, {
    texts: { caller: (row) => row.of.caller, callee: (row) => row.of.callee },
    numbers: { ...stats("window", (row) => row.in), ...stats("baseline", (row) => row.was) },
  });
  return { frame, isCut: kept.length < all.length };
}

/** Traces as the frame of `trace-list`. */
export function tracesFrame(rows: readonly TraceSummary[]): Frame {
  return rowsFrame(rows, {
    texts: {
      trace_id: (row) => row.traceId,
      service: (row) => row.service,
      operation: (row) => row.operation,
    },
    times: { start: (row) => row.start },
    numbers: {
      duration_ms: (row) => row.durationMs,
      spans: (row) => row.spans,
      errors: (row) => row.errors,
    },
  });
}

/** Attribute values as the frame of `span-attributes`. */
export function attributesFrame(rows: readonly AttributeStats[]): Frame {
  return rowsFrame(rows, {
    texts: { service: (row) => row.service, key: (row) => row.key, value: (row) => row.value },
    numbers: {
      window_errors: (row) => row.windowErrors,
      window_count: (row) => row.windowCount,
      baseline_errors: (row) => row.baselineErrors,
      baseline_count: (row) => row.baselineCount,
      key_errors: (row) => row.keyErrors,
      key_count: (row) => row.keyCount,
    },
  });
}

/** Who calls whom as the frame of `topology`. */
export function topologyFrame(
  rows: readonly { readonly from: string; readonly to: string; readonly kind: string }[],
): Frame {
  return rowsFrame(rows, { texts: { from: (r) => r.from, to: (r) => r.to, kind: (r) => r.kind } });
}

/**
 * Spans of both periods as the frame of `trace-sample`; a limit cuts whole traces of both alike.
 */
export function sampleFrame(
  window: readonly Span[],
  baseline: readonly Span[],
  query: Pick<TraceSampleQuery, "traces" | "limit">,
): { readonly frame: Frame; readonly isCut: boolean } {
  const most = Math.min(query.traces ?? limits.sampledTracesMax, limits.sampledTracesMax);
  const rows = Math.min(query.limit ?? limits.sampledSpansMax, limits.sampledSpansMax);
  const [inside, before] = [window, baseline].map((spans) => [
    ...Map.groupBy(spans, (span) => span.traceId).values(),
  ]) as [Span[][], Span[][]];
  const picked = Array.from({ length: Math.min(most, Math.max(inside.length, before.length)) })
    .flatMap((_, at) => [
      { period: "window", spans: inside[at] ?? [] },
      { period: "baseline", spans: before[at] ?? [] },
    ])
    .flatMap(({ period, spans }) => spans.map((span) => ({ period, span })));
  const kept = picked.slice(0, rows);
  const frame = rowsFrame(kept, {
    texts: {
      trace: ({ span }) => span.traceId,
      span: ({ span }) => `${span.traceId} ${span.spanId}`,
      parent: ({ span }) => (span.parentSpanId ? `${span.traceId} ${span.parentSpanId}` : null),
      service: ({ span }) => span.service,
      operation: ({ span }) => span.name,
      period: ({ period }) => period,
    },
    times: { start: ({ span }) => span.start },
    numbers: { duration_ms: ({ span }) => span.durationMs },
  });
  const isCut = kept.length < window.length + baseline.length;
  return { frame, isCut };
}
