import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** How much of everything a made-up capture holds, and how wordy its logs are. */
export interface Sizes {
  readonly lines: number;
  /** Metric series, one sample a minute for 24 hours. */
  readonly series: number;
  readonly spans: number;
  /** `hard`: a quarter of the lines begin with a name, list words, or carry JSON or a stack. */
  readonly logs: "easy" | "hard";
  readonly logFormat: "jsonl" | "parquet";
}

const day = { from: "2026-03-01 00:00:00+00", minutes: 1440 };
/**
 * Logs and spans fill the last two hours of the day, and the last twenty minutes are the window.
 */
export const madeIncident = {
  id: "bench",
  title: "made-up load",
  trigger: {
    kind: "alarm",
    service: "service-7",
    summary: "errors",
    firedAt: "2026-03-01T23:50:00Z",
  },
  window: { from: "2026-03-01T23:40:00Z", to: "2026-03-02T00:00:00Z" },
  baseline: { from: "2026-03-01T22:00:00Z", to: "2026-03-01T23:40:00Z" },
};

const verbs = ["accepted", "rejected", "queued", "stored", "loaded", "resent", "expired"];
const nouns = ["order", "cart", "payment", "session", "invoice", "message", "shipment", "refund"];
const places = ["for customer", "from cache", "in partition", "with token"];

/**
 * 203 templates: each starts with words of its own. `{n}` a number, `{h}` hex, `{i}` an address.
 */
function easyTemplates(): string[] {
  const all = nouns.flatMap((noun) =>
    verbs.flatMap((verb) =>
      places.map((place) => `${noun} ${verb} ${place} {n} after {n}ms id={h}`),
    ),
  );
  const plain = all.slice(0, 199).map((text, i) => (i % 5 === 0 ? `${text} peer {i}` : text));
  const fresh = ["breaker opened toward", "pool exhausted while waiting", "retry budget spent on"];
  return [
    "deadline exceeded calling {i} in {n}ms",
    ...fresh.map((t) => `${t} {i} count {n}`),
    ...plain,
  ];
}

function hardTemplates(): string[] {
  return Array.from({ length: 60 }, (_, i) => {
    const noun = nouns[i % nouns.length] as string;
    const shape = i % 4;
    if (shape === 0)
      return `{w} asked for ${noun} page ${verbs[i % 7]} kind${"abcdefghijklmno"[i % 15]}`;
    if (shape === 1) return `tags of ${noun} ${"abcdefghijklmno"[i % 15]}: {w} {w} {w} {w}`;
    if (shape === 2)
      return `event ${noun} ${verbs[i % 7]} {"id":{n},"user":"{w}","items":[{n},{n}]}`;
    return `unhandled ${noun} fault ${"abcdefghijklmno"[i % 15]}: {w}\\n  at run (app.js:{n})\\n  at main`;
  });
}

/** Makes a capture under `root` unless it is there; the folder's name tells its sizes. */
export async function makeCapture(root: string, sizes: Sizes): Promise<string> {
  const name = [sizes.logs, sizes.logFormat, sizes.lines, sizes.series, sizes.spans].join("-");
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft`;
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, "incident.json"), JSON.stringify(madeIncident));
  const instance = await DuckDBInstance.create(":memory:", { memory_limit: "4GB" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run("SET preserve_insertion_order = false");
  const write = (file: string, sql: string, format: string) =>
    connection.run(`COPY (${sql}) TO '${join(draft, file)}' (FORMAT ${format})`);
  if (sizes.lines > 0) await write(`logs.${sizes.logFormat}`, logsSql(sizes), formatOf(sizes));
  if (sizes.series > 0) await write("metrics.parquet", metricsSql(sizes.series), "parquet");
  if (sizes.spans > 0) await write("spans.parquet", spansSql(sizes.spans), "parquet");
  connection.closeSync();
  instance.closeSync();
  renameSync(draft, folder);
  return folder;
}

function formatOf(sizes: Sizes): string {
  return sizes.logFormat === "jsonl" ? "json" : "parquet, COMPRESSION zstd";
}

/** A number below `n` that depends on the row and a salt only. */
const pick = (n: number | string, salt: number, row = "i") =>
  `(hash(${row} * 64 + ${salt}) % ${n})`;

function logsSql(sizes: Sizes): string {
  const easy = easyTemplates();
  const hard = sizes.logs === "hard" ? hardTemplates() : [];
  const list = [...easy, ...hard].map((text) => `'${text.replaceAll("\\n", "' || chr(10) || '")}'`);
  const isLate = "at_s >= 7200 - 1200";
  // Template 1 is ten times as frequent in the window; 2 to 4 exist there only.
  const template = `CASE WHEN ${isLate} AND ${pick(1000, 1)} < 12 THEN 2 + ${pick(3, 2)}
    WHEN ${pick(1000, 3)} < CASE WHEN ${isLate} THEN 50 ELSE 5 END THEN 1
    WHEN ${hard.length} > 0 AND ${pick(100, 4)} < 26 THEN ${easy.length} + 1 + ${pick(Math.max(1, hard.length), 5)}
    ELSE 5 + ${pick(easy.length - 4, 6)} END`;
  const word = (salt: number) =>
    `'name' || translate(CAST(${pick(500, salt)} AS VARCHAR), '0123456789', 'qwertyuiop')`;
  let body = "template";
  for (const salt of [20, 21, 22]) {
    body = `regexp_replace(${body}, '\\{n\\}', CAST(${pick(100_000, salt)} AS VARCHAR))`;
  }
  for (const salt of [30, 31, 32, 33]) body = `regexp_replace(${body}, '\\{w\\}', ${word(salt)})`;
  body = `replace(${body}, '{h}', left(md5(CAST(i AS VARCHAR)), 12))`;
  body = `replace(${body}, '{i}', '10.' || ${pick(250, 40)} || '.' || ${pick(250, 41)} || '.7:8080')`;
  return `SELECT strftime(TIMESTAMP '2026-03-01 22:00:00' + to_milliseconds(CAST(at_s * 1000 AS BIGINT)),
      '%Y-%m-%dT%H:%M:%S.%gZ') AS timestamp,
    'service-' || ${pick(20, 7)} AS service,
    CASE WHEN t <= 4 THEN 'ERROR' WHEN ${pick(20, 8)} = 0 THEN 'WARN' ELSE 'INFO' END AS severity,
    ${body} AS body, md5(CAST(i // 20 AS VARCHAR)) AS trace_id, left(md5(CAST(i AS VARCHAR)), 16) AS span_id
  FROM (SELECT i, at_s, t, [${list.join(", ")}][t] AS template FROM (
    SELECT i, at_s, CAST(${template} AS INTEGER) AS t FROM (
      SELECT i, i * 7200.0 / ${sizes.lines} AS at_s FROM range(${sizes.lines}) r(i))))`;
}

function metricsSql(series: number): string {
  // Two in a hundred series shift up by half in the last hour.
  return `SELECT TIMESTAMPTZ '${day.from}' + to_minutes(CAST(m AS BIGINT)) AS timestamp,
    'service-' || (s % 20) AS service, 'metric_' || ((s // 20) % 50) AS metric,
    'node-' || (s // 1000) AS resource,
    100 + 10 * sin(2 * pi() * m / 1440) + ${pick(1000, 9, `(s * 1440 + m)`)} / 250.0
      + CASE WHEN s % 50 = 7 AND m >= 1380 THEN 50 ELSE 0 END AS value
  FROM range(${day.minutes}) a(m), range(${series}) b(s)`;
}

function spansSql(spans: number): string {
  // Traces of 92 spans: a root, nine children, nine more below each of them and one below the last.
  const trace = "i // 92";
  const place = "i % 92";
  const start = `(${trace}) * 7200000.0 / ${Math.max(1, Math.ceil(spans / 92))}`;
  return `SELECT md5(CAST(${trace} AS VARCHAR)) AS trace_id, printf('%016x', i) AS span_id,
    CASE WHEN ${place} = 0 THEN NULL WHEN ${place} <= 9 THEN printf('%016x', i - ${place})
      ELSE printf('%016x', i - ${place} + 1 + (${place} - 10) // 10) END AS parent_span_id,
    'service-' || CASE WHEN ${place} = 0 THEN 0 WHEN ${place} <= 9 THEN 1 + ${place} % 5
      ELSE 6 + ${place} % 14 END AS service,
    'op-' || ${place} % 12 AS name,
    TIMESTAMPTZ '2026-03-01 22:00:00+00' + to_microseconds(CAST(1000 * (${start}
      + CASE WHEN ${place} = 0 THEN 0 WHEN ${place} <= 9 THEN 5 * (${place} % 4)
        ELSE 5 * (((${place} - 10) // 10 + 1) % 4) + (${place} % 3) * 4 END) AS BIGINT)) AS start,
    CASE WHEN ${place} = 0 THEN 120.0 WHEN ${place} <= 9 THEN 40.0 ELSE 8.0 END
      + ${pick(100, 10)} / 25.0 AS duration_ms,
    CASE WHEN ${pick(500, 11)} = 0 THEN 'ERROR' ELSE 'OK' END AS status,
    CASE WHEN ${place} % 2 = 0 THEN 'server' ELSE 'client' END AS kind
  FROM range(${spans}) r(i)`;
}
