import { type Frame, numbers, type Points, texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { SpanSeriesQuery, TraceListQuery, TraceQuery } from "../../core/query.ts";
import { type Answerer, cut, forServices, limited, nothing, rowLimit } from "./answer.ts";
import { binsOf, countSeries } from "./count-series.ts";
import { quoted } from "./duck-sql.ts";
import { seriesFrame } from "./metrics-sql.ts";
import { prepareSpans } from "./span-facts.ts";
import { inPeriodsMs } from "./traces-sql.ts";

/** What `span-series` measures: metric name, unit, and whether an empty bin is zero. */
const measures = [
  { metric: "span_requests", column: "requests", unit: "spans", isCount: true },
  { metric: "span_errors", column: "errors", unit: "spans", isCount: true },
  { metric: "span_latency_p95", column: "p95_ms", unit: "ms", isCount: false },
  { metric: "span_self_mean", column: "self_mean_ms", unit: "ms", isCount: false },
] as const;

/** Requests, errors, p95 and mean self time per service and bin. */
export const spanSeries: Answerer<SpanSeriesQuery> = {
  tables: ["spans"],
  derived: "span_facts",
  async answer(capture, query, window, stop) {
    if (!(await prepareSpans(capture.store, stop))) return nothing;
    const table = await capture.store.table("spans", stop);
    const bins = binsOf(window, query.baseline, query.stepMs, table);
    const sql = `SELECT service, ${bins.sql("start_ms")} AS bin, count(*) AS requests,
  count_if(is_error) AS errors, quantile_cont(duration_ms, 0.95) AS p95_ms,
  avg(self_ms) AS self_mean_ms\nFROM span_facts
WHERE ${forServices("service", query.services)} AND ${inPeriodsMs(window, query.baseline)}
GROUP BY ALL`;
    const frame = await capture.store.engine.query(sql, stop);
    const service = texts(frame, "service");
    const rows = measures.flatMap(({ metric, column, unit, isCount }) => {
      const points = countSeries(
        frame.length,
        (row) => service[row] ?? "",
        numbers(frame, "bin"),
        numbers(frame, column),
        bins,
      );
      return [...points].map(([name, all]) => ({
        spec: specOf(name, metric, unit, isCount),
        points: isCount ? all : withoutZeros(all, frame, name),
      }));
    });
    const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
    const kept = rows.slice(0, most);
    return {
      frame: seriesFrame(
        kept.map((row) => row.spec),
        kept.map((row) => row.points),
      ),
      sql,
      truncated: kept.length < rows.length,
    };
  },
};

function specOf(service: string, metric: string, unit: string, isCount: boolean) {
  const metricKind = isCount ? "delta" : "gauge";
  return { service, metric, resource: null, unit, metricKind, layer: "application" as const };
}

/** A bin without spans has no duration: leave it out instead of calling it zero. */
function withoutZeros(points: Points, frame: Frame, service: string): Points {
  const owner = texts(frame, "service");
  const bin = numbers(frame, "bin");
  const filled = new Set(Array.from(bin).filter((_, row) => owner[row] === service));
  const at = Array.from(points.times.keys()).filter((i) => filled.has(points.times[i] as number));
  return {
    times: Float64Array.from(at, (i) => points.times[i] as number),
    values: Float64Array.from(at, (i) => points.values[i] as number),
  };
}

/** Traces worth reading: failing ones first, then slow ones. */
export const traceList: Answerer<TraceListQuery> = {
  tables: ["spans"],
  async answer(capture, query, window, stop) {
    if (!(await prepareSpans(capture.store, stop))) return nothing;
    const having = [
      `min(start_ms) >= ${window.from} AND min(start_ms) < ${window.to}`,
      query.services ? `bool_or(${forServices("service", query.services)})` : "true",
      query.onlyErrors ? "bool_or(is_error)" : "true",
      query.minDurationMs
        ? `max(start_ms + duration_ms) - min(start_ms) >= ${query.minDurationMs}`
        : "true",
    ].join("\n  AND ");
    const most = rowLimit(query.limit, 50);
    const sql = `WITH worst AS (
  SELECT trace, min(start_ms) AS start, max(start_ms + duration_ms) - min(start_ms) AS duration_ms,
    count(*) AS spans, count_if(is_error) AS errors,
    arg_min(service, start_ms - is_root::INT * 1e9) AS service,
    arg_min(name, start_ms - is_root::INT * 1e9) AS operation
  FROM span_facts GROUP BY trace HAVING ${having}
  ORDER BY errors > 0 DESC, duration_ms DESC, trace LIMIT ${most + 1}
)
SELECT i.trace_id, w.service, w.operation, w.start, w.duration_ms, w.spans, w.errors
FROM worst w JOIN (SELECT hash(trace_id) AS trace, any_value(trace_id) AS trace_id FROM spans
  WHERE hash(trace_id) IN (SELECT trace FROM worst) GROUP BY 1) i USING (trace)
ORDER BY w.errors > 0 DESC, w.duration_ms DESC, i.trace_id`;
    return { ...cut(await capture.store.engine.query(sql, stop), most), sql };
  },
};

/** All spans of one trace, in the order they began; the window does not cut it. */
export const trace: Answerer<TraceQuery> = {
  tables: ["spans"],
  async answer(capture, query, _window, stop) {
    const table = await capture.store.table("spans", stop);
    if (table.state !== "ready") return nothing;
    const sql = `SELECT trace_id, span_id, parent_span_id, service, name, ms(start) AS start,
  duration_ms, CAST(is_error_status(status) AS INTEGER) AS is_error, kind AS span_kind, attributes
FROM spans\nWHERE trace_id = ${quoted(query.traceId)}\nORDER BY spans.start, span_id`;
    return limited(capture, sql, rowLimit(query.limit, limits.spansPerTraceMax), stop);
  },
};
