import type { TableName } from "./files.ts";

/**
 * OTLP/JSON as the OpenTelemetry Collector's file exporter writes it: one Export…Request per line
 * (opentelemetry-proto, collector/*\/v1 and their JSON mapping). Ids are hex, 64-bit numbers text.
 */

/** The top-level field of a request that fills a table. */
export const otlpField: Partial<Record<TableName, string>> = {
  logs: "resourceLogs",
  spans: "resourceSpans",
  metrics: "resourceMetrics",
};

const pairs = "STRUCT(key VARCHAR, value JSON)[]";
const resource = `resource STRUCT(attributes ${pairs})`;
const numberPoint = `attributes ${pairs}, startTimeUnixNano VARCHAR, timeUnixNano VARCHAR,
  asDouble DOUBLE, asInt VARCHAR, count VARCHAR, sum DOUBLE, bucketCounts VARCHAR[],
  explicitBounds DOUBLE[], quantileValues STRUCT(quantile DOUBLE, value DOUBLE)[]`;
const metricShape = `STRUCT(dataPoints STRUCT(${numberPoint})[], aggregationTemporality VARCHAR,
  isMonotonic BOOLEAN)`;

/** DuckDB type of the field that holds a table. */
const fieldTypes: Partial<Record<TableName, string>> = {
  logs: `STRUCT(${resource}, scopeLogs STRUCT(logRecords STRUCT(timeUnixNano VARCHAR,
    observedTimeUnixNano VARCHAR, severityNumber VARCHAR, severityText VARCHAR, body JSON,
    attributes ${pairs}, traceId VARCHAR, spanId VARCHAR)[])[])[]`,
  spans: `STRUCT(${resource}, scopeSpans STRUCT(spans STRUCT(traceId VARCHAR, spanId VARCHAR,
    parentSpanId VARCHAR, name VARCHAR, kind VARCHAR, startTimeUnixNano VARCHAR,
    endTimeUnixNano VARCHAR, attributes ${pairs}, status STRUCT(code VARCHAR))[])[])[]`,
  metrics: `STRUCT(${resource}, scopeMetrics STRUCT(metrics STRUCT(name VARCHAR, unit VARCHAR,
    gauge ${metricShape}, "sum" ${metricShape}, histogram ${metricShape},
    exponentialHistogram ${metricShape}, summary ${metricShape})[])[])[]`,
};

/** Macros that the statements below use. */
export const otlpMacros: readonly string[] = [
  `CREATE MACRO otlp_value(v) AS CAST(coalesce(v -> '$.stringValue', v ->> '$.intValue',
     v -> '$.doubleValue', v -> '$.boolValue', v -> '$.arrayValue.values', v, 'null') AS VARCHAR)`,
  `CREATE MACRO otlp_text(v) AS coalesce(v ->> '$.stringValue', otlp_value(v))`,
  `CREATE MACRO otlp_object(list) AS CAST('{' || coalesce(array_to_string(list_transform(list,
     lambda kv: CAST(to_json(kv.key) AS VARCHAR) || ':' || otlp_value(kv.value)), ','), '') || '}'
     AS JSON)`,
  `CREATE MACRO otlp_service(list) AS coalesce(otlp_text(
     list_filter(list, lambda kv: kv.key = 'service.name')[1].value), '')`,
  `CREATE MACRO otlp_rest(list) AS list_filter(list, lambda kv: kv.key <> 'service.name'
     AND NOT starts_with(kv.key, 'telemetry.') AND NOT starts_with(kv.key, 'process.'))`,
  `CREATE MACRO otlp_time(t) AS time_of_text(nullif(nullif(t, ''), '0'))`,
  `CREATE MACRO otlp_counts(list) AS list_transform(list, lambda c: CAST(c AS DOUBLE))`,
  `CREATE MACRO otlp_minus(a, b) AS
     list_transform(list_zip(a, b), lambda z: z[1] - coalesce(z[2], 0))`,
  // Linear inside the bucket that holds the rank; the last bound where the bucket is open above.
  `CREATE MACRO bucket_at(counts, rank) AS list_position(list_transform(range(1, len(counts) + 1),
     lambda i: list_sum(counts[1:i]) >= rank), true)`,
  `CREATE MACRO bucket_value(counts, bounds, rank, i) AS CASE
     WHEN i > len(bounds) THEN bounds[len(bounds)]
     ELSE coalesce(bounds[i - 1], least(0, bounds[1])) + (bounds[i] - coalesce(bounds[i - 1],
       least(0, bounds[1]))) * (rank - coalesce(list_sum(counts[1:i - 1]), 0)) / counts[i] END`,
  `CREATE MACRO bucket_quantile(counts, bounds, q) AS bucket_value(counts, bounds,
     q * list_sum(counts), bucket_at(counts, q * list_sum(counts)))`,
];

/** Reads files; `paths` is an SQL list, `reading` the options that all text readers share. */
function linesSql(table: TableName, reader: (columns: string) => string): string {
  const own = otlpField[table] as string;
  const others = Object.values(otlpField).filter((field) => field !== own);
  const types = [
    `'${own}': '${fieldTypes[table]}'`,
    ...others.map((field) => `'${field}': 'JSON'`),
  ];
  const isOther = others.map((field) => `${field} IS NOT NULL`).join(" OR ");
  return `SELECT ${own} IS NULL AS unreadable, filename AS file,
    unnest(coalesce(${own}, [NULL])) AS r FROM ${reader(types.join(", "))}
    WHERE ${own} IS NOT NULL OR NOT (${isOther})`;
}

/** SQL of a table's rows in OTLP files, with the columns of `selectList` plus file, unreadable. */
export function otlpSql(table: TableName, reader: (columns: string) => string): string {
  const lines = linesSql(table, reader);
  if (table === "logs") {
    return `SELECT coalesce(otlp_time(l.timeUnixNano), otlp_time(l.observedTimeUnixNano))
      AS timestamp, otlp_service(ra) AS service,
    severity_of(coalesce(nullif(l.severityText, ''), l.severityNumber), otlp_text(l.body))
      AS severity,
    coalesce(otlp_text(l.body), '') AS body, nullif(l.traceId, '') AS trace_id,
    nullif(l.spanId, '') AS span_id, otlp_object(list_concat(l.attributes, otlp_rest(ra)))
      AS attributes, file, unreadable
  FROM (SELECT unreadable, file, r.resource.attributes AS ra, unnest(coalesce(flatten(
    list_transform(r.scopeLogs, lambda s: s.logRecords)), [NULL])) AS l FROM (${lines}))
  WHERE unreadable OR l IS NOT NULL`;
  }
  if (table === "spans") {
    return `SELECT coalesce(s.traceId, '') AS trace_id, s.spanId AS span_id,
    nullif(nullif(s.parentSpanId, ''), '0000000000000000') AS parent_span_id,
    otlp_service(ra) AS service, coalesce(s.name, '') AS name,
    otlp_time(s.startTimeUnixNano) AS start, (try_cast(s.endTimeUnixNano AS BIGINT)
      - try_cast(s.startTimeUnixNano AS BIGINT)) / 1e6 AS duration_ms,
    status_or_attributes(coalesce(s.status.code, 'unset'), otlp_object(s.attributes)) AS status, span_kind(s.kind) AS kind,
    otlp_object(list_concat(s.attributes, otlp_rest(ra))) AS attributes, file, unreadable
  FROM (SELECT unreadable, file, r.resource.attributes AS ra, unnest(coalesce(flatten(
    list_transform(r.scopeSpans, lambda s: s.spans)), [NULL])) AS s FROM (${lines}))
  WHERE unreadable OR s IS NOT NULL`;
  }
  return "SELECT * FROM otlp_metrics";
}

/**
 * Tables that the metrics of OTLP files need. Cumulative sums and histograms become what was added
 * since the point before (a fall is a restart, and counts from zero); histograms become a count, a
 * mean and a p95; the first point of a cumulative series says nothing yet and is left out.
 */
export function otlpMetricStatements(reader: (columns: string) => string): readonly string[] {
  const shape = (name: string) => `SELECT unreadable, file, ra, m.name AS name, m.unit AS unit,
    '${name}' AS shape, m."${name}".aggregationTemporality AS temporality,
    coalesce(m."${name}".isMonotonic, false) AS is_monotonic,
    unnest(m."${name}".dataPoints) AS p FROM metrics`;
  const shapes = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
  const points = `CREATE OR REPLACE TABLE otlp_points AS
  WITH metrics AS (SELECT unreadable, file, r.resource.attributes AS ra, unnest(coalesce(flatten(
    list_transform(r.scopeMetrics, lambda s: s.metrics)), [NULL])) AS m
    FROM (${linesSql("metrics", reader)})),
  points AS (${shapes.map(shape).join("\n  UNION ALL ")}
  UNION ALL SELECT unreadable, file, NULL, NULL, NULL, 'gauge', NULL, false, NULL
    FROM metrics WHERE unreadable),
  flat AS (SELECT unreadable, file, otlp_service(ra) AS service, name, nullif(unit, '') AS unit,
    shape, (shape = 'summary' OR temporality IN ('2', 'AGGREGATION_TEMPORALITY_CUMULATIVE'))
      AND (shape <> 'sum' OR is_monotonic) AND shape <> 'gauge' AS is_cumulative, is_monotonic,
    otlp_time(p.timeUnixNano) AS timestamp, otlp_object(list_concat(p.attributes, otlp_rest(ra)))
      AS attributes, coalesce(p.asDouble, try_cast(p.asInt AS DOUBLE)) AS value,
    try_cast(p.count AS DOUBLE) AS count, p.sum AS total, otlp_counts(p.bucketCounts) AS buckets,
    p.explicitBounds AS bounds, p.quantileValues AS quantiles
  FROM points)
  SELECT *, lag(value) OVER w AS value_before, lag(count) OVER w AS count_before,
    lag(total) OVER w AS total_before, lag(buckets) OVER w AS buckets_before
  FROM flat WINDOW w AS (PARTITION BY service, name, shape, CAST(attributes AS VARCHAR)
    ORDER BY timestamp)`;
  return [points, metricsTable];
}

const common = "timestamp, service";
const tail = "NULL::VARCHAR AS layer, attributes, file, unreadable";

/** One row per sample, as the metrics table has them. */
const metricsTable = `CREATE OR REPLACE TABLE otlp_metrics AS
WITH added AS (SELECT *,
  CASE WHEN NOT is_cumulative THEN count WHEN count >= count_before THEN count - count_before
    WHEN count_before IS NOT NULL THEN count END AS count_added,
  CASE WHEN NOT is_cumulative THEN total WHEN count >= count_before THEN total - total_before
    WHEN count_before IS NOT NULL THEN total END AS total_added,
  CASE WHEN NOT is_cumulative THEN buckets WHEN count >= count_before
    THEN otlp_minus(buckets, buckets_before) WHEN count_before IS NOT NULL THEN buckets END
    AS buckets_added
  FROM otlp_points)
SELECT ${common}, name AS metric, CASE WHEN NOT is_cumulative THEN value
    WHEN value >= value_before THEN value - value_before ELSE value END AS value,
  NULL::VARCHAR AS resource, unit, CASE WHEN shape = 'gauge' THEN 'gauge'
    WHEN is_monotonic THEN 'delta' ELSE 'gauge' END AS kind, ${tail}
FROM otlp_points WHERE shape IN ('gauge', 'sum')
  AND (NOT is_cumulative OR value_before IS NOT NULL)
UNION ALL SELECT ${common}, name || '_count', count_added, NULL, '1', 'delta', ${tail}
FROM added WHERE count_added IS NOT NULL
UNION ALL SELECT ${common}, name || '_mean', total_added / count_added, NULL, unit, 'gauge', ${tail}
FROM added WHERE count_added > 0 AND total_added IS NOT NULL
UNION ALL SELECT ${common}, name || '_p95', bucket_quantile(buckets_added, bounds, 0.95), NULL, unit,
  'gauge', ${tail}
FROM added WHERE count_added > 0 AND len(bounds) > 0 AND len(buckets_added) = len(bounds) + 1
UNION ALL SELECT ${common}, name || '_p' || CAST(CAST(round(q.quantile * 100) AS INTEGER) AS VARCHAR),
  q.value, NULL, unit, 'gauge', ${tail}
FROM (SELECT *, unnest(quantiles) AS q FROM otlp_points WHERE shape = 'summary')`;
