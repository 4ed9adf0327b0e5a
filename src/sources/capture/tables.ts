import type { Gap, Signal } from "../../core/outcome.ts";
import { type Mapping, mapColumns, type RawColumn, selectList } from "./columns.ts";
import { named, quoted } from "./duck-sql.ts";
import { QueryStopped } from "./engine.ts";
import { type CaptureFile, lineBytesMax, type TableName, tableNames } from "./files.ts";
import { unrolledArray } from "./json-array.ts";
import { jsonlColumns, type KeyScope } from "./keys.ts";
import { otlpField, otlpMetricStatements, otlpSql } from "./otlp.ts";
import { sampleLines, wordsIn } from "./sample.ts";
import { unpivoted, type WideMetrics, wideMetrics } from "./wide-metrics.ts";

/** What is known of one table once its files have been looked at. */
export interface CaptureTable {
  readonly name: TableName;
  /** `absent`: no file. `blank`: empty files. `unusable`: not one file that can be read. */
  readonly state: "absent" | "blank" | "unusable" | "ready";
  readonly files: readonly CaptureFile[];
  readonly bytes: number;
  /** Rows that can be used. */
  readonly rows: number;
  /** Epoch ms of the first and the last usable row; NaN without rows. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly hasAttributes: boolean;
  /** Columns that at least one file has; the others are NULL in every row. */
  readonly columns: ReadonlySet<string>;
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
  readonly table: TableName;
  readonly file: CaptureFile;
  /** Where it is read: the file itself, or a copy without the lines that broke its reading. */
  readonly readPath: string;
  readonly compression: CaptureFile["compression"];
  readonly columns: readonly RawColumn[];
  readonly mapping: Mapping;
  /** CSV only. */
  readonly delimiter: string;
  /** It begins with a byte order mark, which costs JSON Lines their first line. */
  readonly hasMark: boolean;
  /** Metrics with a column each. */
  readonly wide?: WideMetrics;
  /** `file` is a copy of an array, an entry a line. */
  readonly isArray?: boolean;
}

/** A file that cannot, and why. */
export interface UnreadableFile {
  readonly file: CaptureFile;
  readonly why: string;
  /** It holds nothing, which is not the same as holding what cannot be read. */
  readonly isBlank?: boolean;
  /** It holds another table, which is no fault. */
  readonly isOther?: boolean;
}

/** Names of the table's columns that files have; an OTLP file may fill any. */
export function filledColumns(files: readonly MappedFile[]): ReadonlySet<string> {
  const any = ["metric", "resource", "unit", "kind", "layer", "attributes"];
  return new Set(
    files.flatMap(({ file, mapping }) => [
      ...mapping.of.keys(),
      ...(file.format === "otlp" ? any : []),
      ...(mapping.rest.length > 0 ? ["attributes"] : []),
    ]),
  );
}

/** Where columns are looked up, and where copies of files may go. */
interface MapScope extends KeyScope {
  readonly repairDirectory: string;
}

/** Looks at the columns of a file of `table`. Never throws: what is wrong with it is the answer. */
export async function mapFile(
  scope: MapScope,
  file: CaptureFile,
): Promise<MappedFile | UnreadableFile> {
  const { table } = scope;
  if (file.fault) return { file, why: file.fault };
  if (file.bytes === 0) return { file, why: "the file is empty", isBlank: true };
  if (file.format === "otlp") return await mapOtlp(table, file);
  try {
    const found = await columnsOf(scope, file);
    const isCopy = file.path.startsWith(scope.repairDirectory);
    if (file.format === "jsonl" && startsArray(found.lines) && !isCopy) {
      const mapped = await mapFile(scope, await unrolledArray(file, scope.repairDirectory));
      return "mapping" in mapped ? { ...mapped, isArray: true } : { ...mapped, file };
    }
    if (found.columns.length === 0) return { file, why: found.why, isBlank: found.isBlank };
    const mapping = mapColumns(table, found.columns);
    const { columns, delimiter, hasMark } = found;
    const wide =
      table === "metrics"
        ? wideMetrics(mapping, columns, found.lines, { format: file.format, delimiter })
        : null;
    if (!wide && mapping.missing.length > 0) {
      return { file, why: `it has no column for ${mapping.missing.join(" and ")}` };
    }
    const read = { table, file, readPath: file.path, compression: file.compression };
    const meaning = wide ? { mapping: wide.mapping, wide } : { mapping };
    return { ...read, columns, delimiter, hasMark, ...meaning };
  } catch (error) {
    if (error instanceof QueryStopped) throw error;
    return { file, why: reasonOf(error) };
  }
}

/** The tables that an OTLP file fills, found once by looking through it. */
function tablesIn(file: CaptureFile): Promise<ReadonlySet<TableName>> {
  const known = otlpTables.get(file);
  if (known) return known;
  const fields = new Map<string, TableName>(
    tableNames.flatMap((name) => {
      const field = otlpField[name];
      return field === undefined ? [] : [[`"${field}"`, name] as const];
    }),
  );
  const found = wordsIn(file, [...fields.keys()]).then(
    (words) => new Set([...words].flatMap((word) => fields.get(word) ?? [])),
  );
  otlpTables.set(file, found);
  return found;
}

const otlpTables = new WeakMap<CaptureFile, Promise<ReadonlySet<TableName>>>();

async function mapOtlp(table: TableName, file: CaptureFile): Promise<MappedFile | UnreadableFile> {
  const { lines, hasMark } = await sampleLines(file);
  const held = await tablesIn(file);
  if (!held.has(table)) {
    return { file, why: shapeFault(lines), isBlank: lines.length === 0, isOther: held.size > 0 };
  }
  const attributes = { name: "attributes", type: "JSON" };
  return {
    table,
    file,
    readPath: file.path,
    compression: file.compression,
    columns: [attributes],
    mapping: { of: new Map([["attributes", attributes]]), rest: [], missing: [] },
    delimiter: "",
    hasMark,
  };
}

async function columnsOf(scope: KeyScope, file: CaptureFile) {
  const { engine } = scope;
  if (file.format === "parquet") {
    const columns = await engine.describe(`SELECT * FROM read_parquet(${quoted(file.path)})`);
    const none = { lines: [], delimiter: "", hasMark: false, isBlank: false };
    return { ...none, columns, why: "it has no columns" };
  }
  const sample = await sampleLines(file);
  const { lines, hasMark } = sample;
  const why = shapeFault(lines);
  if (file.format === "csv" && why === foreignText) {
    return { lines, columns: [], delimiter: "", hasMark, why, isBlank: false };
  }
  const found =
    file.format === "csv"
      ? csvColumns(lines[0] ?? "")
      : { columns: await jsonlColumns(scope, file, sample), delimiter: "" };
  return { ...found, lines, hasMark, why, isBlank: lines.length === 0 };
}

const foreignText = "it is not UTF-8 text";

function startsArray(lines: readonly string[]): boolean {
  return (lines[0] ?? "").trimStart().startsWith("[");
}

function shapeFault(lines: readonly string[]): string {
  const start = (lines[0] ?? "").trim();
  if (start.includes("\0")) return foreignText;
  return "no readable line was found in it";
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

/** SQL that reads files alike in format and columns as rows of the table, plus `file`. */
export function readSql(table: TableName, files: readonly MappedFile[], options = ""): string {
  const groups = Map.groupBy(files, (f) =>
    table === "metrics" && f.file.format === "otlp"
      ? "otlp"
      : JSON.stringify([f.file.format, f.compression, f.columns, f.delimiter, f.wide?.measures]),
  );
  const parts = [...groups.values()].map((group) => groupSql(table, group, options));
  return parts.join("\nUNION ALL BY NAME\n");
}

/** The number of a row in its Parquet file, which tells the engine which parts of it to read. */
export const fileRow = "file_row";

function groupSql(table: TableName, group: readonly MappedFile[], csvOptions: string): string {
  const first = group[0] as MappedFile;
  if (first.file.format === "otlp") {
    const rows = otlpSql(table, (columns) => jsonReader(group, columns));
    return table === "metrics" ? `SELECT *, NULL::BIGINT AS ${fileRow} FROM (${rows})` : rows;
  }
  const fields = selectList(table, first.mapping);
  if (table === "metrics") fields[fileRow] = rowNumberOf(first);
  const list = Object.entries(fields)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(", ");
  const reader = readerOf(group, csvOptions);
  const from = first.wide ? unpivoted(reader, first.wide) : reader;
  const telling = tellingColumns(first).map((c) => `${named(c.name)} IS NULL`);
  const unreadable = first.file.format === "parquet" ? "false" : telling.join(" AND ");
  return `SELECT ${list}, filename AS file, ${unreadable} AS unreadable FROM ${from}`;
}

function rowNumberOf({ file, columns, wide }: MappedFile): string {
  // A row of a wide table becomes many.
  if (wide) return "NULL::BIGINT";
  const own = "file_row_number";
  const isTaken = columns.some(({ name }) => name.toLowerCase() === own);
  return file.format === "parquet" && !isTaken ? own : "NULL::BIGINT";
}

/** Columns that are all absent only where a line could not be read at all. */
export function tellingColumns({ mapping, wide }: MappedFile): readonly RawColumn[] {
  if (wide) return [wide.time, wide.measures[0]?.column].filter((c) => c !== undefined);
  const names = ["timestamp", "start", "body", "metric", "span_id", "ref"];
  return names.flatMap((name) => mapping.of.get(name) ?? []);
}

/** Statements that must run before the table's files can be read as rows. */
export function preparation(table: TableName, files: readonly MappedFile[]): readonly string[] {
  const otlp = files.filter((mapped) => mapped.file.format === "otlp");
  if (table !== "metrics" || otlp.length === 0) return [];
  // Compressed and plain files cannot share one reader.
  const groups = [...Map.groupBy(otlp, (mapped) => mapped.compression).values()];
  return otlpMetricStatements((columns) => {
    const readers = groups.map((group) => `SELECT * FROM ${jsonReader(group, columns)}`);
    return `(${readers.join(" UNION ALL ")})`;
  });
}

function readerOf(group: readonly MappedFile[], csvOptions: string): string {
  const { file, columns, delimiter } = group[0] as MappedFile;
  if (file.format === "parquet") return `read_parquet(${pathsOf(group)}, filename = true)`;
  const types = columns.map((c) => `${quoted(c.name)}: ${quoted(c.type)}`).join(", ");
  if (file.format === "jsonl") return jsonReader(group, types);
  return `read_csv(${pathsOf(group)}, auto_detect = false, header = true,
    delim = ${quoted(delimiter)}, quote = '"', escape = '"', ${textOptions(group, types)}${csvOptions})`;
}

function jsonReader(group: readonly MappedFile[], types: string): string {
  return `read_json(${pathsOf(group)}, format = 'newline_delimited',
    maximum_object_size = ${lineBytesMax}, ${textOptions(group, types)})`;
}

function pathsOf(group: readonly MappedFile[]): string {
  return `[${group.map((mapped) => quoted(mapped.readPath)).join(", ")}]`;
}

function textOptions(group: readonly MappedFile[], types: string): string {
  const compression = group[0]?.compression ?? "none";
  const said = compression === "none" ? "uncompressed" : compression;
  return `columns = {${types}}, filename = true, ignore_errors = true, compression = '${said}'`;
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
