import { createRequire } from "node:module";
import type Pg from "pg";

// Required, not imported: the instrumentation patches CommonJS packages as they are required.
const pg = createRequire(import.meta.url)("pg") as typeof Pg;

/** The service's connection pool. A caller waits at most three seconds for a connection. */
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.SHOP_POOL_MAX ?? 8),
  connectionTimeoutMillis: 3_000,
  idleTimeoutMillis: 60_000,
});

// A lost connection is reported by the query that needed it.
pool.on("error", () => undefined);

/** Runs one statement on a pooled connection and returns its rows. */
export async function query<Row extends Pg.QueryResultRow>(
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const result = await pool.query<Row>(sql, values);
  return result.rows;
}

/** Runs `work` in one transaction; rolls back when it throws. */
export async function transaction<Result>(
  work: (client: Pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}
