import { limits } from "../../core/limits.ts";
import type { TraceSampleQuery } from "../../core/query.ts";
import { type Answerer, cut, nothing, rowLimit } from "./answer.ts";
import { prepareSpans } from "./span-facts.ts";
import { inPeriodsMs, periodMs } from "./traces-sql.ts";

/**
 * Whole traces of both periods, picked by the hash of their id: the same at every run, and not the
 * slow or the failing ones, so that shares of them are shares of all. Ordered by that hash too, so
 * that a cut takes from both periods alike.
 */
export const traceSample: Answerer<TraceSampleQuery> = {
  tables: ["spans"],
  derived: "span_facts",
  async answer(capture, query, window, stop) {
    if (!(await prepareSpans(capture.store, stop))) return nothing;
    const most = Math.min(query.traces ?? limits.sampledTracesMax, limits.sampledTracesMax);
    const rows = Math.min(rowLimit(query.limit, limits.sampledSpansMax), limits.sampledSpansMax);
    const sql = `WITH roots AS (
  SELECT trace, min(${periodMs(window)}) AS period FROM span_facts
  WHERE is_root AND ${inPeriodsMs(window, query.baseline)} GROUP BY trace
), ranked AS (
  SELECT trace, period, row_number() OVER (PARTITION BY period ORDER BY hash(trace)) AS place
  FROM roots
)
SELECT CAST(trace AS VARCHAR) AS trace, CAST(key AS VARCHAR) AS span,
  CAST(parent AS VARCHAR) AS parent, service, name AS operation, start_ms AS start, duration_ms,
  period, (SELECT count(*) FROM ranked WHERE place > ${most}) AS left_out
FROM span_facts JOIN ranked USING (trace) WHERE place <= ${most}
ORDER BY hash(span_facts.trace), start, key LIMIT ${rows + 1}`;
    const frame = await capture.store.engine.query(sql, stop);
    const left = frame.columns.find((column) => column.name === "left_out")?.values[0];
    const { frame: kept, truncated } = cut(frame, rows);
    const columns = kept.columns.filter((column) => column.name !== "left_out");
    return { frame: { ...kept, columns }, sql, truncated: truncated || Number(left ?? 0) > 0 };
  },
};
