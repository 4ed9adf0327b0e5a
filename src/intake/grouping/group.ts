import type { Alarm } from "../../core/alarm.ts";
import type { GroupRecord } from "../../core/intake.ts";
import type { EpochMs } from "../../core/window.ts";
import { wordsOf } from "./words.ts";

/** One alarm of a group, with how often it came. */
export interface Member {
  /** Without `raw`, which the intake log keeps. */
  alarm: Alarm;
  count: number;
  firstAt: EpochMs;
  lastAt: EpochMs;
  /** Times at which it changed between firing and resolved, newest last. */
  changes: EpochMs[];
  reasons: readonly string[];
  words: readonly string[];
}

/** Alarms that are taken for one problem. */
export interface Group {
  id: string;
  incident: string | null;
  state: GroupRecord["state"];
  firstAt: EpochMs;
  lastAt: EpochMs;
  members: Map<string, Member>;
  /** Groups that a person has set apart from this one. */
  apart: string[];
  isDirty: boolean;
}

/** State changes remembered per alarm; more would not change the verdict. */
const changesMax = 50;

export function newGroup(id: string, at: EpochMs): Group {
  return {
    id,
    incident: null,
    state: "gathering",
    firstAt: at,
    lastAt: at,
    members: new Map(),
    apart: [],
    isDirty: true,
  };
}

/** Adds an alarm, or counts it once more. Returns the member. */
export function addMember(
  group: Group,
  alarm: Alarm,
  at: EpochMs,
  reasons: readonly string[],
): Member {
  group.lastAt = Math.max(group.lastAt, at);
  group.isDirty = true;
  const known = group.members.get(alarm.fingerprint);
  if (!known) {
    const member: Member = {
      alarm: { ...alarm, raw: null },
      count: 1,
      firstAt: at,
      lastAt: at,
      changes: [],
      reasons,
      words: wordsOf(alarm),
    };
    group.members.set(alarm.fingerprint, member);
    return member;
  }
  known.count += 1;
  known.lastAt = Math.max(known.lastAt, at);
  if (known.alarm.state !== alarm.state) known.changes = [...known.changes, at].slice(-changesMax);
  known.alarm = { ...alarm, raw: null };
  return known;
}

/** When the alarms of one service of a group began: its first one, and the newest one. */
export interface ServiceTimes {
  readonly firstAt: EpochMs;
  readonly newestAt: EpochMs;
}

/** Services of the members; worked out anew only when there are more members. */
export function services(group: Group): ReadonlyMap<string, ServiceTimes> {
  const known = servicesOf.get(group);
  if (known && known.members === group.members.size) return known.times;
  const times = new Map<string, ServiceTimes>();
  for (const { alarm, firstAt } of group.members.values()) {
    if (alarm.service === null) continue;
    const before = times.get(alarm.service);
    times.set(alarm.service, {
      firstAt: Math.min(firstAt, before?.firstAt ?? firstAt),
      newestAt: Math.max(firstAt, before?.newestAt ?? firstAt),
    });
  }
  servicesOf.set(group, { members: group.members.size, times });
  return times;
}

const servicesOf = new WeakMap<
  Group,
  { members: number; times: ReadonlyMap<string, ServiceTimes> }
>();

export function isOver(group: Group): boolean {
  return [...group.members.values()].every((member) => member.alarm.state === "resolved");
}

export function toRecord(group: Group, now: EpochMs): GroupRecord {
  const { id, incident, state, firstAt, lastAt, apart } = group;
  const body = { firstAt, lastAt, apart, members: [...group.members.values()] };
  return { id, incident, state, updatedAt: now, body };
}

/** Reads what `toRecord` wrote. */
export function fromRecord(record: GroupRecord): Group {
  const body = record.body as Pick<Group, "firstAt" | "lastAt" | "apart"> & { members: Member[] };
  return {
    id: record.id,
    incident: record.incident,
    state: record.state,
    firstAt: body.firstAt,
    lastAt: body.lastAt,
    apart: body.apart,
    members: new Map(body.members.map((member) => [member.alarm.fingerprint, member])),
    isDirty: false,
  };
}
