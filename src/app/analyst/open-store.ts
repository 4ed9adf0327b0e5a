import { join } from "node:path";
import type { Config } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import { UserError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { Store } from "../../core/store.ts";

export interface OpenStoreOptions {
  readonly config: Config;
  /** A file of its own, or `:memory:`, whatever the configuration says. */
  readonly path: string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/**
 * Postgres when `DATABASE_URL` is set, else a file in the folder of state. Throws `UserError` when
 * that file cannot be opened.
 */
export async function openStore({
  config,
  path,
  clock,
  ids,
  logger,
}: OpenStoreOptions): Promise<Store> {
  const url = config.secrets.databaseUrl;
  if (url !== null && path === undefined) {
    const { openPostgresStore } = await import("../../store/postgres.ts");
    const onIdleFault = (fault: Error) =>
      logger.warn("store-connection-lost", { fault: fault.message });
    return openPostgresStore({ url, clock, ids, onIdleFault });
  }
  const { openSqliteStore } = await import("../../store/sqlite.ts");
  const file = path ?? join(config.home, "shodo.db");
  try {
    return await openSqliteStore({ path: file, clock, ids });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `The state in ${file} cannot be opened: ${why}. Set SHODO_HOME to a folder that can be written.`,
      { cause },
    );
  }
}
