import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine, Row } from "./engine.ts";

/** How long a write waits for another process that is writing, and how often it looks. */
const busyWaitMs = 15_000;
const busyPollMs = 5;
/** Statements kept prepared; the stores have fewer. */
const statementsMax = 200;

/**
 * One connection to one file in write-ahead mode, so that several processes may share it. Calls
 * take turns: a transaction of one caller never swallows a statement of another.
 */
export async function openSqliteEngine(path: string): Promise<Engine> {
  const database = new DatabaseSync(path, { timeout: 0 });
  await patiently(async () => database.exec("PRAGMA journal_mode = WAL"));
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 1000;");
  database.exec("PRAGMA journal_size_limit = 67108864;");
  const statements = new Map<string, StatementSync>();
  let turn: Promise<unknown> = Promise.resolve();

  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= statementsMax) statements.clear();
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const inside: Engine = {
    dialect: "sqlite",
    all: async (sql, values = []) => prepare(sql).all(...values) as Row[],
    run: async (sql, values = []) => Number(prepare(sql).run(...values).changes),
    transaction: (_options, work) => work(inside),
    lock: async () => {},
    isUniqueFault: (fault) =>
      fault instanceof Error && /UNIQUE constraint failed|PRIMARY KEY/.test(fault.message),
    close: async () => {},
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  return {
    ...inside,
    all: (sql, values) => inTurn(() => patiently(() => inside.all(sql, values))),
    run: (sql, values) => inTurn(() => patiently(() => inside.run(sql, values))),
    transaction: (options, work) =>
      inTurn(async () => {
        if (options.durable) database.exec("PRAGMA synchronous = FULL");
        try {
          await patiently(async () => database.exec("BEGIN IMMEDIATE"));
          const result = await work(inside);
          database.exec("COMMIT");
          return result;
        } catch (fault) {
          if (database.isTransaction) database.exec("ROLLBACK");
          throw fault;
        } finally {
          if (options.durable) database.exec("PRAGMA synchronous = NORMAL");
        }
      }),
    close: () =>
      inTurn(async () => {
        statements.clear();
        database.close();
      }),
  };
}

/**
 * Tries again while another connection writes. SQLite's own waiting would stop the whole process,
 * and with two connections in one process for ever.
 */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += busyPollMs) {
    try {
      return await work();
    } catch (fault) {
      if (!isBusy(fault) || waitedMs >= busyWaitMs) throw fault;
      await delay(busyPollMs);
    }
  }
}

/** Primary result code 5, SQLITE_BUSY, in the low byte. https://sqlite.org/rescode.html */
function isBusy(fault: unknown): boolean {
  const code = fault instanceof Error && "errcode" in fault ? fault.errcode : null;
  return typeof code === "number" && (code & 0xff) === 5;
}
