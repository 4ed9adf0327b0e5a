import type { Gap, Signal } from "../core/outcome.ts";
import {
  jsonlType,
  type Mapping,
  mapColumns,
  type RawColumn,
  selectList,
} from "./capture-columns.ts";
import type { Engine } from "./capture-engine.ts";
import { type CaptureFile, sampleLines, type TableName } from "./capture-files.ts";
import { named, quoted } from "./duck-sql.ts";

/** What is known of one table once its files have been looked at. */
export interface CaptureTable {
  readonly name: TableName;
  /** `absent`: no file. `unusable`: files, but not one that can be read. */
  readonly state: "absent" | "unusable" | "ready";
  readonly files: readonly CaptureFile[];
  readonly bytes: number;
  /** Rows that can be used. */
  readonly rows: number;
  /** Epoch ms of the first and the last usable row; NaN without rows. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly hasAttributes: boolean;
  readonly gaps: readonly Gap[];
}

export const signalOfTable: Record<TableName, Signal> = {
  metrics: "metrics",
  logs: "logs",
  spans: "traces",
  changes: "changes",
};

/** A file that can be read, with the part each of its columns plays. */
export interface MappedFile {
  readonly file: CaptureFile;
  readonly columns: readonly RawColumn[];
  readonly mapping: Mapping;
  /** CSV only. */
  readonly delimiter: string;
}

/** A file that cannot, and why. */
export interface UnreadableFile {
  readonly file: CaptureFile;
  readonly why: string;
}

/** Looks at the columns of a file of `table`. Never throws: what is wrong with it is the answer. */
export async function mapFile(
  engine: Engine,
  table: TableName,
  file: CaptureFile,
): Promise<MappedFile | UnreadableFile> {
  if (file.bytes === 0) return { file, why: "the file is empty" };
  try {
    const found = await columnsOf(engine, table, file);
    if (found.columns.length === 0) return { file, why: "no readable line was found in it" };
    const mapping = mapColumns(table, found.columns);
    if (mapping.missing.length > 0) {
      return { file, why: `it has no column for ${mapping.missing.join(" and ")}` };
    }
    return { file, columns: found.columns, mapping, delimiter: found.delimiter };
  } catch (error) {
    return { file, why: reasonOf(error) };
  }
}

async function columnsOf(engine: Engine, table: TableName, file: CaptureFile) {
  if (file.format === "parquet") {
    const columns = await engine.describe(`SELECT * FROM read_parquet(${quoted(file.path)})`);
    return { columns, delimiter: "" };
  }
  const lines = await sampleLines(file);
  return file.format === "csv"
    ? csvColumns(lines[0] ?? "")
    : { columns: jsonlColumns(table, lines), delimiter: "" };
}

function csvColumns(header: string): { columns: RawColumn[]; delimiter: string } {
  const counts = [",", ";", "\t", "|"].map((d) => [d, header.split(d).length] as const);
  const [delimiter] = counts.reduce((a, b) => (b[1] > a[1] ? b : a));
  const names = header.split(delimiter).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const seen = new Set<string>();
  const columns = names.map((name, index) => {
    const free = name === "" || seen.has(name.toLowerCase()) ? `column_${index + 1}` : name;
    seen.add(free.toLowerCase());
    return { name: free, type: "VARCHAR" };
  });
  return { columns, delimiter };
}

function jsonlColumns(table: TableName, lines: readonly string[]): RawColumn[] {
  const names = new Map<string, string>();
  for (const line of lines) {
    for (const key of keysOf(line)) {
      if (!names.has(key.toLowerCase())) names.set(key.toLowerCase(), key);
    }
  }
  return [...names.values()].map((name) => ({ name, type: jsonlType(table, name) }));
}

function keysOf(line: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(line);
    return value && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

/** SQL that reads files alike in format and columns as rows of the table, plus `file`. */
export function readSql(table: TableName, files: readonly MappedFile[], options = ""): string {
  const groups = Map.groupBy(files, (f) =>
    JSON.stringify([f.file.format, f.file.compression, f.columns, f.delimiter]),
  );
  const parts = [...groups.values()].map((group) => groupSql(table, group, options));
  return parts.join("\nUNION ALL BY NAME\n");
}

function groupSql(table: TableName, group: readonly MappedFile[], csvOptions: string): string {
  const first = group[0] as MappedFile;
  const list = Object.entries(selectList(table, first.mapping))
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(", ");
  const anything = first.columns.map((c) => `${named(c.name)} IS NULL`).join(" AND ");
  const unreadable = first.file.format === "parquet" ? "false" : anything;
  return `SELECT ${list}, filename AS file, ${unreadable} AS unreadable FROM ${readerOf(group, csvOptions)}`;
}

function readerOf(group: readonly MappedFile[], csvOptions: string): string {
  const { file, columns, delimiter } = group[0] as MappedFile;
  const paths = `[${group.map((f) => quoted(f.file.path)).join(", ")}]`;
  if (file.format === "parquet") return `read_parquet(${paths}, filename = true)`;
  const types = columns.map((c) => `${quoted(c.name)}: ${quoted(c.type)}`).join(", ");
  const shared = `columns = {${types}}, filename = true, ignore_errors = true, compression = '${file.compression === "none" ? "uncompressed" : file.compression}'`;
  return file.format === "csv"
    ? `read_csv(${paths}, auto_detect = false, header = true, delim = ${quoted(delimiter)},
         quote = '"', escape = '"', ${shared}${csvOptions})`
    : `read_json(${paths}, format = 'newline_delimited', ${shared})`;
}

const usable: Record<TableName, string> = {
  metrics: "is_possible_time(timestamp) AND metric IS NOT NULL AND isfinite(value)",
  logs: "is_possible_time(timestamp)",
  spans: "is_possible_time(start) AND duration_ms >= 0 AND isfinite(duration_ms)",
  changes: "is_possible_time(timestamp)",
};

/** The views of a table: `logs_read` holds every row, `logs` those that can be used. */
export function viewStatements(table: TableName, files: readonly MappedFile[]): readonly string[] {
  return [
    `CREATE OR REPLACE VIEW ${table}_read AS ${readSql(table, files)}`,
    `CREATE OR REPLACE VIEW ${table} AS
       SELECT * EXCLUDE (file, unreadable) FROM ${table}_read WHERE ${usable[table]}`,
  ];
}

/**
 * Rows, faults and reach of each file, in one pass over the table; then the lines that the CSV
 * reader left out, which exist only on the connection that read them.
 */
export function censusStatements(table: TableName, files: readonly MappedFile[]): string[] {
  const time = table === "spans" ? "start" : "timestamp";
  const ok = `coalesce(${usable[table]}, false)`;
  const isCsv = files.some((f) => f.file.format === "csv");
  const from = isCsv
    ? `(${readSql(table, files, ", store_rejects = true, rejects_limit = 1000000")})`
    : `${table}_read`;
  const census = `SELECT file, count(*) FILTER (${ok}) AS usable,
    count(*) FILTER (unreadable) AS unreadable,
    count(*) FILTER (NOT unreadable AND NOT coalesce(is_possible_time(${time}), false)) AS bad_time,
    count(*) FILTER (NOT unreadable AND coalesce(is_possible_time(${time}), false) AND NOT ${ok})
      AS bad_value,
    min(ms(${time})) FILTER (${ok}) AS first_at, max(ms(${time})) FILTER (${ok}) AS last_at
    FROM ${from} GROUP BY file ORDER BY file`;
  const rejects = `SELECT file_path AS file, count(DISTINCT line) AS lines
    FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY file_path`;
  return isCsv ? [census, rejects] : [census];
}

/** DuckDB's own words, without the part that repeats the query. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split("\n")[0] ?? "").slice(0, 300);
}

/** A gap about a file of a capture. */
export function fileGap(table: TableName, name: string, why: string, effect: string): Gap {
  return { what: `${name} (${table})`, why, effect, signal: signalOfTable[table] };
}
