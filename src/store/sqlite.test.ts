import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { openSqliteStore } from "./sqlite.ts";
import { describeStore } from "./testing/store-suite.ts";

describeStore("SQLite", async (clock, ids) => {
  const folder = mkdtempSync(join(tmpdir(), "shodo-store-"));
  const path = join(folder, "state", "shodo.db");
  return {
    open: () => openSqliteStore({ path, clock, ids }),
    tamper: async (sql) => {
      const database = new DatabaseSync(path);
      try {
        database.exec(sql);
      } finally {
        database.close();
      }
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
});

describe("the SQLite store", () => {
  it("refuses a file that a newer Shodo wrote", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shodo-store-"));
    const path = join(folder, "shodo.db");
    const parts = { path, clock: { now: () => 1 }, ids: { next: (p: string) => p } };
    await (await openSqliteStore(parts)).close();
    const database = new DatabaseSync(path);
    database.exec("INSERT INTO schema_version (version) VALUES (99)");
    database.close();
    await expect(openSqliteStore(parts)).rejects.toThrow(/newer Shodo/);
    rmSync(folder, { recursive: true });
  });
});
