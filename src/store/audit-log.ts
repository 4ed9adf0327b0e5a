import { createHash } from "node:crypto";
import type { Ids } from "../core/ids.ts";
import type { AuditEntry, AuditLog, AuditRecord } from "../core/store.ts";
import { type Engine, fromJson, number, type Row, text, textOrNull } from "./engine.ts";

/** What the first entry carries as the hash before it. */
const beginning = "0".repeat(64);
const pageRows = 1_000;

/**
 * Each hash covers the entry and the hash before it; the newest one is also kept apart, so that a
 * cut-off tail shows. Persons stand in the chain under an alias that means nothing by itself: when
 * one is forgotten, the alias stays and the chain with it.
 */
export function auditLog(engine: Engine, ids: Ids): AuditLog {
  return {
    append: (entry) =>
      engine.transaction({ durable: true }, async (inside) => {
        await inside.lock("audit");
        await appendAudit(inside, ids, entry);
      }),
    read: async (after, limit) => {
      const rows = await engine.all(
        `SELECT audit.*, people.id AS person FROM audit
         LEFT JOIN people ON people.alias = audit.by_alias
         WHERE audit.number > ? ORDER BY audit.number LIMIT ?`,
        [after, Math.min(limit, pageRows)],
      );
      return rows.map((row) => toRecord(row, textOrNull(row, "person") ?? "forgotten"));
    },
    verify: () => verifyChain(engine),
  };
}

async function appendAudit(engine: Engine, ids: Ids, entry: AuditEntry): Promise<void> {
  const [head] = await engine.all("SELECT number, hash FROM audit_head");
  const previous = head ? text(head, "hash") : beginning;
  const next = (head ? number(head, "number") : 0) + 1;
  const alias = await aliasOf(engine, ids, entry.by);
  const detail = canonical(entry.detail);
  const hash = hashOf({ ...entry, number: next, alias, detail, previous });
  await engine.run(
    `INSERT INTO audit (number, at, event, by_alias, incident, detail, previous, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    [next, entry.at, entry.event, alias, entry.incident, detail, previous, hash],
  );
  await engine.run(
    `INSERT INTO audit_head (only_one, number, hash) VALUES (1, ?, ?)
     ON CONFLICT (only_one) DO UPDATE SET number = excluded.number, hash = excluded.hash`,
    [next, hash],
  );
}

async function aliasOf(engine: Engine, ids: Ids, person: string): Promise<string> {
  await engine.run("INSERT INTO people (alias, id) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", [
    ids.next("who"),
    person,
  ]);
  const [row] = await engine.all("SELECT alias FROM people WHERE id = ?", [person]);
  if (!row) throw new Error("the person just written is not there");
  return text(row, "alias");
}

async function verifyChain(engine: Engine): ReturnType<AuditLog["verify"]> {
  const [head] = await engine.all("SELECT number, hash FROM audit_head");
  let previous = beginning;
  let count = 0;
  for (;;) {
    const rows = await engine.all("SELECT * FROM audit WHERE number > ? ORDER BY number LIMIT ?", [
      count,
      pageRows,
    ]);
    for (const row of rows) {
      const alias = text(row, "by_alias");
      const record = toRecord(row, alias);
      const expected = hashOf({ ...record, alias, detail: text(row, "detail") });
      const isHead = head && number(head, "number") === record.number;
      const fits =
        record.number === count + 1 &&
        record.previous === previous &&
        record.hash === expected &&
        (!isHead || text(head, "hash") === record.hash);
      if (!fits) return { kind: "broken", at: count + 1 };
      previous = record.hash;
      count = record.number;
    }
    if (rows.length < pageRows) break;
  }
  const isCutOff = head ? number(head, "number") > count : count > 0;
  return isCutOff
    ? { kind: "broken", at: count + 1 }
    : { kind: "intact", entries: count, head: previous };
}

interface Hashed {
  readonly number: number;
  readonly at: number;
  readonly event: string;
  readonly alias: string;
  readonly incident: string | null;
  readonly detail: string;
  readonly previous: string;
}

function hashOf(entry: Hashed): string {
  const { number: position, at, event, alias, incident, detail, previous } = entry;
  return createHash("sha256")
    .update(JSON.stringify([previous, position, at, event, alias, incident, detail]))
    .digest("hex");
}

/** JSON with sorted keys: the same detail has the same hash. */
function canonical(detail: AuditEntry["detail"]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(detail).sort(byKey)));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function toRecord(row: Row, by: string): AuditRecord {
  return {
    number: number(row, "number"),
    at: number(row, "at"),
    event: text(row, "event"),
    by,
    incident: textOrNull(row, "incident"),
    detail: fromJson<AuditEntry["detail"]>(row, "detail"),
    previous: text(row, "previous"),
    hash: text(row, "hash"),
  };
}
