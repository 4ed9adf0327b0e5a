import type { Frame, Points } from "../../core/frame.ts";
import type { Window } from "../../core/window.ts";
import { seriesFrame } from "../capture/metrics-sql.ts";

/** What the spans of one service and bin come to. */
export interface SpanBin {
  readonly service: string;
  /** Epoch ms at which the bin begins. */
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  /** NaN when it is not known. */
  readonly p95Ms: number;
}

/** Bins of whole steps inside the periods, in order. */
export function binsOf(periods: readonly Window[], stepMs: number): Float64Array {
  const all = periods.flatMap(({ from, to }) => {
    const first = Math.ceil(from / stepMs) * stepMs;
    const count = Math.max(0, Math.floor((to - first) / stepMs));
    return Array.from({ length: count }, (_, i) => first + i * stepMs);
  });
  return Float64Array.from(new Set(all)).sort();
}

/**
 * Bins as the frame of `span-series`: a bin without spans is 0 for counts and has no point for
 * latency. `most` cuts the series.
 */
export function spanSeriesFrame(
  rows: readonly SpanBin[],
  bins: Float64Array,
  most: number,
): { readonly frame: Frame; readonly isCut: boolean } {
  const inside = new Set(bins);
  const series = [...Map.groupBy(rows, ({ service }) => service)].flatMap(([service, own]) => {
    const at = new Map(own.filter((row) => inside.has(row.at)).map((row) => [row.at, row]));
    if (at.size === 0) return [];
    const count = (of: (row: SpanBin) => number): Points => ({
      times: bins,
      values: bins.map((time) => {
        const row = at.get(time);
        return row ? of(row) : 0;
      }),
    });
    const timed = bins.filter((time) => Number.isFinite(at.get(time)?.p95Ms));
    const latency = { times: timed, values: timed.map((time) => at.get(time)?.p95Ms ?? 0) };
    const named = (metric: string, unit: string, metricKind: string, points: Points) => ({
      spec: { service, metric, resource: null, unit, metricKind, layer: "application" as const },
      points,
    });
    return [
      named(
        "span_requests",
        "spans",
        "delta",
        count((row) => row.requests),
      ),
      named(
        "span_errors",
        "spans",
        "delta",
        count((row) => row.errors),
      ),
      ...(timed.length > 0 ? [named("span_latency_p95", "ms", "gauge", latency)] : []),
    ];
  });
  const kept = series.slice(0, most);
  return {
    frame: seriesFrame(
      kept.map(({ spec }) => spec),
      kept.map(({ points }) => points),
    ),
    isCut: kept.length < series.length,
  };
}
