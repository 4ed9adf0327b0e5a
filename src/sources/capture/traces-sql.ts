import { limits } from "../../core/limits.ts";
import type { EdgeStatsQuery, OperationStatsQuery, SpanAttributesQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import {
  type Answerer,
  cut,
  forServices,
  inPeriods,
  inWindow,
  limited,
  nothing,
  rowLimit,
} from "./answer.ts";
import { byPeriod, type PeriodStat } from "./period-columns.ts";
import { prepareSpans } from "./span-facts.ts";

const operationStatNames: readonly PeriodStat[] = [
  ["count", 0],
  ["errors", 0],
  ["error_origins", 0],
  ["mean_ms", Number.NaN],
  ["p50_ms", Number.NaN],
  ["p95_ms", Number.NaN],
  ["self_mean_ms", Number.NaN],
  ["self_p50_ms", Number.NaN],
  ["self_p95_ms", Number.NaN],
];

/** Per service and operation, window against baseline. */
export const operationStats: Answerer<OperationStatsQuery> = {
  tables: ["spans"],
  derived: "span_facts",
  async answer(capture, query, window, stop) {
    if (!(await prepareSpans(capture.store, stop))) return nothing;
    const sql = `SELECT service, name AS operation, kind AS span_kind,
  stats.* EXCLUDE (operation, d, s), d[1] AS p50_ms, d[2] AS p95_ms,
  s[1] AS self_p50_ms, s[2] AS self_p95_ms FROM (
  SELECT operation, ${periodMs(window)} AS period,
    count(*) AS count, count_if(is_error) AS errors, count_if(is_origin) AS error_origins,
    avg(duration_ms) AS mean_ms, quantile_cont(duration_ms, [0.5, 0.95]) AS d,
    avg(self_ms) AS self_mean_ms, quantile_cont(self_ms, [0.5, 0.95]) AS s
  FROM span_tree WHERE ${inPeriodsMs(window, query.baseline)}
  GROUP BY ALL) AS stats JOIN span_operations USING (operation)
WHERE ${forServices("service", query.services)} ORDER BY count DESC, service, operation`;
    const frame = await capture.store.engine.query(sql, stop);
    const wide = byPeriod(frame, ["service", "operation", "span_kind"], operationStatNames);
    return { ...cut(wide, rowLimit(query.limit, limits.rowsMax)), sql };
  },
};

const edgeStatNames: readonly PeriodStat[] = [
  ["calls", 0],
  ["errors", 0],
  ["mean_ms", Number.NaN],
  ["p50_ms", Number.NaN],
  ["p95_ms", Number.NaN],
  ["gap_mean_ms", Number.NaN],
  ["gap_p50_ms", Number.NaN],
  ["gap_p95_ms", Number.NaN],
];

/** Caller to callee across services, from parent and child spans and from calls to unseen peers. */
export const callEdges = `SELECT caller, service AS callee, start_ms, duration_ms, is_error, gap_ms
    FROM span_facts WHERE caller IS NOT NULL AND caller <> service
    UNION ALL SELECT service, peer, start_ms, duration_ms, is_error, NULL
    FROM span_facts WHERE peer IS NOT NULL AND peer <> service`;

/** Per caller and callee, window against baseline. */
export const edgeStats: Answerer<EdgeStatsQuery> = {
  tables: ["spans"],
  derived: "span_facts",
  async answer(capture, query, window, stop) {
    if (!(await prepareSpans(capture.store, stop))) return nothing;
    const sql = `SELECT * EXCLUDE (d, g), d[1] AS p50_ms, d[2] AS p95_ms,
  g[1] AS gap_p50_ms, g[2] AS gap_p95_ms FROM (
  SELECT caller, callee, ${periodMs(window)} AS period,
    count(*) AS calls, count_if(is_error) AS errors,
    avg(duration_ms) AS mean_ms, quantile_cont(duration_ms, [0.5, 0.95]) AS d,
    avg(gap_ms) AS gap_mean_ms, quantile_cont(gap_ms, [0.5, 0.95]) AS g
  FROM (${callEdges})\n  WHERE ${inPeriodsMs(window, query.baseline)}
  GROUP BY ALL) ORDER BY calls DESC, caller, callee`;
    const frame = await capture.store.engine.query(sql, stop);
    const wide = byPeriod(frame, ["caller", "callee"], edgeStatNames);
    return { ...cut(wide, rowLimit(query.limit, limits.rowsMax)), sql };
  },
};

/** Values that failing spans carry, with how often passing ones do. */
export const spanAttributes: Answerer<SpanAttributesQuery> = {
  tables: ["spans"],
  async answer(capture, query, window, stop) {
    const table = await capture.store.table("spans", stop);
    if (table.state !== "ready" || !table.hasAttributes) return nothing;
    const within = inWindow("start", window);
    const before = query.baseline ? inWindow("start", query.baseline) : "false";
    const sql = `WITH failing AS (
  SELECT DISTINCT service FROM spans WHERE is_error_status(status) AND ${within}
), pairs AS (
  SELECT service, start, is_error_status(status) AS is_error, attributes,
    unnest(json_keys(attributes)) AS key
  FROM spans WHERE service IN (SELECT service FROM failing)
    AND ${forServices("service", query.services)}
    AND ${inPeriods("start", window, query.baseline)}
), counted AS (
  SELECT service, key, left(attributes ->> key, 200) AS value,
    count(*) FILTER (is_error AND ${within}) AS window_errors,
    count(*) FILTER (${within}) AS window_count,
    count(*) FILTER (is_error AND ${before}) AS baseline_errors,
    count(*) FILTER (${before}) AS baseline_count
  FROM pairs GROUP BY ALL
), with_keys AS (
  SELECT *, sum(window_errors) OVER k AS key_errors, sum(window_count) OVER k AS key_count
  FROM counted WINDOW k AS (PARTITION BY service, key)
)
SELECT service, key, value, window_errors, window_count, baseline_errors, baseline_count,
  key_errors, key_count FROM with_keys
WHERE window_errors > 0 AND value IS NOT NULL
ORDER BY window_errors / key_errors - (window_count - window_errors)
  / greatest(1, key_count - key_errors) DESC, window_errors DESC, service, key, value`;
    return limited(capture, sql, rowLimit(query.limit), stop);
  },
};

/** The same conditions on epoch milliseconds. */
export function inPeriodsMs(window: Window, baseline: Window | undefined): string {
  const within = `(start_ms >= ${window.from} AND start_ms < ${window.to})`;
  if (!baseline) return within;
  return `(${within} OR (start_ms >= ${baseline.from} AND start_ms < ${baseline.to}))`;
}

/** `'window'` or `'baseline'` from epoch milliseconds. */
export function periodMs(window: Window): string {
  return `CASE WHEN start_ms >= ${window.from} AND start_ms < ${window.to}
    THEN 'window' ELSE 'baseline' END`;
}
