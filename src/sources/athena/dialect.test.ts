import { DuckDBInstance } from "@duckdb/node-api";
import { expect, it } from "vitest";
import { athena } from "../athena.ts";
import { limitedSql, readSelect } from "./sql.ts";
import { knownTables, lakeChangesSql, trailSql } from "./tables.ts";

const own = athena.settings.parse({
  ...{ region: "eu-west-1", workgroup: "w", database: "business", lakeDatabase: "lake" },
  ...{ albTable: "alb_logs", cloudtrailTable: "cloudtrail" },
});
const window = { from: Date.UTC(2026, 2, 1, 23), to: Date.UTC(2026, 2, 2, 1) };

/** The functions of Athena engine 3 that our own text may call, and the types it may cast to. */
const functions = new Set([
  ...["and", "or", "=", ">=", "<", "between", "count_star", "sum", "date_trunc", "lower"],
  ...["from_iso8601_timestamp", "json_extract_scalar", "struct_extract", "count"],
]);
const types = new Set(["TIMESTAMP", "VARCHAR", "DOUBLE", "BIGINT"]);

interface Spoken {
  readonly functions: readonly string[];
  readonly casts: readonly string[];
}

/** What a text calls and casts, by the parse of DuckDB: nothing is read out of it by its look. */
async function spoken(sql: string): Promise<Spoken> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll("SELECT json_serialize_sql($1::VARCHAR)", [sql]);
  connection.closeSync();
  const tree = JSON.parse(String(reader.getRows()[0]?.[0]));
  expect(tree.error_message).toBeUndefined();
  const found = { functions: [] as string[], casts: [] as string[] };
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    const node = value as Record<string, unknown>;
    if (node.class === "FUNCTION") found.functions.push(String(node.function_name));
    const cast = node.cast_type as { id?: string } | undefined;
    if (node.class === "CAST") found.casts.push(String(cast?.id));
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(tree);
  return found;
}

const source = await athena.open("athena", own);
/** What the guide shows, and each table that is cut by itself. */
const asked = [
  ...(source.guide.match(/^SELECT.*(\n {2}.*)*/gm) ?? []),
  ...[...knownTables(own).keys()].map((table) => `SELECT * FROM ${table}`),
];
const bounded = await Promise.all(
  asked.map(async (text) =>
    limitedSql(await readSelect(text, own.catalog), knownTables(own), window, 100),
  ),
);

it.each([...bounded, trailSql(own, window, 100), lakeChangesSql(own, window, 100)])(
  "calls nothing that Athena lacks, and writes nothing that only DuckDB reads: %s",
  async (sql) => {
    const { functions: called, casts } = await spoken(sql);
    expect(called.filter((name) => !functions.has(name.toLowerCase()))).toEqual([]);
    expect(casts.filter((type) => !types.has(type))).toEqual([]);
    const outside = sql.replace(/'[^']*'|"[^"]*"/g, "");
    expect(outside).not.toMatch(/::|\bEXCLUDE\b|\bQUALIFY\b|\bILIKE\b|[[\]{}`]/i);
  },
);

it("knows when a text calls what Athena lacks", async () => {
  const { functions: called } = await spoken("SELECT epoch_ms(timestamp) FROM logs");
  expect(called.filter((name) => !functions.has(name))).toEqual(["epoch_ms"]);
});
