import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Frame } from "../core/frame.ts";
import type { SignalQuery } from "../core/query.ts";
import { readChanges, readSeries } from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { athena } from "./athena.ts";
import { askCapture, freeContext } from "./testing/ask.ts";
import { type AthenaBearing, athenaDouble } from "./testing/athena-double.ts";
import { answer, awsDouble } from "./testing/aws-double.ts";
import { captureFolder, madeBaseline, madeWindow, shopFiles } from "./testing/capture-folder.ts";
import { fakeAwsCredentials } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const made = captureFolder(shopFiles());
const file = (name: string) => join(made.folder, name);
const day = "strftime(timestamp, '%Y-%m-%d') AS day";
/** The files of the capture as the lake would hold them, and two other tables. */
const setup = [
  "CREATE SCHEMA lake",
  `CREATE VIEW lake.metrics AS SELECT *, ${day} FROM read_csv('${file("metrics.csv")}',
     types={'timestamp': 'TIMESTAMP'})`,
  `CREATE VIEW lake.logs AS SELECT *, NULL AS attributes, ${day} FROM (SELECT * REPLACE
     (CAST(timestamp AS TIMESTAMP) AS timestamp) FROM read_json('${file("logs.jsonl")}'))`,
  `CREATE VIEW lake.spans AS SELECT * REPLACE (CAST(start AS TIMESTAMP) AS start,
     CAST(to_json(attributes) AS VARCHAR) AS attributes), strftime(start, '%Y-%m-%d') AS day
     FROM read_json('${file("spans.jsonl")}')`,
  `CREATE VIEW lake.changes AS SELECT *, NULL AS author, NULL AS diff, ${day} FROM (SELECT * REPLACE
     (CAST(timestamp AS TIMESTAMP) AS timestamp) FROM read_json('${file("changes.jsonl")}'))`,
  // Athena's own, which writes a key with a dot in brackets.
  `CREATE MACRO json_extract_scalar(value, path) AS json_extract_string(value,
     '$."' || regexp_extract(path, '"(.*)"', 1) || '"')`,
  "CREATE MACRO from_iso8601_timestamp(x) AS CAST(x AS TIMESTAMP)",
  `CREATE TABLE trail AS SELECT '2026-03-01T10:08:00Z' AS eventtime, 'UpdateService' AS eventname,
     'ecs.amazonaws.com' AS eventsource, 'e-1' AS eventid, {'arn': 'arn:aws:iam::1:user/ana'}
     AS useridentity, '{"service":"payment"}' AS requestparameters, NULL AS errorcode,
     'false' AS readonly, '2026/03/01' AS day`,
  `CREATE TABLE orders AS SELECT unnest(generate_series(TIMESTAMP '2026-03-01 09:00:00',
     TIMESTAMP '2026-03-01 10:29:00', INTERVAL 1 MINUTE)) AS placed, 12.5 AS total, [1, 2] AS parts`,
];
const metrics = {
  revenue: {
    sql: `SELECT placed AS "timestamp", total AS value FROM orders WHERE placed >= {from}`,
    unit: "EUR",
    service: "checkout",
  },
};

function frameRows(frame: Frame): Record<string, unknown>[] {
  return Array.from({ length: frame.length }, (_, row) =>
    Object.fromEntries(frame.columns.map(({ name, values }) => [name, values[row]])),
  );
}

async function account(more: Partial<AthenaBearing> = {}) {
  const double = await athenaDouble({ setup, ...more });
  const aws = await awsDouble(double.reply);
  return Object.assign(aws, { close: double.close });
}

function open(endpoint: string, more: object = {}) {
  const own = { region, endpoint, lakeDatabase: "lake", cloudtrailTable: "main.trail", metrics };
  return athena.open("athena", athena.settings.parse({ ...own, ...more }));
}

async function ask(endpoint: string, query: SignalQuery, more: object = {}, context: object = {}) {
  const source = await open(endpoint, more);
  try {
    return await source.run(query, madeWindow, { ...freeContext(), ...context });
  } finally {
    await source.close();
  }
}

const served = await account();
afterAll(() => {
  served.close();
  made[Symbol.dispose]();
});

const perService = `SELECT service, count(*) AS lines, min(timestamp) AS first
FROM logs WHERE severity = 'error' GROUP BY service ORDER BY service`;

sourceConformance("Athena", {
  open: () => open(served.endpoint),
  window: madeWindow,
  baseline: madeBaseline,
  emptyWindow: { from: 0, to: 60_000 },
  isAws: true,
  expected: ["native", "metric-list", "metric-series", "changes"],
  nativeText: "SELECT service, timestamp FROM logs",
  now: systemClock.now,
});

describe("the lake", () => {
  const inside = "timestamp >= TIMESTAMP '2026-03-01 10:00:00'";
  it.each([
    `SELECT service, count(*) AS lines, min(timestamp) AS first FROM logs
     WHERE severity = 'error' AND ${inside} GROUP BY service ORDER BY service`,
    `SELECT metric, avg(value) AS mean FROM metrics WHERE ${inside} GROUP BY 1 ORDER BY 1`,
    `WITH bad AS (SELECT * FROM logs WHERE severity = 'error' AND ${inside})
     SELECT count(*) AS n FROM bad`,
    `SELECT json_extract_scalar(attributes, '$["http.route"]') AS route,
       json_extract_scalar(attributes, '$["app.version"]') AS version, count(*) AS n,
       avg(duration_ms) AS mean
     FROM spans WHERE start >= TIMESTAMP '2026-03-01 10:00:00' GROUP BY 1, 2 ORDER BY 2`,
    `SELECT kind, service, ref, title FROM changes WHERE ${inside} ORDER BY timestamp DESC`,
    `SELECT logs.service, count(*) AS n FROM logs JOIN spans USING (trace_id)
     WHERE logs.${inside} GROUP BY 1`,
    `SELECT date_trunc('minute', timestamp) AS at, sum(value) AS n FROM metrics
     WHERE ${inside} AND metric = 'request_rate' GROUP BY 1 ORDER BY 1 LIMIT 5`,
  ])("runs the same text as a capture, with the same rows: %s", async (text) => {
    const query = (source: string) => ({ kind: "native", source, text }) as const;
    const ofCapture = await askCapture(made.folder, query("capture"));
    const ofLake = await ask(served.endpoint, query("athena"));
    expect([ofLake.kind, "upstream" in ofLake && ofLake.upstream]).toEqual(["data", false]);
    expect(ofLake.kind === "data" && frameRows(ofLake.frame)).toEqual(
      ofCapture.kind === "data" && frameRows(ofCapture.frame),
    );
  });

  it("scans the days and the window asked for, and no more rows than wanted", async () => {
    const outcome = await ask(served.endpoint, {
      kind: "native",
      source: "athena",
      text: perService,
      limit: 10,
    });
    // Trino forgets the order of a query in brackets unless it has a limit of its own.
    expect(outcome.provenance.query).toMatchInlineSnapshot(`
      "WITH "logs" AS (
        SELECT "timestamp", service, CASE
          WHEN lower(severity) IN ('trace', 'verbose', 'finest', 'finer') THEN 'trace'
          WHEN lower(severity) IN ('debug', 'fine', 'config') THEN 'debug'
          WHEN lower(severity) IN ('warn', 'warning') THEN 'warn'
          WHEN lower(severity) IN ('error', 'err', 'severe') THEN 'error'
          WHEN lower(severity) IN ('fatal', 'alert', 'critical', 'crit', 'emergency', 'emerg', 'panic') THEN 'fatal'
          ELSE 'info' END AS severity, body, trace_id, span_id, attributes, "day" FROM "lake"."logs"
        WHERE "day" BETWEEN '2026-03-01' AND '2026-03-01' AND "timestamp" >= TIMESTAMP '2026-03-01 10:00:00.000' AND "timestamp" < TIMESTAMP '2026-03-01 10:30:00.000')
      SELECT * FROM (
      SELECT service, count(*) AS lines, min(timestamp) AS first
      FROM logs WHERE severity = 'error' GROUP BY service ORDER BY service
      LIMIT 11
      ) LIMIT 11"
    `);
    expect(outcome.provenance).toMatchObject({ bytesScanned: 1_000, region, truncated: false });
    expect(outcome.provenance.link).toContain(
      "athena/home?region=eu-west-1#/query-editor/history/",
    );
  });
});

describe("what may be run", () => {
  it("refuses what is not one SELECT before anything is asked of AWS", async () => {
    await using aws = await account();
    const text = "DELETE FROM logs";
    const outcome = await ask(aws.endpoint, { kind: "native", source: "athena", text });
    expect(outcome).toMatchObject({ kind: "failed", reason: "unsupported", retryable: false });
    expect(aws.requests).toEqual([]);
    aws.close();
  });

  it.each([[null], [1e15]])("runs nothing in a workgroup with limit %s", async (cutoff) => {
    await using aws = await account({ cutoff });
    const query = { kind: "native", source: "athena", text: "SELECT 1 AS one" } as const;
    const outcome = await ask(aws.endpoint, query);
    expect(outcome).toMatchObject({ kind: "failed", reason: "too-big" });
    expect(outcome.kind === "failed" && outcome.message).toContain("BytesScannedCutoffPerQuery");
    expect(aws.count("StartQueryExecution")).toBe(0);
    expect((await ask(aws.endpoint, query, { allowUnlimited: true })).kind).toBe("data");
    aws.close();
  });

  it("stops a query that scans more than is left, and one that nobody waits for", async () => {
    await using aws = await account({ polls: Number.POSITIVE_INFINITY, bytes: 5_000 });
    const query = { kind: "native", source: "athena", text: "SELECT 1 AS one" } as const;
    const big = await ask(aws.endpoint, query, {}, { bytesMax: 4_000 });
    expect(big).toMatchObject({ kind: "failed", reason: "too-big" });
    // What it scanned is paid for, at least 10 MB.
    expect(big.provenance).toMatchObject({ bytesScanned: 5_000, costUsd: 0.00005 });
    const source = await open(aws.endpoint);
    const stop = new AbortController();
    const running = source.run(query, madeWindow, { ...freeContext(), signal: stop.signal });
    await expect.poll(() => aws.count("GetQueryExecution")).toBeGreaterThan(1);
    stop.abort();
    expect(await running).toMatchObject({ kind: "failed", reason: "cancelled" });
    await expect.poll(() => aws.count("StopQueryExecution")).toBe(2);
    await source.close();
    aws.close();
  });

  it.each([
    ["GetQueryResults", {}, "malformed"],
    ["GetQueryExecution", { QueryExecution: { Status: { State: "CANCELLED" } } }, "unavailable"],
    [
      "GetQueryExecution",
      {
        QueryExecution: {
          Status: { State: "FAILED", StateChangeReason: "Bytes scanned limit was exceeded" },
        },
      },
      "too-big",
    ],
    [
      "GetQueryExecution",
      {
        QueryExecution: {
          Status: { State: "FAILED", StateChangeReason: "Permission denied on S3 path: s3://a" },
        },
      },
      "denied",
    ],
  ])("fails, and is never empty, when %s answers %j", async (operation, body, reason) => {
    const double = await athenaDouble({ setup });
    await using aws = await awsDouble((request) =>
      request.operation === operation ? answer(body) : double.reply(request),
    );
    const query = { kind: "native", source: "athena", text: "SELECT 1 AS one" } as const;
    expect(await ask(aws.endpoint, query)).toMatchObject({ kind: "failed", reason });
    double.close();
  });

  it("tells what Athena says of a query it cannot run, as its words and not ours", async () => {
    const text = "SELECT nothing_such FROM logs";
    const outcome = await ask(served.endpoint, { kind: "native", source: "athena", text });
    expect(outcome).toMatchObject({
      kind: "failed",
      reason: "malformed",
      message: "Athena does not understand the query.",
    });
    expect(outcome.kind === "failed" && outcome.upstream).toContain("nothing_such");
  });
});

it("types the columns and reads every page", async () => {
  await using aws = await account({ rowsPerPage: 7 });
  const text = `SELECT placed, total, parts, 'a, "b"' AS word, CAST(NULL AS varchar) AS none FROM orders`;
  const outcome = await ask(aws.endpoint, { kind: "native", source: "athena", text });
  if (outcome.kind !== "data") throw new Error(outcome.kind);
  expect(outcome.frame.length).toBe(90);
  expect(outcome.frame.columns.map(({ name, type }) => [name, type])).toEqual([
    ["placed", "time"],
    ["total", "number"],
    ["parts", "json"],
    ["word", "text"],
    ["none", "text"],
  ]);
  expect(frameRows(outcome.frame)[0]).toMatchObject({
    placed: madeBaseline.from,
    total: 12.5,
    word: 'a, "b"',
    none: null,
  });
  aws.close();
});

it("cuts the tables that a metric is counted from to the time asked, baseline and all", async () => {
  const sql = `SELECT date_trunc('minute', timestamp) AS "timestamp", count(*) AS value, service
    FROM logs WHERE severity = 'error' GROUP BY 1, 3`;
  const query = { kind: "metric-series", baseline: madeBaseline } as const;
  const outcome = await ask(served.endpoint, query, { metrics: { declined: { sql } } });
  const [declined] = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  expect(declined).toMatchObject({ service: "payment", metric: "declined" });
  expect(declined?.points.times.length).toBe(20);
  expect(outcome.provenance.query).toContain(
    `FROM "lake"."logs"\n  WHERE "day" BETWEEN '2026-03-01' AND '2026-03-01' AND "timestamp" >= TIMESTAMP '2026-03-01 09:00:00.000'`,
  );
});

it.each([
  [`SELECT placed AS "timestamp", total FROM orders`],
  [`SELECT placed AS "timestamp", CAST(total AS varchar) AS value FROM orders`],
  [`SELECT placed AS "timestamp", total AS value FROM orders; DROP TABLE orders`],
])("never calls a metric quiet that its SQL does not give: %s", async (sql) => {
  const outcome = await ask(
    served.endpoint,
    { kind: "metric-series" },
    { metrics: { a: { sql } } },
  );
  expect(outcome.kind).toBe("failed");
  const both = { metrics: { ...metrics, a: { sql } } };
  const other = await ask(served.endpoint, { kind: "metric-series" }, both);
  expect(other.kind === "data" && other.gaps.map(({ what }) => what)).toEqual(["a"]);
});

it("reads a business metric over window and baseline, and changes of a trail", async () => {
  const query = { kind: "metric-series", baseline: madeBaseline } as const;
  const outcome = await ask(served.endpoint, query);
  const [revenue] = outcome.kind === "data" ? readSeries(outcome.frame) : [];
  expect(revenue).toMatchObject({
    service: "checkout",
    metric: "revenue",
    unit: "EUR",
    layer: "business",
  });
  expect(revenue?.points.times.length).toBe(90);
  const alone = { lakeDatabase: undefined };
  const changes = await ask(served.endpoint, { kind: "changes" }, alone);
  expect(changes.kind === "data" && readChanges(changes.frame)).toMatchObject([event]);
});

const event = {
  ...{ kind: "deploy", service: "payment", ref: "e-1", author: "ana" },
  title: "UpdateService payment",
};

it("reads the changes that a pipeline wrote into the lake, with their text, beside a trail", async () => {
  const lake = `CREATE TABLE shelf.changes AS SELECT TIMESTAMP '2026-03-01 10:09:00' AS timestamp,
    'merge' AS kind, 'pay' AS service, 'f6b1' AS ref, 'Ask once' AS title, 'Ana' AS author,
    ['pay.ts', 'pay.test.ts'] AS files, '-retries: 3' AS diff, '2026-03-01' AS day`;
  const aws = await account({ setup: [...setup, "CREATE SCHEMA shelf", lake] });
  const named = { lakeDatabase: "shelf", services: { pay: "payment" } };
  const both = await ask(aws.endpoint, { kind: "changes" }, named);
  const own = {
    ...{ kind: "commit", service: "payment", ref: "f6b1", title: "Ask once", author: "Ana" },
    ...{ files: ["pay.ts", "pay.test.ts"], diff: "-retries: 3" },
    timestamp: Date.UTC(2026, 2, 1, 10, 9),
  };
  expect(both.kind === "data" && readChanges(both.frame)).toMatchObject([own, event]);
  const gone = await ask(aws.endpoint, { kind: "changes" }, { lakeDatabase: "none" });
  expect(gone.kind === "data" && readChanges(gone.frame)).toMatchObject([event]);
  expect(gone.kind === "data" && gone.gaps).toMatchObject([{ what: "changes of the lake" }]);
  await aws[Symbol.asyncDispose]();
  aws.close();
});
