import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Incident } from "../core/incident.ts";
import type { GroupingRound, GroupRecord, Join, Settlement } from "../core/intake.ts";
import { type Engine, marks, text, type Value } from "./engine.ts";
import { readIncident, writeIncident } from "./incident-store.ts";
import { insertJob } from "./job-store.ts";

/** Different alarms listed in one incident; the intake log has them all. */
const incidentAlarmsMax = 500;

/** Only the holder of the lease `grouping` may write; the check stands in the same transaction. */
export function commitRound(
  engine: Engine,
  commit: { clock: Clock; ids: Ids; owner: string; round: GroupingRound },
): Promise<boolean> {
  const { clock, ids, owner, round } = commit;
  return engine.transaction({ durable: true }, async (inside) => {
    await inside.lock("grouping");
    const [lease] = await inside.all("SELECT owner FROM leases WHERE name = 'grouping'");
    if (!lease || text(lease, "owner") !== owner) return false;
    for (const incident of round.opened) {
      if (!(await readIncident(inside, incident.id))) await writeIncident(inside, incident);
    }
    await joinAll(inside, clock, round.joins);
    await changeIncidents(inside, clock, round);
    for (const settlement of round.settlements) await settle(inside, settlement);
    for (const { group, disposition, incident } of round.release) {
      await inside.run(
        `UPDATE arrivals SET disposition = ?, incident = ?
         WHERE group_id = ? AND disposition = 'gathered'`,
        [disposition, incident, group],
      );
    }
    for (const move of round.moved) await moveArrivals(inside, move);
    for (const group of round.groups) await writeGroup(inside, group);
    for (const job of round.jobs) await insertJob(inside, ids, job, clock.now());
    return true;
  });
}

/** Once per incident, however many alarms join it in this round. */
async function joinAll(engine: Engine, clock: Clock, joins: readonly Join[]): Promise<void> {
  const byIncident = Map.groupBy(joins, (join) => join.incident);
  for (const [id, mine] of byIncident) {
    await engine.lock(`incident:${id}`);
    const incident = await readIncident(engine, id);
    if (!incident) continue;
    const alarms = new Map(incident.alarms.map((item) => [item.alarm.fingerprint, item]));
    for (const { incident: _, ...item } of mine) {
      const known = alarms.get(item.alarm.fingerprint);
      if (!known && alarms.size >= incidentAlarmsMax) continue;
      const firstAt = Math.min(item.firstAt, known?.firstAt ?? item.firstAt);
      const reasons = known?.reasons ?? item.reasons;
      alarms.set(item.alarm.fingerprint, { ...item, firstAt, reasons });
    }
    await writeIncident(engine, {
      ...incident,
      alarms: [...alarms.values()],
      updatedAt: clock.now(),
    });
  }
}

/** What grouping decided about incidents that exist: over, part of another, or smaller. */
async function changeIncidents(engine: Engine, clock: Clock, round: GroupingRound): Promise<void> {
  const change = async (id: string, apply: (incident: Incident) => Incident) => {
    await engine.lock(`incident:${id}`);
    const incident = await readIncident(engine, id);
    if (incident) await writeIncident(engine, { ...apply(incident), updatedAt: clock.now() });
  };
  for (const { incident: id, at } of round.resolved) {
    await change(id, (incident) =>
      // A failed or running investigation stays visible as such; only its alarms are over.
      incident.state === "reported"
        ? { ...incident, state: "resolved", resolvedAt: at }
        : { ...incident, resolvedAt: at },
    );
  }
  for (const { incident: id, into } of round.merged) {
    await change(id, (incident) => ({ ...incident, state: "cancelled", mergedInto: into }));
    await engine.run("UPDATE jobs SET state = 'done' WHERE exclusive = ? AND state = 'ready'", [
      id,
    ]);
  }
  for (const { incident: id, fingerprints } of round.parted) {
    const gone = new Set(fingerprints);
    await change(id, (incident) => ({
      ...incident,
      alarms: incident.alarms.filter((item) => !gone.has(item.alarm.fingerprint)),
    }));
  }
}

async function moveArrivals(engine: Engine, move: GroupingRound["moved"][number]): Promise<void> {
  const only = move.fingerprints ? `AND fingerprint IN (${marks(move.fingerprints.length)})` : "";
  await engine.run(`UPDATE arrivals SET group_id = ?, incident = ? WHERE group_id = ? ${only}`, [
    move.to,
    move.incident,
    move.from,
    ...(move.fingerprints ?? []),
  ]);
  if (move.incident === null) return;
  await engine.run(
    "UPDATE arrivals SET disposition = 'joined' WHERE group_id = ? AND disposition = 'gathered'",
    [move.to],
  );
}

async function settle(engine: Engine, settlement: Settlement): Promise<void> {
  await engine.run(
    `UPDATE arrivals SET disposition = ?, group_id = ?, incident = ?, reasons = ?
     WHERE number = ? AND disposition = 'pending'`,
    [
      settlement.disposition,
      settlement.group,
      settlement.incident,
      JSON.stringify(settlement.reasons),
      settlement.number,
    ],
  );
}

async function writeGroup(engine: Engine, group: GroupRecord): Promise<void> {
  const values: Value[] = [
    group.id,
    group.incident,
    group.state,
    group.updatedAt,
    JSON.stringify(group.body),
  ];
  await engine.run(
    `INSERT INTO alarm_groups (id, incident, state, updated_at, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET incident = excluded.incident, state = excluded.state,
       updated_at = excluded.updated_at, body = excluded.body`,
    values,
  );
}
