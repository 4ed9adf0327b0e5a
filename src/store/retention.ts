import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Retention, RetentionPolicy } from "../core/store.ts";
import { type Engine, fromJson, text, type Value } from "./engine.ts";
import { insertJob } from "./job-store.ts";

/** Rows that one statement removes, so that nobody waits long for the write lock. */
const chunkRows = 5_000;
/** Chunks per call; the next call goes on. */
const chunksMax = 200;
const forgotten = "forgotten";

const forgetAttemptsMax = 1_000;

/**
 * Each call gives the rows removed by table. `expire` works in chunks and may leave some for the
 * next call; to forget is one transaction, all or nothing.
 */
export function retention(engine: Engine, clock: Clock, ids: Ids): Retention {
  return {
    expire: (policy) => expire(engine, policy),
    forgetIncident: (id) => forgetIncident(engine, id, { clock, ids }),
    forgetPerson: (id) => forgetPerson(engine, id),
  };
}

async function expire(engine: Engine, policy: RetentionPolicy): Promise<Record<string, number>> {
  const old = async (table: string, condition: string, before: number): Promise<number> => {
    const row = engine.dialect === "sqlite" ? "rowid" : "ctid";
    const statement = `DELETE FROM ${table} WHERE ${row} IN (
      SELECT ${row} FROM ${table} WHERE ${condition} LIMIT ?)`;
    let removed = 0;
    for (let chunk = 0; chunk < chunksMax; chunk += 1) {
      const count = await engine.run(statement, [before, chunkRows]);
      removed += count;
      if (count < chunkRows) break;
    }
    return removed;
  };
  return {
    steps: await old("steps", "at < ?", policy.stepsBefore),
    blobs: await old("blobs", "at < ?", policy.blobsBefore),
    alarmBodies: await engine.run(
      `UPDATE arrivals SET body = NULL
       WHERE received_at < ? AND body IS NOT NULL
         AND disposition NOT IN ('pending', 'gathered')`,
      [policy.alarmBodiesBefore],
    ),
    quarantine: await old("quarantine", "at < ?", policy.quarantineBefore),
    jobs: await old("jobs", "state = 'done' AND created_at < ?", policy.jobsBefore),
    spend: await old("spend", "at < ?", policy.jobsBefore),
    groups: await old("alarm_groups", "state = 'closed' AND updated_at < ?", policy.jobsBefore),
    seen: await old("seen", "until < ?", policy.jobsBefore),
  };
}

function forgetIncident(
  engine: Engine,
  id: string,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<Record<string, number>> {
  return engine.transaction({ durable: true }, async (inside) => {
    const runs = "(SELECT id FROM investigations WHERE incident = ?)";
    const remove = (sql: string, values: Value[] = [id]) =>
      inside.run(`DELETE FROM ${sql}`, values);
    // Whoever groups holds the group in memory, and would go on adding to what is gone.
    const now = clock.now();
    const job = { kind: "regroup", key: ids.next("forget"), exclusive: null, priority: 0 };
    const payload = { kind: "forget", incident: id };
    const asked = { ...job, payload, attemptsMax: forgetAttemptsMax, runAt: now };
    await insertJob(inside, ids, asked, now);
    return {
      steps: await remove(`steps WHERE investigation IN ${runs}`),
      blobs: await remove(`blobs WHERE investigation IN ${runs}`),
      reports: await remove("reports WHERE incident = ?"),
      feedback: await remove("feedback WHERE incident = ?"),
      investigations: await remove("investigations WHERE incident = ?"),
      claims: await remove("claims WHERE incident = ?"),
      jobs: await remove("jobs WHERE exclusive = ?"),
      groups: await remove("alarm_groups WHERE incident = ?"),
      faceState: await remove("face_state WHERE key LIKE ? ESCAPE '!'", [`%${escaped(id)}%`]),
      alarms: await inside.run(
        `UPDATE arrivals SET body = NULL, reasons = NULL, group_id = NULL, incident = NULL,
           disposition = 'erased' WHERE incident = ?`,
        [id],
      ),
      incidents: await remove("incidents WHERE id = ?"),
    };
  });
}

/** Where a person's id may stand inside JSON. */
const personColumns = [
  { table: "incidents", key: "id", column: "body" },
  { table: "reports", key: "investigation", column: "body" },
  { table: "feedback", key: "number", column: "body" },
  { table: "jobs", key: "id", column: "payload" },
] as const;

function forgetPerson(engine: Engine, id: string): Promise<Record<string, number>> {
  return engine.transaction({ durable: true }, async (inside) => {
    const pattern = `%${escaped(JSON.stringify(id).slice(1, -1))}%`;
    const counts: Record<string, number> = {
      people: await inside.run("DELETE FROM people WHERE id = ?", [id]),
      faceState: await inside.run("DELETE FROM face_state WHERE key LIKE ? ESCAPE '!'", [
        `%${escaped(id)}%`,
      ]),
    };
    await inside.run("UPDATE feedback SET person = ? WHERE person = ?", [forgotten, id]);
    for (const { table, key, column } of personColumns) {
      const rows = await inside.all(
        `SELECT ${key} AS key, ${column} AS body FROM ${table} WHERE ${column} LIKE ? ESCAPE '!'`,
        [pattern],
      );
      counts[table] = 0;
      for (const row of rows) {
        const after = JSON.stringify(withoutPerson(fromJson<unknown>(row, "body"), id));
        if (after === text(row, "body")) continue;
        await inside.run(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`, [
          after,
          row.key ?? null,
        ]);
        counts[table] += 1;
      }
    }
    return counts;
  });
}

/** A copy in which the person's id, and the name that stands beside it, are gone. */
function withoutPerson(value: unknown, id: string): unknown {
  if (value === id) return forgotten;
  if (Array.isArray(value)) return value.map((item) => withoutPerson(item, id));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const isPerson = entries.some(([key, item]) => key === "id" && item === id);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      isPerson && (key === "name" || key === "by") ? forgotten : withoutPerson(item, id),
    ]),
  );
}

/** For LIKE: the wildcards of an id stand for themselves. */
function escaped(id: string): string {
  return id.replaceAll(/[!%_]/g, (sign) => `!${sign}`);
}
