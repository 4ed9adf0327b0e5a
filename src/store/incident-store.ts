import type { IncidentFilter } from "../core/analyst.ts";
import type { Incident, IncidentAlarm } from "../core/incident.ts";
import type { IncidentStore } from "../core/store.ts";
import { type Engine, fromJson, marks, number, text, type Value } from "./engine.ts";

/** Most incidents that one listing returns. */
const listMax = 500;
const changedMax = 1_000;

/** Changes of one incident wait for each other, so `update` never works on an outdated one. */
export function incidentStore(engine: Engine): IncidentStore {
  return {
    put: (incident) =>
      engine.transaction({ durable: false }, async (inside) => {
        await inside.lock(`incident:${incident.id}`);
        const stored = await readIncident(inside, incident.id);
        const alarms = stored ? unite(incident.alarms, stored.alarms) : incident.alarms;
        await writeIncident(inside, { ...incident, alarms });
      }),
    update: (id, change) =>
      engine.transaction({ durable: false }, async (inside) => {
        await inside.lock(`incident:${id}`);
        const stored = await readIncident(inside, id);
        if (!stored) return null;
        const changed = change(stored);
        await writeIncident(inside, changed);
        return changed;
      }),
    get: (id) => readIncident(engine, id),
    list: (filter) => listIncidents(engine, filter),
    revision: async () => {
      const [row] = await engine.all("SELECT MAX(revision) AS revision FROM incidents");
      return row?.revision == null ? 0 : number(row, "revision");
    },
    changedSince: async (revision) => {
      const rows = await engine.all(
        "SELECT id, revision FROM incidents WHERE revision > ? ORDER BY revision, id LIMIT ?",
        [revision, changedMax],
      );
      return rows.map((row) => ({ id: text(row, "id"), revision: number(row, "revision") }));
    },
    claim: (key, id) =>
      engine.transaction({ durable: false }, async (inside) => {
        const won = await inside.run(
          "INSERT INTO claims (key, incident) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
          [key, id],
        );
        if (won > 0) return null;
        const [row] = await inside.all("SELECT incident FROM claims WHERE key = ?", [key]);
        return row ? text(row, "incident") : null;
      }),
  };
}

/** For use inside a transaction too. Null when there is none of this id. */
export async function readIncident(engine: Engine, id: string): Promise<Incident | null> {
  const [row] = await engine.all("SELECT body FROM incidents WHERE id = ?", [id]);
  return row ? fromJson<Incident>(row, "body") : null;
}

/**
 * Replaces it whole, without a lock: whoever reads and then writes must hold `incident:ID`. Each
 * write takes the next revision, by which others see what changed.
 */
export async function writeIncident(engine: Engine, incident: Incident): Promise<void> {
  await engine.run(
    `INSERT INTO incidents (id, opened_at, state, service, body, revision)
     VALUES (?, ?, ?, ?, ?, (SELECT COALESCE(MAX(revision), 0) + 1 FROM incidents))
     ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, state = excluded.state,
       service = excluded.service, body = excluded.body, revision = excluded.revision`,
    [
      incident.id,
      incident.openedAt,
      incident.state,
      incident.service,
      JSON.stringify(incident satisfies Incident),
    ],
  );
  if (incident.investigation) {
    await linkInvestigation(engine, incident.investigation, incident.id);
  }
}

/** Remembers whose an investigation is, so that an incident can be forgotten whole. */
export async function linkInvestigation(
  engine: Engine,
  investigation: string,
  incident: string,
): Promise<void> {
  await engine.run(
    "INSERT INTO investigations (id, incident) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
    [investigation, incident],
  );
}

async function listIncidents(engine: Engine, filter: IncidentFilter): Promise<readonly Incident[]> {
  const where: string[] = [];
  const values: Value[] = [];
  if (filter.states) {
    if (filter.states.length === 0) return [];
    where.push(`state IN (${marks(filter.states.length)})`);
    values.push(...filter.states);
  }
  if (filter.service !== undefined) {
    where.push("service = ?");
    values.push(filter.service);
  }
  if (filter.before !== undefined) {
    where.push(`(opened_at < (SELECT opened_at FROM incidents WHERE id = ?)
      OR (opened_at = (SELECT opened_at FROM incidents WHERE id = ?) AND id < ?))`);
    values.push(filter.before, filter.before, filter.before);
  }
  const condition = where.length > 0 ? `WHERE ${where.join(" AND ")}` : "";
  const rows = await engine.all(
    `SELECT body FROM incidents ${condition} ORDER BY opened_at DESC, id DESC LIMIT ?`,
    [...values, Math.min(filter.limit, listMax)],
  );
  return rows.map((row) => fromJson<Incident>(row, "body"));
}

/** The alarms of `written`, and those of `stored` that it does not know or knows with fewer. */
function unite(
  written: readonly IncidentAlarm[],
  stored: readonly IncidentAlarm[],
): readonly IncidentAlarm[] {
  const known = new Map(written.map((item) => [item.alarm.fingerprint, item]));
  for (const item of stored) {
    const mine = known.get(item.alarm.fingerprint);
    if (!mine || mine.count < item.count) known.set(item.alarm.fingerprint, item);
  }
  return [...known.values()];
}
