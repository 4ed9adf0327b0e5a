import type { DuckDBConnection } from "@duckdb/node-api";
import type { Window } from "../../core/window.ts";
import { AwsRefusal } from "../aws/faults.ts";
import { quoted } from "../capture/duck-sql.ts";
import { plainSql } from "./plain-sql.ts";

/** What a query is, as DuckDB's parser reads it. */
export interface ReadSelect {
  readonly text: string;
  /** True when it sorts its rows and does not limit them. */
  readonly isSorted: boolean;
  /** Names of tables written without a schema, lower case. */
  readonly tables: ReadonlySet<string>;
}

/** Rows made in place; any other function in FROM may reach another system, and write there. */
const rowFunctions = new Set(["unnest", "sequence", "generate_series", "range"]);

let parser: Promise<DuckDBConnection> | null = null;

/** One connection parses for all: nothing is ever run on it. */
async function connection(): Promise<DuckDBConnection> {
  parser ??= import("@duckdb/node-api").then(async ({ DuckDBInstance }) => {
    const instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    return instance.connect();
  });
  return parser;
}

/**
 * One SELECT, by the parse of DuckDB, whose dialect Athena's is close to. Refuses anything else,
 * also what Athena alone could read, since it cannot be checked; functions in FROM, through which
 * Athena hands statements to other databases; and other catalogs, which are other systems.
 */
export async function readSelect(given: string, catalog: string): Promise<ReadSelect> {
  const text = plainSql(given);
  const reader = await (await connection()).runAndReadAll(
    `SELECT json_serialize_sql(${quoted(text)})`,
  );
  const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as {
    error?: boolean;
    error_message?: string;
    statements?: readonly unknown[];
  };
  if (tree.error || tree.statements?.length !== 1) {
    const why = tree.error_message?.replace(/ to json!?/, "") ?? "it is not one statement";
    const words = "Nothing was run: only what can be checked to be one SELECT is run on Athena";
    throw new AwsRefusal("unsupported", `${words}: ${why.slice(0, 200)}`);
  }
  const tables = new Set<string>();
  walk(tree.statements, (node) => {
    const refusal = refusalOf(node, catalog);
    if (refusal) throw new AwsRefusal("unsupported", `Nothing was run: ${refusal}`);
    if (node.type === "BASE_TABLE" && node.schema_name === "") {
      tables.add(String(node.table_name).toLowerCase());
    }
  });
  return { text, tables, isSorted: isSorted(tree.statements[0]) };
}

function isSorted(statement: unknown): boolean {
  const { node } = statement as { node?: { modifiers?: readonly { type?: string }[] } };
  const types = (node?.modifiers ?? []).map(({ type = "" }) => type);
  return types.includes("ORDER_MODIFIER") && !types.some((type) => type.startsWith("LIMIT"));
}

/**
 * At most so many rows. Trino forgets the order of a query in brackets that has no limit of its
 * own, so the first rows of a sorted one are taken inside.
 */
export function limitedSql(
  read: ReadSelect,
  known: ReadonlyMap<string, AthenaTable>,
  window: Window,
  rowsMax: number,
): string {
  const text = read.isSorted ? `${read.text}\nLIMIT ${rowsMax}` : read.text;
  return boundedSql({ ...read, text }, known, window, `LIMIT ${rowsMax}`);
}

/** What is wrong with a part of a SELECT; null when nothing is. */
function refusalOf(node: Record<string, unknown>, catalog: string): string | null {
  if (node.type === "SHOW_REF") return "DESCRIBE, SHOW and SUMMARIZE are not a SELECT.";
  if (node.type === "BASE_TABLE") {
    const other = String(node.catalog_name ?? "");
    const isOwn = other === "" || other.toLowerCase() === catalog.toLowerCase();
    return isOwn ? null : `the catalog ${other} is another than ${catalog}, which is read here.`;
  }
  if (node.type !== "TABLE_FUNCTION") return null;
  const called = node.function as { function_name?: string; schema?: string };
  const name = called.function_name?.toLowerCase() ?? "";
  const makesRows = !called.schema && rowFunctions.has(name);
  return makesRows ? null : `${name}() in FROM may be more than a read.`;
}

function walk(value: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const inner of Object.values(value)) walk(inner, visit);
}

/** A table of the source: where it is, and how a window of it is asked for. */
export interface AthenaTable {
  /** `database.table`, quoted. */
  readonly from: string;
  /** What queries see of it; all its columns when absent. */
  readonly columns?: string;
  /** Column of the time of a row, and the expression that is a timestamp. */
  readonly time: string;
  /** Column of the partition by day, text such as `2026-03-01`; null without one. */
  readonly day: string | null;
  /** How a day stands there. */
  readonly daySeparator: "-" | "/";
}

/**
 * A query over its known tables, each cut to the window and to its days, so that no more is
 * scanned. It stands in brackets, `rest` behind it: no text becomes another statement there.
 */
export function boundedSql(
  { text, tables }: ReadSelect,
  known: ReadonlyMap<string, AthenaTable>,
  window: Window,
  rest: string,
): string {
  const parts = [...known]
    .filter(([name]) => tables.has(name))
    .map(([name, table]) => {
      const select = `SELECT ${table.columns ?? "*"} FROM ${table.from}`;
      return `"${name}" AS (\n  ${select}\n  WHERE ${within(table, window)})`;
    });
  const head = parts.length > 0 ? `WITH ${parts.join(",\n")}\n` : "";
  return `${head}SELECT * FROM (\n${text}\n) ${rest}`;
}

/** The condition that a row lies in the window. */
export function within({ time, day, daySeparator }: AthenaTable, { from, to }: Window): string {
  const days = [from, to - 1].map((at) => `'${dayOf(at).replaceAll("-", daySeparator)}'`);
  return [
    ...(day ? [`${day} BETWEEN ${days.join(" AND ")}`] : []),
    `${time} >= ${timestamp(from)}`,
    `${time} < ${timestamp(to)}`,
  ].join(" AND ");
}

/** `2026-03-01` in UTC. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** A literal that Athena and DuckDB read alike. */
export function timestamp(at: number): string {
  return `TIMESTAMP '${new Date(at).toISOString().slice(0, 23).replace("T", " ")}'`;
}
