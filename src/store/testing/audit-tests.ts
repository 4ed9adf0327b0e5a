import { expect, it } from "vitest";
import type { AuditEntry } from "../../core/store.ts";
import type { SuiteContext } from "./suite-context.ts";

/** That the chain is append-only, and that tampering with it is found. */
export function auditTests({ store, other, tamper }: SuiteContext): void {
  const entry = (event: string): AuditEntry => ({
    at: 1_000,
    event,
    by: "U123",
    incident: "inc_1",
    detail: { bytes: 12, hash: "ab" },
  });
  const withoutGuard = async (sql: string) => {
    for (const drop of ["no_update", "no_delete"]) {
      await tamper(`DROP TRIGGER IF EXISTS audit_${drop}`).catch(() => {});
    }
    await tamper("DROP TRIGGER IF EXISTS audit_append_only ON audit").catch(() => {});
    await tamper(sql);
  };
  const fill = async (count: number) => {
    for (let n = 1; n <= count; n += 1) await store().audit.append(entry(`event-${n}`));
  };

  it("chains entries, each to the one before", async () => {
    await fill(3);
    const records = await store().audit.read(0, 10);
    expect(records.map((r) => [r.number, r.event, r.by])).toEqual([
      [1, "event-1", "U123"],
      [2, "event-2", "U123"],
      [3, "event-3", "U123"],
    ]);
    expect(records[1]?.previous).toBe(records[0]?.hash);
    expect(await store().audit.verify()).toEqual({
      kind: "intact",
      entries: 3,
      head: records[2]?.hash,
    });
    expect(await store().audit.read(2, 10)).toHaveLength(1);
  });

  it("is intact when empty", async () => {
    expect(await store().audit.verify()).toMatchObject({ kind: "intact", entries: 0 });
  });

  it("stays one chain when several processes write at once", async () => {
    const second = await other();
    const writes = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? store() : second).audit.append(entry(`event-${n}`)),
    );
    await Promise.all(writes);
    expect(await store().audit.verify()).toMatchObject({ kind: "intact", entries: 20 });
  });

  it("refuses a change at the database", async () => {
    await fill(2);
    await expect(tamper("UPDATE audit SET event = 'x'")).rejects.toThrow(/append-only/);
    await expect(tamper("DELETE FROM audit")).rejects.toThrow(/append-only/);
  });

  it("names the entry that somebody changed past the guard", async () => {
    await fill(4);
    await withoutGuard(`UPDATE audit SET detail = '{"bytes":13,"hash":"ab"}' WHERE number = 3`);
    expect(await store().audit.verify()).toEqual({ kind: "broken", at: 3 });
  });

  it("notices a removed entry and a cut-off tail", async () => {
    await fill(4);
    await withoutGuard("DELETE FROM audit WHERE number = 4");
    expect(await store().audit.verify()).toEqual({ kind: "broken", at: 4 });
    await tamper("DELETE FROM audit WHERE number = 2");
    expect(await store().audit.verify()).toEqual({ kind: "broken", at: 2 });
  });

  it("notices an entry that was given to somebody else", async () => {
    await fill(2);
    await withoutGuard("UPDATE audit SET by_alias = 'who_x' WHERE number = 1");
    expect(await store().audit.verify()).toEqual({ kind: "broken", at: 1 });
  });
}
