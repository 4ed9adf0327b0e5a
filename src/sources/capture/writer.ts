import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { UserError } from "../../core/errors.ts";
import type { Window } from "../../core/window.ts";
import { type CaptureRows, type CaptureTable, captureColumns } from "./rows.ts";

export interface CaptureWriterOptions {
  /** The folder to be. Until {@link CaptureWriter.finish} everything is in `<dir>.partial`. */
  dir: string;
  /** Free space below which nothing is written, in bytes. Default 64 MiB. */
  freeBytesMin?: number;
  /** How free space is measured, in bytes; tests fill the disk with it. */
  freeBytes?: (dir: string) => Promise<number>;
  /** Go on with the parts that a run which was cut off left; by default they are dropped. */
  resume?: boolean;
  /** Rows held in memory before {@link CaptureWriter.refusal} asks to wait. Default 400,000. */
  bufferedRowsMax?: number;
}

/** Why no rows are taken now: too many wait already, or the disk refuses them. */
export interface Refusal {
  kind: "full" | "broken";
  /** For the sender; names none of our paths. */
  reason: string;
}

const tables: readonly CaptureTable[] = ["metrics", "logs", "spans"];

// DuckDB's own vector size: the number of rows that an appender takes at once.
const chunkRowsMax = 2048;

/**
 * Writes the tables of a capture as numbered Parquet parts (`logs-0001.parquet`).
 *
 * Rows wait in memory until {@link flush}; a part appears under its name only once it is complete,
 * and rows leave memory only once their part is there. So a full disk costs nothing that was
 * accepted: the writer refuses new rows and keeps trying the old ones.
 */
export class CaptureWriter {
  readonly #dir: string;
  readonly #partialDir: string;
  readonly #freeBytesMin: number;
  readonly #freeBytes: (dir: string) => Promise<number>;
  readonly #bufferedRowsMax: number;
  readonly #connection: DuckDBConnection;
  readonly #buffers: { [T in CaptureTable]: RowBuffer<CaptureRows[T]> };
  #fault: string | null = null;
  #flushing: Promise<void> = Promise.resolve();

  static async open(options: CaptureWriterOptions): Promise<CaptureWriter> {
    const dir = resolve(options.dir);
    if (existsSync(dir))
      throw new UserError(`${options.dir} exists already; choose another folder`);
    if (!options.resume) await rm(`${dir}.partial`, { recursive: true, force: true });
    await mkdir(`${dir}.partial`, { recursive: true });
    const left = await readdir(`${dir}.partial`);
    for (const name of left.filter((one) => one.endsWith(".tmp"))) {
      await rm(join(`${dir}.partial`, name));
    }
    const instance = await DuckDBInstance.create(":memory:", {
      threads: "1",
      memory_limit: "512MB",
    });
    return new CaptureWriter(dir, options, await instance.connect(), left);
  }

  private constructor(
    dir: string,
    options: CaptureWriterOptions,
    connection: DuckDBConnection,
    left: readonly string[],
  ) {
    this.#dir = dir;
    this.#partialDir = `${dir}.partial`;
    this.#freeBytesMin = options.freeBytesMin ?? 64 * 1024 * 1024;
    this.#freeBytes = options.freeBytes ?? freeBytesOf;
    this.#bufferedRowsMax = options.bufferedRowsMax ?? 400_000;
    this.#connection = connection;
    this.#buffers = {
      metrics: new RowBuffer("metrics", connection, lastPart("metrics", left)),
      logs: new RowBuffer("logs", connection, lastPart("logs", left)),
      spans: new RowBuffer("spans", connection, lastPart("spans", left)),
    };
  }

  /** Null while rows are welcome. Ask before reading a request: what is added is kept. */
  refusal(): Refusal | null {
    if (this.#fault) return { kind: "broken", reason: senderReason(this.#fault) };
    if (this.bufferedRows() < this.#bufferedRowsMax) return null;
    return { kind: "full", reason: `${this.#bufferedRowsMax} rows wait to be written` };
  }

  /** Takes rows into memory; {@link flush} writes them. */
  add<T extends CaptureTable>(table: T, rows: CaptureRows[T][]): Promise<void> {
    return this.#buffers[table].append(rows);
  }

  bufferedRows(): number {
    return tables.reduce((sum, table) => sum + this.#buffers[table].rows, 0);
  }

  /** Writes what waits as one part per table. A failure is kept as the reason to refuse rows. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushNow());
    return this.#flushing;
  }

  /**
   * Writes the rest and gives the folder its name. Throws if rows cannot be written. `describe` is
   * told when the first and the last row happened (null without rows), and gives further files.
   */
  async finish(describe?: (reach: Window | null) => Readonly<Record<string, string>>) {
    await this.flush();
    if (this.#fault)
      throw new Error(`capture not finished, parts are in ${this.#partialDir}: ${this.#fault}`);
    if (describe) {
      for (const [name, text] of Object.entries(describe(await this.#reach()))) {
        await writeFile(join(this.#partialDir, name), text);
      }
    }
    this.#connection.closeSync();
    await rename(this.#partialDir, this.#dir);
    return this.#dir;
  }

  /** Drops everything, written or not. */
  async abandon(): Promise<void> {
    await this.#flushing;
    this.#connection.closeSync();
    await rm(this.#partialDir, { recursive: true, force: true });
  }

  async #flushNow(): Promise<void> {
    try {
      if (this.bufferedRows() > 0) await this.#requireFreeSpace();
      for (const table of tables) await this.#buffers[table].writeParts(this.#partialDir);
      this.#fault = null;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
  }

  async #reach(): Promise<Window | null> {
    const parts = (await readdir(this.#partialDir)).filter((name) => name.endsWith(".parquet"));
    const times = parts.map((name) => {
      const column = name.startsWith("spans") ? "start" : "timestamp";
      const path = join(this.#partialDir, name).replaceAll("'", "''");
      return `SELECT epoch_ms("${column}") AS t FROM read_parquet('${path}')`;
    });
    if (times.length === 0) return null;
    const sql = `SELECT CAST(min(t) AS DOUBLE), CAST(max(t) AS DOUBLE) FROM (${times.join(" UNION ALL ")})`;
    const [row] = (await this.#connection.runAndReadAll(sql)).getRows();
    const [from, to] = (row ?? []).map(Number);
    return from === undefined || to === undefined ? null : { from, to: to + 1 };
  }

  async #requireFreeSpace(): Promise<void> {
    const freeBytes = await this.#freeBytes(this.#partialDir);
    if (freeBytes >= this.#freeBytesMin) return;
    throw new Error(`disk full: ${freeBytes} bytes free, ${this.#freeBytesMin} needed`);
  }
}

/**
 * Rows of one table on their way to disk: the newest in a chunk, then in a DuckDB table. A flush
 * closes that table and opens the next, so rows may arrive while a part is being written.
 */
class RowBuffer<Row> {
  readonly #table: CaptureTable;
  readonly #connection: DuckDBConnection;
  readonly #columns: readonly (readonly [name: string, type: string])[];
  #waiting: Row[] = [];
  #open: { name: string; appender: DuckDBAppender; rows: number } | null = null;
  #closed: { name: string; rows: number }[] = [];
  #generation = 0;
  #part: number;

  constructor(table: CaptureTable, connection: DuckDBConnection, part: number) {
    this.#part = part;
    this.#table = table;
    this.#connection = connection;
    this.#columns = Object.entries(captureColumns[table]);
  }

  get rows(): number {
    const closed = this.#closed.reduce((sum, { rows }) => sum + rows, 0);
    return this.#waiting.length + (this.#open?.rows ?? 0) + closed;
  }

  async append(rows: Row[]): Promise<void> {
    for (const row of rows) this.#waiting.push(row);
    while (this.#waiting.length >= chunkRowsMax) {
      if (this.#open) this.#appendChunk(this.#open);
      else await this.#openTable();
    }
  }

  async writeParts(dir: string): Promise<void> {
    await this.#closeTable();
    for (let next = this.#closed[0]; next; next = this.#closed[0]) {
      const name = `${this.#table}-${String(this.#part + 1).padStart(4, "0")}.parquet`;
      const path = join(dir, name);
      await this.#connection.run(
        `COPY ${next.name} TO '${`${path}.tmp`.replaceAll("'", "''")}'
         (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)`,
      );
      await rename(`${path}.tmp`, path);
      this.#part += 1;
      this.#closed.shift();
      await this.#connection.run(`DROP TABLE ${next.name}`);
    }
  }

  async #openTable(): Promise<void> {
    this.#generation += 1;
    const name = `${this.#table}_${this.#generation}`;
    const columns = this.#columns.map(([column, type]) => `"${column}" ${type}`).join(", ");
    await this.#connection.run(`CREATE TABLE ${name} (${columns})`);
    const appender = await this.#connection.createAppender(name);
    // Another caller may have opened a table meanwhile: theirs may hold rows already, so keep it.
    if (this.#open) appender.closeSync();
    else this.#open = { name, appender, rows: 0 };
  }

  async #closeTable(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#open) this.#appendChunk(this.#open);
      else await this.#openTable();
    }
    if (!this.#open) return;
    const { name, rows, appender } = this.#open;
    this.#open = null;
    appender.closeSync();
    this.#closed.push({ name, rows });
  }

  #appendChunk(target: { appender: DuckDBAppender; rows: number }): void {
    const rows = this.#waiting.splice(0, chunkRowsMax);
    const types: DuckDBType[] = this.#columns.map((_, index) => target.appender.columnType(index));
    const chunk = DuckDBDataChunk.create(types, rows.length);
    for (const [index, [column, type]] of this.#columns.entries()) {
      const read = (row: Row) => row[column as keyof Row] as string | number | null;
      chunk.setColumnValues(index, rows.map(type === "TIMESTAMP" ? timestampOf(read) : read));
    }
    target.appender.appendDataChunk(chunk);
    target.rows += rows.length;
  }
}

/** The number of the last part of a table among file names; 0 without one. */
function lastPart(table: CaptureTable, names: readonly string[]): number {
  const numbers = names.map((name) =>
    Number(new RegExp(`^${table}-(\\d+)\\.parquet$`).exec(name)?.[1]),
  );
  return Math.max(0, ...numbers.filter((number) => number > 0));
}

/** What a sender is told: the kind of fault, and none of our paths. */
function senderReason(fault: string): string {
  if (/disk full|no space left/i.test(fault)) return "the disk is full; what was accepted is kept";
  return "the capture cannot be written; what was accepted is kept";
}

async function freeBytesOf(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}

/** Epoch ms -> DuckDB timestamp, which counts microseconds. */
function timestampOf<Row>(read: (row: Row) => string | number | null): (row: Row) => DuckDBValue {
  return (row) => new DuckDBTimestampValue(BigInt(Math.round(Number(read(row)) * 1000)));
}
