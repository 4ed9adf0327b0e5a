import type { Alarm } from "../core/alarm.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type {
  AcceptedAlarm,
  AlarmStore,
  Arrival,
  Disposition,
  GroupRecord,
  Quarantined,
  Receipt,
  Settlement,
} from "../core/intake.ts";
import { type Engine, fromJson, number, type Row, text, textOrNull } from "./engine.ts";
import { commitRound } from "./grouping-round.ts";

const listMax = 20_000;
/** Refused messages kept; older ones make room. */
const quarantineMax = 1_000;
const quarantineCharsMax = 4_000;

/** `accept` returns only once the alarms are on disk; a delivery seen before keeps its number. */
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
    `INSERT INTO arrivals (delivery, fingerprint, received_at, body, disposition)
     VALUES (?, ?, ?, ?, 'pending') ON CONFLICT (delivery) DO NOTHING RETURNING number`,
    [arrival.delivery, arrival.alarm.fingerprint, clock.now(), JSON.stringify(arrival.alarm)],
  );
  if (written) return { kind: "accepted", number: number(written, "number") };
  const [known] = await engine.all("SELECT number FROM arrivals WHERE delivery = ?", [
    arrival.delivery,
  ]);
  if (!known) throw new Error("an arrival conflicts with one that is not there");
  return { kind: "duplicate", number: number(known, "number") };
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
