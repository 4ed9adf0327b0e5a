import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AlarmRule } from "../faults/fault.ts";
import { fire, firstLog } from "./fire.ts";
import { openRaw, writeTables } from "./tables.ts";

let folder: string;
let raw: DuckDBConnection;
const hourMs = Date.UTC(2026, 0, 1);
const span = { fromMs: hourMs, toMs: hourMs + 120_000 };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "shop-tables-"));
  const source = await (await DuckDBInstance.create()).connect();
  const at = (seconds: string) => `epoch_ms(${hourMs}) + to_milliseconds(1000 * (${seconds}))`;
  // Two minutes of 40 requests per second with 3 spans each; one in a hundred requests fails.
  await source.run(`COPY (
    SELECT printf('%032x', i) AS trace_id, printf('%016x', i * 10 + s) AS span_id,
           CASE WHEN s > 0 THEN printf('%016x', i * 10) END AS parent_span_id,
           CASE s WHEN 0 THEN 'storefront' ELSE 'catalog' END AS service, 'GET /' AS name,
           (${at("i / 40.0")})::TIMESTAMP AS start, 5.0 AS duration_ms,
           CASE WHEN i % 100 = 0 AND s = 0 THEN 'error' ELSE 'unset' END AS status,
           'server' AS kind, '{"http.route":"/","server.port":81}' AS attributes
      FROM range(0, 4800) r(i), range(0, 3) q(s)) TO '${folder}/spans-0001.parquet'`);
  await source.run(`COPY (
    SELECT (${at("i")})::TIMESTAMP AS timestamp, 'checkout' AS service, 'INFO' AS severity,
           CASE WHEN i >= 90 THEN 'pool is empty' ELSE 'order placed' END AS body,
           NULL AS trace_id, NULL AS span_id, NULL AS attributes
      FROM range(-10, 130) r(i)) TO '${folder}/logs-0001.parquet'`);
  await source.run(`COPY (
    SELECT (${at("i * 10")})::TIMESTAMP AS timestamp, 'checkout' AS service, 'errors' AS metric,
           CASE WHEN i >= 6 THEN 2.0 ELSE 0.0 END AS value, NULL AS resource, '1' AS unit,
           'count' AS kind, 'application' AS layer, c AS attributes
      FROM range(0, 12) r(i), (VALUES ('{"c":1}'), ('{"c":2}')) v(c))
    TO '${folder}/metrics-0001.parquet'`);
  raw = await openRaw(folder);
});

afterAll(() => {
  raw.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

test("sampled spans still tell the true number of requests and failures", async () => {
  const dir = mkdtempSync(join(folder, "out-"));
  await writeTables(raw, dir, { ...span, denied: [] });
  const weight = "(attributes->>'sampling.adjusted_count')::DOUBLE";
  const [[kept, requests, failures, ports]] = (await rows(
    `SELECT count(*)::INT, round(sum(${weight}))::INT,
            round(sum(${weight}) FILTER (status = 'error'))::INT,
            count(attributes->>'server.port')::INT
       FROM '${dir}/spans.parquet' WHERE service = 'storefront'`,
  )) as [number[]];
  expect(kept).toBeLessThan(1_200);
  expect(requests).toBeGreaterThan(4_700);
  expect(requests).toBeLessThan(4_900);
  expect(failures).toBe(48);
  expect(ports).toBe(0);
});

test("only the time of the recording is kept, and a denied signal has no table", async () => {
  const dir = mkdtempSync(join(folder, "out-"));
  await writeTables(raw, dir, { ...span, denied: [] });
  const logs = `SELECT count(*)::INT FROM '${dir}/logs.parquet'`;
  expect(await rows(logs)).toEqual([[120]]);
  const denied = mkdtempSync(join(folder, "out-"));
  await writeTables(raw, denied, { ...span, denied: ["logs"] });
  expect(readdirSync(denied).sort()).toEqual(["metrics.parquet", "spans.parquet"]);
});

test("an alarm fires at the end of the last interval it needs, and sums over attributes", async () => {
  const rule: AlarmRule = {
    kind: "webhook",
    name: "errors",
    service: "checkout",
    metric: "errors",
    breach: "above",
    threshold: 3,
    points: 3,
    severity: "high",
    summary: String,
  };
  expect(await fire(raw, rule, span)).toEqual({ firedAtMs: hourMs + 95_000, observed: 4 });
  expect(await fire(raw, { ...rule, threshold: 4 }, span)).toBeNull();
  expect(await fire(raw, { ...rule, metric: "unknown" }, span)).toBeNull();
});

test("the onset of a delayed fault is its first log line", async () => {
  expect(await firstLog(raw, "pool is (empty|full)")).toBe(hourMs + 90_000);
  expect(await firstLog(raw, "never said")).toBeNull();
});

async function rows(sql: string): Promise<unknown[][]> {
  return (await raw.runAndReadAll(sql)).getRowsJson() as unknown[][];
}
