import type { Alarm } from "../../core/alarm.ts";
import type { GroupRecord } from "../../core/intake.ts";
import type { EpochMs } from "../../core/window.ts";
import type { GroupingSettings } from "./settings.ts";
import { type WordWeight, wordsOf } from "./words.ts";

/** One alarm of a group, with how often it came. */
export interface Member {
  /** Without `raw`, which the intake log keeps. */
  alarm: Alarm;
  count: number;
  firstAt: EpochMs;
  lastAt: EpochMs;
  /**
   * When it fired, as its sender says, where that can be; senders deliver late and out of order.
   */
  beganAt: EpochMs;
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

/** Gathers, belongs to no incident yet, and is written with the next round. */
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

/** A time of the sender's that is ahead, or further back than this, is not what began just now. */
const sentLateMaxMs = 5 * 60_000;

/** When an alarm fired, if its sender says so and that fits the time at which it came. */
export function beganAt(alarm: Alarm, at: EpochMs): EpochMs {
  const lateMs = at - alarm.firedAt;
  return lateMs >= 0 && lateMs <= sentLateMaxMs ? alarm.firedAt : at;
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
      beganAt: beganAt(alarm, at),
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
  for (const { alarm, beganAt: firstAt } of group.members.values()) {
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

/** For whoever has taken members out: their number alone does not tell. */
export function membersChanged(group: Group): void {
  servicesOf.delete(group);
  group.isDirty = true;
}

const servicesOf = new WeakMap<
  Group,
  { members: number; times: ReadonlyMap<string, ServiceTimes> }
>();

/** True when a person has set the two apart: what is in one is never moved to the other. */
export function isKeptApart(a: Group, b: Group): boolean {
  return a.apart.includes(b.id) || b.apart.includes(a.id);
}

/** True when every alarm of the group is resolved. */
export function isOver(group: Group): boolean {
  return [...group.members.values()].every((member) => member.alarm.state === "resolved");
}

/** The form that is stored; what only matters in memory (`isDirty`) stays behind. */
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
    members: new Map(body.members.map((member) => [member.alarm.fingerprint, whole(member)])),
    isDirty: false,
  };
}

/** A member as an earlier version wrote it has no time of its own. */
function whole(member: Member): Member {
  return { ...member, beganAt: member.beganAt ?? member.firstAt };
}

/** A word that many groups use tells little about which of them an alarm belongs to. */
export function wordWeights(groups: Iterable<Group>): WordWeight {
  const uses = new Map<string, number>();
  for (const group of groups) {
    const words = new Set([...group.members.values()].flatMap((member) => member.words));
    for (const word of words) uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  return (word) => 1 / (uses.get(word) ?? 1);
}

/** A clock that was set back makes a group due: waiting for the old time could take hours. */
export function isDue(group: Group, settings: GroupingSettings, now: EpochMs): boolean {
  return (
    now < group.firstAt ||
    now - group.lastAt >= settings.debounceSeconds * 1_000 ||
    now - group.firstAt >= settings.maxWaitSeconds * 1_000
  );
}
