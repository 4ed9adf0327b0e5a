CREATE EXTERNAL TABLE IF NOT EXISTS lake.metrics (
  `timestamp` timestamp, service string, metric string, value double,
  resource string, unit string, kind string, layer string, attributes string
)
PARTITIONED BY (day string)
STORED AS PARQUET
LOCATION 's3://YOUR-BUCKET/lake/metrics/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://YOUR-BUCKET/lake/metrics/day=${day}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS lake.logs (
  `timestamp` timestamp, service string, severity string, body string,
  trace_id string, span_id string, attributes string
)
PARTITIONED BY (day string)
STORED AS PARQUET
LOCATION 's3://YOUR-BUCKET/lake/logs/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://YOUR-BUCKET/lake/logs/day=${day}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS lake.spans (
  trace_id string, span_id string, parent_span_id string, service string, name string,
  start timestamp, duration_ms double, status string, kind string, attributes string
)
PARTITIONED BY (day string)
STORED AS PARQUET
LOCATION 's3://YOUR-BUCKET/lake/spans/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://YOUR-BUCKET/lake/spans/day=${day}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS lake.changes (
  `timestamp` timestamp, kind string, service string, ref string, title string,
  author string, files array<string>, diff string
)
PARTITIONED BY (day string)
STORED AS PARQUET
LOCATION 's3://YOUR-BUCKET/lake/changes/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2026-01-01,NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://YOUR-BUCKET/lake/changes/day=${day}/'
);
