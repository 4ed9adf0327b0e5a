import { emptyFrame, type Frame, numbers, texts } from "../../core/frame.ts";
import type { Gap } from "../../core/outcome.ts";
import { type Engine, QueryStopped, type Stop } from "./engine.ts";
import { describeFaults } from "./faults.ts";
import type { CaptureFile, TableName } from "./files.ts";
import { repairFile } from "./repair.ts";
import { fileGap, fileRow, type MappedFile, preparation, readSql, reasonOf } from "./tables.ts";

const usable: Record<TableName, string> = {
  metrics: "is_possible_time(timestamp) AND metric IS NOT NULL AND isfinite(value)",
  logs: "is_possible_time(timestamp)",
  spans: "is_possible_time(start) AND duration_ms >= 0 AND isfinite(duration_ms)",
  changes: "is_possible_time(timestamp)",
};

/** The views of a table: `logs_read` holds every row, `logs` those that can be used. */
export function viewStatements(table: TableName, files: readonly MappedFile[]): readonly string[] {
  return [
    ...preparation(table, files),
    `CREATE OR REPLACE VIEW ${table}_read AS ${readSql(table, files)}`,
    viewStatement(table, usable[table]),
  ];
}

function viewStatement(table: TableName, condition: string): string {
  const inner = ["file", "unreadable", ...(table === "metrics" ? [fileRow] : [])];
  return `CREATE OR REPLACE VIEW ${table} AS
    SELECT * EXCLUDE (${inner.join(", ")}) FROM ${table}_read WHERE ${condition}`;
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
  const rejects = `SELECT file_path AS file, count(DISTINCT line) AS lines,
    count_if(error_type = 'UNQUOTED VALUE') AS open_quotes
    FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY file_path`;
  return isCsv ? [census, rejects] : [census];
}

/** What reading the files of a table once has shown. */
export interface Census {
  readonly readable: readonly MappedFile[];
  readonly broken: readonly { file: CaptureFile; why: string }[];
  readonly rows: number;
  /** Epoch ms; NaN without rows. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Lines that could not be used, per file. */
  readonly gaps: readonly Gap[];
}

/** What a query that answers something else has counted on the way, over all files together. */
export interface Totals {
  readonly usable: number;
  readonly unreadable: number;
  readonly badTime: number;
  readonly badValue: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Totals as a census; null when there are faults and more than one file that may hold them. */
export function censusOfTotals(totals: Totals, files: readonly MappedFile[]): Frame | null {
  const faults = totals.unreadable + totals.badTime + totals.badValue;
  const only = files.length === 1 ? files[0] : undefined;
  if (!only && faults > 0) return null;
  const number = (name: string, value: number) => ({
    name,
    type: "number" as const,
    values: Float64Array.of(value),
  });
  return {
    length: 1,
    columns: [
      { name: "file", type: "text", values: [only?.readPath ?? null] },
      number("usable", totals.usable),
      number("unreadable", totals.unreadable),
      number("bad_time", totals.badTime),
      number("bad_value", totals.badValue),
      number("first_at", totals.firstAt),
      number("last_at", totals.lastAt),
    ],
  };
}

/** The least of the values that are numbers; NaN without one. */
export function least(values: Iterable<number | null>): number {
  let best = Number.NaN;
  for (const value of values) if (value !== null && !(value >= best)) best = value;
  return best;
}

/** Where the files of a table are read, and where copies of broken ones may go. */
export interface CensusScope {
  readonly engine: Engine;
  readonly table: TableName;
  readonly repairDirectory: string;
  readonly stop: Stop;
}

/** Makes the table's views and reads everything once. What breaks the reading is left out. */
export async function takeCensus(
  scope: CensusScope,
  mapped: readonly MappedFile[],
): Promise<Census> {
  const ready: MappedFile[] = [];
  for (const one of mapped) ready.push((await repairedMark(scope, one)) ?? one);
  const read = await readOrIsolate(scope, ready);
  return await censusFrom(scope, read.readable, read.broken, read.frame);
}

/** The census that a frame of `censusColumns` amounts to, with the first line numbers of faults. */
export async function censusFrom(
  scope: Pick<CensusScope, "table">,
  readable: readonly MappedFile[],
  broken: Census["broken"],
  frame: Frame,
): Promise<Census> {
  return {
    readable,
    broken,
    rows: numbers(frame, "usable").reduce((a, b) => a + b, 0),
    firstAt: least(numbers(frame, "first_at")),
    lastAt: -least(numbers(frame, "last_at").map((n) => -n)),
    gaps: await faultGaps(scope.table, readable, frame),
  };
}

/**
 * JSON Lines with a byte order mark would lose their first line; small files are copied without.
 */
async function repairedMark(scope: CensusScope, mapped: MappedFile): Promise<MappedFile | null> {
  const isHurt = mapped.hasMark && mapped.file.format === "jsonl";
  if (!isHurt || mapped.file.bytes > markRepairBytesMax) return null;
  return await repairFile(mapped, scope.repairDirectory);
}

const markRepairBytesMax = 256_000_000;

interface Reading {
  readonly readable: readonly MappedFile[];
  readonly broken: Census["broken"];
  readonly frame: Frame;
}

/**
 * All files at once; where that breaks, file by file, repairing or leaving out those that break.
 */
async function readOrIsolate(scope: CensusScope, mapped: readonly MappedFile[]): Promise<Reading> {
  if (mapped.length === 0) return { readable: [], broken: [], frame: emptyFrame };
  try {
    const { frame, openQuotes } = await readAll(scope, mapped);
    if (openQuotes.length === 0) return { readable: mapped, broken: [], frame };
    const again = await Promise.all(
      mapped.map(async (one) =>
        openQuotes.includes(one.readPath) && one.readPath === one.file.path
          ? ((await repairFile(one, scope.repairDirectory)) ?? one)
          : one,
      ),
    );
    return { readable: again, broken: [], frame: (await readAll(scope, again)).frame };
  } catch (error) {
    if (error instanceof QueryStopped) throw error;
    if (mapped.length === 1) return await repairOne(scope, mapped[0] as MappedFile, error);
  }
  const readable: MappedFile[] = [];
  const broken: { file: CaptureFile; why: string }[] = [];
  for (const one of mapped) {
    const alone = await readOrIsolate(scope, [one]);
    readable.push(...alone.readable);
    broken.push(...alone.broken);
  }
  const frame = readable.length > 0 ? (await readAll(scope, readable)).frame : emptyFrame;
  return { readable, broken, frame };
}

async function repairOne(scope: CensusScope, one: MappedFile, error: unknown): Promise<Reading> {
  const isRepaired = one.readPath !== one.file.path;
  const repaired = isRepaired ? null : await repairFile(one, scope.repairDirectory);
  if (repaired) return await readOrIsolate(scope, [repaired]);
  return { readable: [], broken: [{ file: one.file, why: reasonOf(error) }], frame: emptyFrame };
}

async function readAll(scope: CensusScope, files: readonly MappedFile[]) {
  const { engine, table, stop } = scope;
  await engine.execute(viewStatements(table, files), stop);
  const whole = await wholeCensus(scope, files);
  if (whole) return { frame: whole, openQuotes: [] };
  const [census, rejects] = await engine.queryAll(censusStatements(table, files), stop);
  const frame = withRejects(census ?? emptyFrame, rejects ?? emptyFrame);
  const open = rejects ? numbers(rejects, "open_quotes") : new Float64Array();
  const openQuotes = rejects ? texts(rejects, "file").filter((_, row) => (open[row] ?? 0) > 0) : [];
  return { frame, openQuotes };
}

/**
 * The census of Parquet files without a fault, which is nearly always and costs half; else null.
 * Their views then need no condition: a file that ends with its index does not change under us.
 * Every time and number is read, although statistics tell their reach: pages may be spoiled.
 */
async function wholeCensus(
  { engine, table, stop }: CensusScope,
  files: readonly MappedFile[],
): Promise<Frame | null> {
  if (files.some((mapped) => mapped.file.format !== "parquet")) return null;
  const time = table === "spans" ? "start" : "timestamp";
  const frame = await engine.query(
    `SELECT count(*) AS rows, count_if(${usable[table]}) AS usable, ms(min(${time})) AS first_at,
  ms(max(${time})) AS last_at FROM ${table}_read`,
    stop,
  );
  const value = (name: string) => numbers(frame, name)[0] as number;
  if (value("usable") !== value("rows")) return null;
  await engine.execute([viewStatement(table, "true")], stop);
  const faults = { unreadable: 0, badTime: 0, badValue: 0 };
  const reach = { firstAt: value("first_at"), lastAt: value("last_at") };
  return censusOfTotals({ usable: value("usable"), ...faults, ...reach }, files);
}

/** Lines that the CSV reader threw out are missing from the rows; they are counted apart. */
function withRejects(census: Frame, rejects: Frame): Frame {
  const files = [...texts(census, "file")];
  const rejected = texts(rejects, "file");
  const extra = rejected.filter((file) => !files.includes(file));
  const length = census.length + extra.length;
  const columns = ["usable", "unreadable", "bad_time", "bad_value", "first_at", "last_at"].map(
    (name) => {
      const values = new Float64Array(length).fill(name.endsWith("_at") ? Number.NaN : 0);
      values.set(numbers(census, name));
      if (name === "unreadable") {
        for (const [row, file] of [...files, ...extra].entries()) {
          const at = rejected.indexOf(file);
          if (at >= 0) values[row] = (values[row] ?? 0) + (numbers(rejects, "lines")[at] ?? 0);
        }
      }
      return { name, type: "number" as const, values };
    },
  );
  return {
    columns: [...columns, { name: "file", type: "text", values: [...files, ...extra] }],
    length,
  };
}

async function faultGaps(
  name: TableName,
  files: readonly MappedFile[],
  census: Frame,
): Promise<Gap[]> {
  const gaps: Gap[] = [];
  const paths = texts(census, "file");
  for (const mapped of files) {
    const row = paths.indexOf(mapped.readPath);
    if (row < 0) continue;
    const count = (column: string) => numbers(census, column)[row] ?? 0;
    const why = await describeFaults(mapped, {
      unreadable: count("unreadable"),
      badTime: count("bad_time"),
      badValue: count("bad_value"),
    });
    if (why) gaps.push(fileGap(name, mapped.file.name, why, effectOf(count("usable"))));
  }
  return gaps;
}

function effectOf(usableRows: number): string {
  return usableRows === 0
    ? "nothing in this file was used"
    : `these rows are not counted; ${usableRows} others of the file are`;
}
