import type { AuditVerdict, ForgetOptions, VerifyAuditOptions } from "../cli/runtime.ts";
import { loadConfig } from "../config.ts";
import type { Store } from "../core/store.ts";
import { silentLogger } from "../platform/logger.ts";
import { openStore } from "./analyst/open-store.ts";
import type { Platform } from "./platform.ts";

const pageRows = 1_000;

/**
 * Walks the audit chain; with a hash that was noted earlier also proves that nothing before it
 * changed.
 */
export function verifyAudit(
  { configFile, head }: VerifyAuditOptions,
  platform: Platform,
): Promise<AuditVerdict> {
  return withStore(configFile, platform, async (store) => {
    const verdict = await store.audit.verify();
    if (verdict.kind === "broken") {
      const text = `The audit log is broken at entry ${verdict.at}: it was changed, cut or removed.`;
      return { isIntact: false, text, json: verdict };
    }
    const isKnown = head === undefined || (await hasHash(store, head));
    const text = isKnown
      ? `The audit log is intact: ${verdict.entries} entries.\nhead: ${verdict.head}`
      : `The chain fits, but the hash ${head} is not part of it: the log was written anew.`;
    return { isIntact: isKnown, text, json: { ...verdict, isHeadKnown: isKnown } };
  });
}

async function hasHash(store: Store, hash: string): Promise<boolean> {
  for (let after = 0; ; ) {
    const records = await store.audit.read(after, pageRows);
    if (records.some((record) => record.hash === hash)) return true;
    const last = records.at(-1);
    if (!last || records.length < pageRows) return false;
    after = last.number;
  }
}

/**
 * Deletes, and writes into the audit log that it was done; never whom it was about. Gives a line
 * per table with the rows that went.
 */
export function forget(
  { configFile, what, id }: ForgetOptions,
  platform: Platform,
): Promise<readonly string[]> {
  return withStore(configFile, platform, async (store) => {
    const removed =
      what === "incident"
        ? await store.retention.forgetIncident(id)
        : await store.retention.forgetPerson(id);
    const entry = { at: platform.clock.now(), event: `${what}-forget`, by: "local" };
    const incident = what === "incident" ? id : null;
    await store.audit.append({ ...entry, incident, detail: removed });
    if (Object.values(removed).every((count) => count === 0)) {
      return [`Nothing was kept about ${what} ${id}.`];
    }
    return Object.entries(removed).map(([table, count]) => `${table}: ${count}`);
  });
}

async function withStore<T>(
  configFile: string | undefined,
  { clock, ids }: Platform,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const config = loadConfig({ file: configFile });
  const store = await openStore({ config, path: undefined, clock, ids, logger: silentLogger });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
