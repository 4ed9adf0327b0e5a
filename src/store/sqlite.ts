import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import { migrate } from "./schema.ts";
import { sqlStore } from "./sql-store.ts";
import { openSqliteEngine } from "./sqlite-engine.ts";

export interface SqliteOptions {
  /** File to open or make, with its folders; `:memory:` for none. */
  readonly path: string;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The embedded store. Several processes may open the same file. */
export async function openSqliteStore({ path, clock, ids }: SqliteOptions): Promise<Store> {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  const engine = await openSqliteEngine(path);
  try {
    await migrate(engine);
  } catch (fault) {
    await engine.close();
    throw fault;
  }
  return sqlStore({ engine, clock, ids, leaseClock: async () => clock.now() });
}
