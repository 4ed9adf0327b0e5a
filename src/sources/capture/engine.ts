import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import type { Frame } from "../../core/frame.ts";
import { systemClock } from "../../platform/clock.ts";
import { frameFromChunks } from "./duck-frame.ts";
import { quoted } from "./duck-sql.ts";
import { captureMacros } from "./macros.ts";
import { otlpMacros } from "./otlp.ts";

/**
 * Ceilings of one engine. DuckDB's limit is not a cap of the process, so it is set well below it.
 */
export const engineLimits = { memory: "1GB", threads: 2, spill: "20GB" } as const;

/** What stops a query early. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly deadline: number;
}

/** The query was stopped before its end. */
export class QueryStopped extends Error {
  readonly reason: "cancelled" | "timed-out";
  constructor(reason: "cancelled" | "timed-out") {
    super(reason);
    this.reason = reason;
  }
}

/** DuckDB in this process, over files that stay where they are. Statements run one at a time. */
export interface Engine {
  /** Runs one statement and holds its whole result. Throws `QueryStopped` or DuckDB's own error. */
  query(sql: string, stop: Stop): Promise<Frame>;
  /** Several on one connection of their own: a later one sees what an earlier one left there. */
  queryAll(statements: readonly string[], stop: Stop): Promise<readonly Frame[]>;
  /** The whole result as DuckDB holds it; a text becomes a string only when it is looked at. */
  chunks(sql: string, stop: Stop): Promise<readonly DuckDBDataChunk[]>;
  /** Hands over the result piece by piece, as DuckDB's own vectors. */
  stream(sql: string, stop: Stop, take: (chunk: DuckDBDataChunk) => void): Promise<void>;
  /** Statements that make views or tables, in one go; in order, without a result. */
  execute(statements: readonly string[], stop: Stop): Promise<void>;
  /** Columns and types of a query, without running it. */
  describe(sql: string): Promise<readonly { name: string; type: string }[]>;
  /** From now on only these files and this directory can be read, and no setting changed. */
  lock(files: readonly string[], directory: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts an engine. The vendor's code is loaded here and not before. */
export async function openEngine(): Promise<Engine> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: engineLimits.memory,
    threads: String(engineLimits.threads),
    preserve_insertion_order: "false",
    max_temp_directory_size: engineLimits.spill,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const setup = await instance.connect();
  // Files are read again and again, samples block by block: their indexes are parsed once.
  const settings = ["SET GLOBAL TimeZone = 'UTC'", "SET GLOBAL parquet_metadata_cache = true"];
  // In one go: each statement of its own would be a trip to another thread and back.
  await setup.run([...settings, ...captureMacros, ...otlpMacros].join(";\n"));
  return engineOn(instance, setup);
}

function engineOn(instance: DuckDBInstance, setup: DuckDBConnection): Engine {
  let last: Promise<unknown> = Promise.resolve();
  // A connection that is there already begins at once; a new one is a trip to another thread, which
  // a busy caller would hold up.
  let idle: DuckDBConnection | null = null;
  const inTurn = <T>(
    stop: Stop,
    work: (connection: DuckDBConnection) => Promise<T>,
    leavesTraces = false,
  ) => {
    const turn = last.then(async () => {
      const connection = idle ?? (await instance.connect());
      idle = null;
      const result = await withStop(connection, stop, work);
      if (leavesTraces) connection.closeSync();
      else idle = connection;
      return result;
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  const framesOf = async (connection: DuckDBConnection, statements: readonly string[]) => {
    const frames: Frame[] = [];
    for (const sql of statements) frames.push(await frameOf(connection, sql));
    return frames;
  };
  return {
    query: (sql, stop) => inTurn(stop, (connection) => frameOf(connection, sql)),
    queryAll: (statements, stop) =>
      inTurn(stop, (connection) => framesOf(connection, statements), true),
    chunks: (sql, stop) =>
      inTurn(stop, async (connection) => await (await connection.run(sql)).fetchAllChunks()),
    stream: (sql, stop, take) =>
      inTurn(stop, async (connection) => {
        const result = await connection.stream(sql);
        let next = result.fetchChunk();
        for (let chunk = await next; chunk?.rowCount; chunk = await next) {
          // The engine makes the next piece while this one is looked at.
          next = result.fetchChunk();
          try {
            take(chunk);
          } catch (error) {
            await next.catch(() => undefined);
            throw error;
          }
        }
      }),
    execute: (statements, stop) =>
      inTurn(stop, async (connection) => {
        if (statements.length > 0) await connection.run(statements.join(";\n"));
      }),
    async describe(sql) {
      const reader = await setup.runAndReadAll(`DESCRIBE ${sql}`);
      return reader.getRows().map((row) => ({ name: String(row[0]), type: String(row[1]) }));
    },
    async lock(files, directory) {
      const settings = [
        `SET temp_directory = ${quoted(join(directory, "spill"))}`,
        `SET allowed_paths = [${files.map(quoted).join(", ")}]`,
        `SET allowed_directories = [${quoted(`${directory}/`)}]`,
        "SET enable_external_access = false",
        "SET lock_configuration = true",
      ];
      await setup.run(settings.join(";\n"));
    },
    async close() {
      await last;
      idle?.closeSync();
      setup.closeSync();
      instance.closeSync();
    },
  };
}

/** Milliseconds until the deadline; throws `QueryStopped` when it has passed or on an abort. */
export function timeLeft(stop: Stop): number {
  if (stop.signal.aborted) throw new QueryStopped("cancelled");
  const left = stop.deadline - systemClock.now();
  if (left <= 0) throw new QueryStopped("timed-out");
  return left;
}

async function frameOf(connection: DuckDBConnection, sql: string): Promise<Frame> {
  const result = await connection.run(sql);
  const chunks = await result.fetchAllChunks();
  return frameFromChunks(result.columnNames(), result.columnTypes(), chunks);
}

/** Closes the connection where the work does not come to its end. */
async function withStop<T>(
  connection: DuckDBConnection,
  stop: Stop,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  let stopped: QueryStopped | null = null;
  const halt = (reason: "cancelled" | "timed-out") => {
    stopped ??= new QueryStopped(reason);
    connection.interrupt();
  };
  const onAbort = () => halt("cancelled");
  stop.signal.addEventListener("abort", onAbort, { once: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    timer = setTimeout(() => halt("timed-out"), Math.min(timeLeft(stop), 2 ** 31 - 1));
    timer.unref();
    const result = await work(connection);
    if (stopped) throw stopped;
    return result;
  } catch (error) {
    connection.closeSync();
    throw stopped ?? error;
  } finally {
    clearTimeout(timer);
    stop.signal.removeEventListener("abort", onAbort);
  }
}
