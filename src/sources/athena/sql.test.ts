import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainSql } from "./plain-sql.ts";
import { limitedSql, readSelect } from "./sql.ts";

const read = (text: string) => readSelect(text, "AwsDataCatalog");
const remote = "SELECT * FROM TABLE(pg.system.query(query => 'DELETE FROM orders'))";

describe("what may be run", () => {
  it.each([
    "DELETE FROM logs",
    "INSERT INTO logs SELECT 1",
    "CREATE TABLE x AS SELECT 1",
    "CREATE VIEW x AS SELECT 1",
    "DROP TABLE logs",
    "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE",
    "UNLOAD (SELECT 1) TO 's3://out' WITH (format = 'JSON')",
    "MSCK REPAIR TABLE logs",
    "OPTIMIZE logs REWRITE DATA USING BIN_PACK",
    "VACUUM logs",
    "PREPARE p FROM SELECT 1",
    "EXECUTE p USING 1",
    "EXPLAIN ANALYZE INSERT INTO x SELECT 1",
    "EXPLAIN ANALYZE SELECT 1",
    "DESCRIBE logs",
    "SHOW TABLES",
    "CALL system.sync_partition_metadata('a', 'b', 'FULL')",
    "WITH x AS (DELETE FROM logs RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO logs VALUES (1)) SELECT 1",
    "SELECT 1 INTO x",
    "SELECT 1; DROP TABLE logs",
    "SELECT 1) ; DELETE FROM x --",
    remote,
    "SELECT * FROM pg.system.query('DELETE FROM orders')",
    "SELECT * FROM read_csv('s3://other/x.csv')",
    "USING EXTERNAL FUNCTION f(x VARCHAR) RETURNS VARCHAR LAMBDA 'l' SELECT f('a')",
    "SELECT * FROM lambda_connector.shop.orders",
    "SELECT (SELECT max(id) FROM other.shop.orders)",
    "",
    ";",
  ])("refuses what is not one SELECT of this catalog: %s", async (text) => {
    await expect(read(text)).rejects.toMatchObject({
      failure: { reason: "unsupported", retryable: false },
      message: expect.stringMatching(/^Nothing was run: /),
    });
  });

  // DuckDB nests comments, and knows strings that Trino reads as code.
  it.each([
    `/* /* */ ${remote} -- */ SELECT 1`,
    `SELECT 1 /* /* */ UNION ${remote} /* */ */`,
    `SELECT $$ ' $$ FROM (${remote}) -- '`,
    `SELECT $a$ ' $a$ FROM (${remote}) -- '`,
    `SELECT E'\\' FROM (${remote}) -- '`,
    `SELECT e'\\' FROM (${remote}) -- '`,
    "SELECT `a` FROM `logs`",
    "SELECT 1 /* open",
    "SELECT 'open",
    'SELECT "open',
    "SELECT\u0000 1",
  ])("refuses what Athena and the parser may read apart: %s", async (text) => {
    await expect(read(text)).rejects.toMatchObject({ failure: { reason: "unsupported" } });
  });

  it.each([
    ["SELECT a.b FROM t CROSS JOIN UNNEST(parts) WITH ORDINALITY AS u(p, n)", ["t"]],
    ["SELECT count(*) FILTER (WHERE x > 1) FROM Orders TABLESAMPLE BERNOULLI (10)", ["orders"]],
    ["SELECT approx_percentile(x, 0.95), transform(a, x -> x + 1) FROM t", ["t"]],
    ["WITH x AS (SELECT 1) SELECT * FROM x, business.orders", ["x"]],
    ["SELECT * FROM AwsDataCatalog.business.orders", []],
    ["VALUES (1), (2)", []],
    ["SELECT '/api/*', '-- no', \"it's\" FROM t -- it's one\n;", ["t"]],
    ["/* why */ SELECT name FROM t WHERE name LIKE 'e''x'", ["t"]],
  ])("runs %s", async (text, tables) => {
    expect([...(await read(text)).tables]).toEqual(tables);
  });

  it.each([
    ["SELECT a::date FROM t", "CAST(x AS type)"],
    ["SELECT attributes->>'k' FROM logs", "json_extract_scalar"],
    ["SELECT 1 WHERE a > TIMESTAMPTZ '2026-03-01 10:00:00+00'", "TIMESTAMP '2026"],
    ["SELECT epoch_ms(timestamp) FROM logs", "to_unixtime"],
    ["SELECT mask(body) FROM logs", "regexp_replace"],
    ["SELECT * FROM logs WHERE body ILIKE '%x%'", "lower(x) LIKE"],
  ])("says what Athena has instead of a word of DuckDB: %s", async (text, instead) => {
    await expect(read(text)).rejects.toThrow(instead);
  });
});

it("keeps literals, and takes out comments and nothing else", () => {
  const literal = fc
    .constantFrom("'", '"')
    .chain((quote) => fc.string().map((s) => quote + s.replaceAll(quote, quote + quote) + quote));
  const comment = fc.oneof(
    fc.string().map((s) => `--${s.replace(/[\r\n]/g, "")}\n`),
    fc.string().map((s) => `/*${s.replace(/\*\/|\/\*/g, "")} */`),
  );
  const word = fc.constantFrom("a", "+", "(", ")", ",", "12");
  fc.assert(
    fc.property(fc.array(fc.oneof(literal, word)), fc.array(comment), (kept, comments) => {
      const given = kept.map((each, at) => `${each} ${comments[at] ?? ""}`).join("");
      expect(plainSql(given).replace(/\s/g, "")).toBe(kept.join("").replace(/\s/g, ""));
    }),
  );
});

it.each([
  ["SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a\nLIMIT 11"],
  ["SELECT a FROM t ORDER BY a LIMIT 5", "SELECT a FROM t ORDER BY a LIMIT 5"],
  ["SELECT a FROM t", "SELECT a FROM t"],
])("takes the first rows of a sorted query where Trino still sorts: %s", async (text, inner) => {
  const window = { from: 0, to: 1 };
  expect(limitedSql(await read(text), new Map(), window, 11)).toBe(
    `SELECT * FROM (\n${inner}\n) LIMIT 11`,
  );
});
