import pg from "pg";
import type { Engine, Row, Value } from "./engine.ts";

export interface PostgresConnection {
  readonly url: string;
  /** Schema that holds the tables, so that a database can be shared; `public` by default. */
  readonly schema: string;
  /** Connections of this process at most. */
  readonly connectionsMax: number;
  /** Told when the server drops an idle connection; the pool makes a new one by itself. */
  readonly onIdleFault: (fault: Error) => void;
}

const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;
/**
 * Postgres codes: unique_violation. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const uniqueViolation = "23505";

/** A pool of connections; each transaction has one of its own. */
export function openPostgresEngine(connection: PostgresConnection): Engine {
  const pool = new pg.Pool({
    connectionString: connection.url,
    max: connection.connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    application_name: "shodo",
    options: `-c search_path=${connection.schema}`,
    types: { getTypeParser: numbersAsNumbers },
  });
  pool.on("error", connection.onIdleFault);
  return {
    ...statements(pool),
    transaction: (_options, work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

function statements(runner: pg.Pool | pg.PoolClient): Engine {
  const query = (sql: string, values: readonly Value[]) =>
    runner.query({ text: numbered(sql), values: values.map(sendable) });
  return {
    dialect: "postgres",
    all: async (sql, values = []) => (await query(sql, values)).rows as Row[],
    run: async (sql, values = []) => (await query(sql, values)).rowCount ?? 0,
    lock: async (name) => {
      await query("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", [name]);
    },
    isUniqueFault: (fault) =>
      fault instanceof Error && "code" in fault && fault.code === uniqueViolation,
    transaction: () => {
      throw new Error("a transaction within a transaction");
    },
    close: async () => {},
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (inside: Engine) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = false;
  const onFault = () => {
    isBroken = true;
  };
  client.on("error", onFault);
  const own = statements(client);
  const inside: Engine = { ...own, transaction: (_options, nested) => nested(inside) };
  try {
    await client.query("BEGIN");
    const result = await work(inside);
    await client.query("COMMIT");
    return result;
  } catch (fault) {
    await client.query("ROLLBACK").catch(onFault);
    throw fault;
  } finally {
    client.removeListener("error", onFault);
    client.release(isBroken);
  }
}

/** `?` becomes `$1`, `$2`, …; no statement of ours has a question mark inside a literal. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll("?", () => {
    count += 1;
    return `$${count}`;
  });
}

/** Postgres text cannot hold NUL. */
function sendable(value: Value): Value | Buffer {
  if (typeof value === "string") return value.replaceAll("\u0000", "\uFFFD");
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** Counts and times arrive as numbers: all stay far below 2^53. */
function numbersAsNumbers(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  const bigint = 20;
  const numeric = 1700;
  if (oid === bigint || oid === numeric) return Number;
  return pg.types.getTypeParser(oid, format as "text");
}
