import type { DuckDBConnection } from "@duckdb/node-api";
import type { Window } from "../../core/window.ts";
import { AwsRefusal } from "../aws/faults.ts";
import { quoted } from "../capture/duck-sql.ts";

/** What a query is, as DuckDB's parser reads it. */
export interface ReadSelect {
  readonly text: string;
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
 * One SELECT, by the parse of DuckDB, whose dialect Athena's is close to; refuses anything else,
 * and functions in FROM, through which Athena hands statements to other databases.
 */
export async function readSelect(given: string): Promise<ReadSelect> {
  const text = given.trim().replace(/;\s*$/, "");
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
    throw new AwsRefusal("unsupported", `Only one SELECT is run on Athena: ${why.slice(0, 200)}`);
  }
  const tables = new Set<string>();
  walk(tree.statements, (node) => {
    if (node.type === "BASE_TABLE" && node.schema_name === "") {
      tables.add(String(node.table_name).toLowerCase());
    }
    if (node.type !== "TABLE_FUNCTION") return;
    const called = node.function as { function_name?: string; schema?: string };
    const name = called.function_name?.toLowerCase() ?? "";
    if (called.schema || !rowFunctions.has(name)) {
      throw new AwsRefusal("unsupported", `${name}() in FROM is not run: it may not be a read.`);
    }
  });
  return { text, tables };
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
  /** Column of the time of a row, and the expression that is a timestamp. */
  readonly time: string;
  /** Column of the partition by day, text such as `2026-03-01`; null without one. */
  readonly day: string | null;
  /** How a day stands there. */
  readonly daySeparator: "-" | "/";
}

/** The tables a query names, cut to the window and to its days, so that no more is scanned. */
export function boundedSql(
  { text, tables }: ReadSelect,
  known: ReadonlyMap<string, AthenaTable>,
  window: Window,
  rowsMax: number,
): string {
  const parts = [...known]
    .filter(([name]) => tables.has(name))
    .map(
      ([name, table]) =>
        `"${name}" AS (\n  SELECT * FROM ${table.from}\n  WHERE ${within(table, window)})`,
    );
  const head = parts.length > 0 ? `WITH ${parts.join(",\n")}\n` : "";
  return `${head}SELECT * FROM (\n${text}\n) LIMIT ${rowsMax}`;
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
