import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { captureIncidentSchema, truthSchema } from "../src/core/capture.ts";
import { captureColumns } from "../src/sources/capture/rows.ts";
import { faults } from "./shop/faults/catalog.ts";

const incidentsDir = join(import.meta.dirname, "incidents");
const recorded = faults.filter(({ folder }) => existsSync(join(incidentsDir, folder)));

test("there are at least twelve recordings, and every folder is one of ours", () => {
  expect(recorded.length).toBeGreaterThanOrEqual(12);
  expect(readdirSync(incidentsDir).sort()).toEqual(recorded.map(({ folder }) => folder));
});

describe.each(recorded)("$folder", ({ folder, denied, truth: judged, name }) => {
  const dir = join(incidentsDir, folder);
  const read = (file: string) => readFileSync(join(dir, file), "utf8");
  const incident = captureIncidentSchema.parse(JSON.parse(read("incident.json")));
  const truth = truthSchema.parse(JSON.parse(read("truth.json")));
  const changes = read("changes.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

  test("is small", () => {
    const bytes = readdirSync(dir).reduce((sum, file) => sum + statSync(join(dir, file)).size, 0);
    expect(bytes).toBeLessThanOrEqual(1_500_000);
  });

  test("covers ten minutes of metrics every 5 to 15 seconds, in the columns of a capture", async () => {
    const denies = (denied ?? []).map(({ signal }) => signal);
    for (const table of ["metrics", "logs", "spans"] as const) {
      if (table === "logs" && denies.includes(table)) continue;
      const columns = await query(`DESCRIBE SELECT * FROM '${dir}/${table}.parquet'`);
      expect(columns.map(([column]) => column)).toEqual(Object.keys(captureColumns[table]));
    }
    const [[seconds = 0, points = 1] = []] = (await query(
      `SELECT epoch(max(timestamp) - min(timestamp)), count(DISTINCT timestamp)::INT - 1
         FROM '${dir}/metrics.parquet' WHERE service = 'storefront' AND metric = 'users.active'`,
    )) as number[][];
    expect(seconds).toBeGreaterThanOrEqual(600);
    expect(seconds / points).toBeGreaterThanOrEqual(5);
    expect(seconds / points).toBeLessThanOrEqual(15);
  });

  test("has an alarm within its window, after the onset", () => {
    const firedAt = incident.trigger.firedAt ?? Number.NaN;
    expect(firedAt).toBeGreaterThan(incident.window.from);
    expect(firedAt).toBeLessThan(incident.window.to);
    if (truth.onset) expect(firedAt).toBeGreaterThan(Date.parse(truth.onset));
    expect(incident.denied.map(({ signal }) => signal)).toEqual(
      (denied ?? []).map((d) => d.signal),
    );
  });

  test("has real diffs of at least ten harmless commits, and its truth names its changes", () => {
    const commits = changes.filter(({ kind }) => kind === "commit");
    expect(commits.length).toBeGreaterThanOrEqual(10);
    for (const { diff } of changes) expect(diff).toMatch(/^diff --git /);
    const refs = changes.map(({ ref }) => ref);
    expect(refs).toEqual(expect.arrayContaining([...(truth.changes ?? []), ...truth.decoys]));
    expect(truth.decoys.length).toBeGreaterThanOrEqual(2);
  });

  test("says what its fault says, and nothing in what an analyst reads gives it away", () => {
    expect(JSON.parse(read("truth.json"))).toMatchObject(judged);
    for (const file of ["incident.json", "changes.jsonl", "topology.json"]) {
      expect(read(file)).not.toContain(name);
    }
  });
});

async function query(sql: string): Promise<unknown[][]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
  connection.closeSync();
  return rows;
}
