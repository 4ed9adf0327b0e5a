import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import { type Engine, number } from "./engine.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { migrate } from "./schema.ts";
import { sqlStore } from "./sql-store.ts";

export interface PostgresOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Schema for the tables; made when it is missing. */
  readonly schema?: string;
  readonly connectionsMax?: number;
  readonly onIdleFault?: (fault: Error) => void;
  /** Time of leases. The database's own unless given, since machines disagree. */
  readonly leaseClock?: Clock;
}

const connectionsDefault = 10;

/** The shared store: several processes on several machines. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const schema = options.schema ?? "public";
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new Error(`"${schema}" cannot name a schema: use a-z, 0-9 and _`);
  }
  const engine = openPostgresEngine({
    url: options.url,
    schema,
    connectionsMax: options.connectionsMax ?? connectionsDefault,
    onIdleFault: options.onIdleFault ?? (() => {}),
  });
  try {
    await makeSchema(engine, schema);
    await migrate(engine);
  } catch (fault) {
    await engine.close();
    throw fault;
  }
  const { clock, ids, leaseClock } = options;
  const leaseTime = leaseClock ? async () => leaseClock.now() : () => databaseTime(engine);
  return sqlStore({ engine, clock, ids, leaseClock: leaseTime });
}

/** `IF NOT EXISTS` alone asks for the right to create even when it is there. */
function makeSchema(engine: Engine, schema: string): Promise<void> {
  return engine.transaction({ durable: true }, async (inside) => {
    await inside.lock("schema");
    const found = await inside.all("SELECT 1 AS found FROM pg_namespace WHERE nspname = ?", [
      schema,
    ]);
    if (found.length === 0) await inside.run(`CREATE SCHEMA ${schema}`);
  });
}

async function databaseTime(engine: Engine): Promise<number> {
  const [row] = await engine.all(
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now",
  );
  if (!row) throw new Error("the database gave no time");
  return number(row, "now");
}
