import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** Everything of one recording together stays below this. */
const captureBytesMax = 1_500_000;

// Spans kept per minute of each kind of trace, tried in this order until the recording is small.
const spanBudgets = [700, 550, 420, 320, 240, 180, 120];

export interface Span {
  fromMs: number;
  toMs: number;
}

/** The received capture, open for questions. */
export async function openRaw(rawDir: string): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  for (const table of ["metrics", "logs", "spans"]) {
    const files = join(rawDir, `${table}-*.parquet`);
    await connection.run(`CREATE VIEW ${table} AS SELECT * FROM read_parquet(${text(files)})`);
  }
  return connection;
}

/**
 * Writes the tables of a recording: the given time only, sorted, traces sampled from the tail.
 * Throws if they cannot be made small enough.
 */
export async function writeTables(
  raw: DuckDBConnection,
  dir: string,
  { fromMs, toMs, denied }: Span & { denied: readonly string[] },
): Promise<void> {
  const within = (column: string) =>
    `${column} >= epoch_ms(${fromMs}) AND ${column} < epoch_ms(${toMs})`;
  await copy(
    raw,
    join(dir, "metrics.parquet"),
    `SELECT * FROM metrics WHERE ${within("timestamp")}
      ORDER BY service, metric, attributes, timestamp`,
  );
  if (!denied.includes("logs")) {
    await copy(
      raw,
      join(dir, "logs.parquet"),
      `SELECT * FROM logs WHERE ${within("timestamp")} ORDER BY timestamp`,
    );
  }
  const spansFile = join(dir, "spans.parquet");
  for (const spansPerMinute of spanBudgets) {
    await copy(raw, spansFile, sampledSpans(within("start"), spansPerMinute));
    if ((await sizeOf(dir)) < captureBytesMax - 60_000) return;
    await rm(spansFile);
  }
  throw new Error(`the recording is larger than ${captureBytesMax} bytes even with few traces`);
}

/**
 * Tail sampling as a collector does it: per minute a budget of spans for traces with an error, for
 * slow ones (over a second), for background work and for the rest. Each kept span says how many it
 * stands for (`sampling.adjusted_count`), so that shares can still be computed.
 */
function sampledSpans(within: string, spansPerMinute: number): string {
  return `
    WITH traces AS (
      SELECT trace_id, date_trunc('minute', min(start)) AS minute, count(*) AS n,
             CASE WHEN bool_or(status = 'error') THEN 'error'
                  WHEN bool_or(service = 'worker') THEN 'background'
                  WHEN max(duration_ms) > 1000 THEN 'slow' ELSE 'normal' END AS stratum
        FROM spans WHERE ${within} GROUP BY trace_id
    ), ranked AS (
      SELECT *, sum(n) OVER (PARTITION BY minute, stratum ORDER BY hash(trace_id)) AS so_far,
             count(*) OVER (PARTITION BY minute, stratum) AS alike
        FROM traces
    ), kept AS (
      SELECT *, alike / count(*) OVER (PARTITION BY minute, stratum) AS weight
        FROM ranked
       WHERE so_far - n < CASE stratum WHEN 'background' THEN ${spansPerMinute} / 10
                               ELSE ${spansPerMinute} END
    )
    SELECT s.trace_id, s.span_id, s.parent_span_id, s.service, s.name, s.start, s.duration_ms,
           s.status, s.kind,
           json_merge_patch(s.attributes, '${droppedAttributes}',
             json_object('sampling.adjusted_count', round(weight, 2)))::VARCHAR AS attributes
      FROM spans s JOIN kept USING (trace_id)
     WHERE ${within} ORDER BY s.start`;
}

// Addresses and ports of a system on one machine say nothing; a collector would drop them.
const droppedAttributes = JSON.stringify(
  Object.fromEntries(
    [
      "client.address",
      "http.request.method_original",
      "network.peer.address",
      "network.peer.port",
      "network.protocol.version",
      "network.transport",
      "server.address",
      "server.port",
      "url.full",
      "url.scheme",
      "user_agent.original",
      "exception.type",
    ].map((name) => [name, null]),
  ),
);

async function copy(raw: DuckDBConnection, file: string, select: string): Promise<void> {
  await raw.run(`COPY (${select}) TO ${text(file)}
    (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 122880)`);
}

async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dir)) bytes += (await stat(join(dir, name))).size;
  return bytes;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
