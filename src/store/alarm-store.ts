import type { Alarm } from "../core/alarm.ts";
import type { Clock, Ids } from "../core/clock.ts";
import type {
  AcceptedAlarm,
  AlarmStore,
  Arrival,
  Disposition,
  GroupingRound,
  GroupRecord,
  Join,
  Quarantined,
  Receipt,
  Settlement,
} from "../core/intake.ts";
import { type Engine, fromJson, number, type Row, text, textOrNull, type Value } from "./engine.ts";
import { readIncident, writeIncident } from "./incident-store.ts";
import { insertJob } from "./job-store.ts";

const listMax = 20_000;
/** Refused messages kept; older ones make room. */
const quarantineMax = 1_000;
const quarantineCharsMax = 4_000;
/** Different alarms listed in one incident; the intake log has them all. */
const incidentAlarmsMax = 500;

export function alarmStore(engine: Engine, clock: Clock, ids: Ids): AlarmStore {
  return {
    accept: (arrivals) =>
      engine.transaction({ durable: true }, async (inside) => {
        const receipts: Receipt[] = [];
        for (const arrival of arrivals) receipts.push(await acceptOne(inside, clock, arrival));
        return receipts;
      }),
    pending: async (limit) => {
      const rows = await engine.all(
        `SELECT * FROM arrivals WHERE disposition = 'pending' ORDER BY number LIMIT ?`,
        [Math.min(limit, listMax)],
      );
      return rows.map(toAccepted);
    },
    groups: async () => {
      const rows = await engine.all(
        "SELECT * FROM alarm_groups WHERE state <> 'closed' ORDER BY id",
      );
      return rows.map(toGroup);
    },
    commit: (owner, round) => commitRound(engine, { clock, ids, owner, round }),
    of: async (where, limit) => {
      const [column, value] =
        "incident" in where ? ["incident", where.incident] : ["group_id", where.group];
      const rows = await engine.all(
        `SELECT * FROM arrivals WHERE ${column} = ? ORDER BY number LIMIT ?`,
        [value, Math.min(limit, listMax)],
      );
      return rows
        .filter((row) => row.body !== null)
        .map((row) => ({ ...toAccepted(row), ...toSettlement(row) }));
    },
    counts: async () => {
      const rows = await engine.all(
        "SELECT disposition, COUNT(*) AS count FROM arrivals GROUP BY disposition",
      );
      const counted = Object.fromEntries(
        rows.map((row) => [text(row, "disposition"), number(row, "count")]),
      );
      return { ...none, ...counted };
    },
    quarantine: (entry) =>
      engine.transaction({ durable: false }, (inside) => quarantineOne(inside, entry)),
    quarantined: async (limit) => {
      const [total] = await engine.all("SELECT COUNT(*) AS count FROM quarantine");
      const rows = await engine.all("SELECT * FROM quarantine ORDER BY number DESC LIMIT ?", [
        Math.min(limit, quarantineMax),
      ]);
      return { total: total ? number(total, "count") : 0, newest: rows.map(toQuarantined) };
    },
  };
}

const none: Record<Disposition, number> = {
  pending: 0,
  gathered: 0,
  opened: 0,
  joined: 0,
  repeated: 0,
  flapping: 0,
  muted: 0,
  resolved: 0,
  shadow: 0,
  lapsed: 0,
  erased: 0,
};

async function acceptOne(engine: Engine, clock: Clock, arrival: Arrival): Promise<Receipt> {
  const [written] = await engine.all(
    `INSERT INTO arrivals (delivery, received_at, body, disposition) VALUES (?, ?, ?, 'pending')
     ON CONFLICT (delivery) DO NOTHING RETURNING number`,
    [arrival.delivery, clock.now(), JSON.stringify(arrival.alarm)],
  );
  if (written) return { kind: "accepted", number: number(written, "number") };
  const [known] = await engine.all("SELECT number FROM arrivals WHERE delivery = ?", [
    arrival.delivery,
  ]);
  if (!known) throw new Error("an arrival conflicts with one that is not there");
  return { kind: "duplicate", number: number(known, "number") };
}

/** Only the holder of the lease `grouping` may write; the check stands in the same transaction. */
function commitRound(
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
    for (const settlement of round.settlements) await settle(inside, settlement);
    for (const { group, disposition, incident } of round.release) {
      await inside.run(
        `UPDATE arrivals SET disposition = ?, incident = ?
         WHERE group_id = ? AND disposition = 'gathered'`,
        [disposition, incident, group],
      );
    }
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

async function quarantineOne(engine: Engine, entry: Quarantined): Promise<void> {
  await engine.run(
    "INSERT INTO quarantine (at, sender, reason, bytes, body) VALUES (?, ?, ?, ?, ?)",
    [
      entry.at,
      entry.sender,
      entry.reason,
      entry.bytes,
      entry.body.slice(0, quarantineCharsMax).replaceAll("\u0000", "\uFFFD"),
    ],
  );
  await engine.run(
    `DELETE FROM quarantine WHERE number <=
       (SELECT number FROM quarantine ORDER BY number DESC LIMIT 1 OFFSET ?)`,
    [quarantineMax],
  );
}

function toAccepted(row: Row): AcceptedAlarm {
  return {
    number: number(row, "number"),
    delivery: text(row, "delivery"),
    receivedAt: number(row, "received_at"),
    alarm: fromJson<Alarm>(row, "body"),
  };
}

function toSettlement(row: Row): Settlement {
  return {
    number: number(row, "number"),
    disposition: text(row, "disposition") as Settlement["disposition"],
    group: textOrNull(row, "group_id"),
    incident: textOrNull(row, "incident"),
    reasons: row.reasons === null ? [] : fromJson<string[]>(row, "reasons"),
  };
}

function toGroup(row: Row): GroupRecord {
  return {
    id: text(row, "id"),
    incident: textOrNull(row, "incident"),
    state: text(row, "state") as GroupRecord["state"],
    updatedAt: number(row, "updated_at"),
    body: fromJson<unknown>(row, "body"),
  };
}

function toQuarantined(row: Row): Quarantined {
  return {
    at: number(row, "at"),
    sender: text(row, "sender"),
    reason: text(row, "reason"),
    bytes: number(row, "bytes"),
    body: text(row, "body"),
  };
}
