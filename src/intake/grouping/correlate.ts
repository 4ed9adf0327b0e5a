import type { Alarm } from "../../core/alarm.ts";
import { reason } from "../../core/reasons.ts";
import { type Group, type Member, services } from "./group.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";
import { likeness, type WordWeight, wordsOf } from "./words.ts";

/** Weights of the parts of a score, and of those that are left when the topology says nothing. */
const weights = { topology: 0.5, time: 0.3, text: 0.2 } as const;
const weightsWithoutTopology = { time: 0.5, text: 0.5 } as const;
/** What a distance in calls is worth. */
const closeness = { 0: 1, 1: 0.8, 2: 0.5 } as const;
/** The same for ranking: when the service between the two is quiet, another way is likelier. */
const chain = { 0: 1, 1: 0.9, 2: 0.3 } as const;
const minuteMs = 60_000;
const wordingMembersMax = 30;
/** A cause shows before its effects, or at most this much later: alarms differ in their patience. */
const lateCauseMs = { 0: 0, 1: 60_000, 2: 15_000 } as const;
/** An effect may be noticed before its cause, by this much: alarms differ in their patience. */
const earlyVictimMs = 3_000;
/** How fast an effect shows at its own service, one call and two calls away; only ranks. */
const settleMs = { 0: 4_500, 1: 8_000, 2: 9_000 } as const;

/** How an alarm relates to a group, with the reasons in words. */
export interface Relation {
  readonly group: Group;
  /** Whether it belongs at all: compared with `joinScore`. */
  readonly score: number;
  /** Which of several groups it fits best: the score with a sharper sense of time. */
  readonly fit: number;
  /** `victim`: its service calls one of the group. `cause`: a root of the group calls it. */
  readonly side: "same" | "victim" | "cause" | "unknown";
  readonly reasons: readonly string[];
}

/**
 * Scores an alarm against a group: distance along calls, nearness in time, likeness of words. Calls
 * count in two directions only. An alarm joins as a victim when its service calls a member, and as a
 * deeper cause when a *root* of the group calls it; a caller that is already explained by a root
 * drags nothing else in. This keeps problems apart that merely share a gateway. Time is counted from
 * the alarm that links the two, since effects travel from service to service.
 */
export function relate(
  alarm: Alarm,
  at: number,
  group: Group,
  topology: Topology,
  settings: GroupingSettings,
  weightOf: WordWeight = () => 1,
): Relation {
  const composite = compositeRelation(alarm, group);
  if (composite) return composite;
  const words = wordsOf(alarm);
  const text = Math.max(
    0,
    ...newest(group).map((member) => likeness(words, member.words, weightOf)),
  );
  const nearMs = settings.nearMinutes * minuteMs;
  const link = linkOf(alarm.service, at, group, topology);
  const ageMs = Math.max(0, at - Math.max(link?.since ?? 0, link ? 0 : group.lastAt));
  const time = Math.max(0, 1 - Math.min(ageMs, Math.max(0, at - group.lastAt)) / nearMs);
  const said = [
    reason("alarm.after", { seconds: Math.round(ageMs / 1_000), weight: time.toFixed(2) }),
    reason("alarm.wording", { weight: text.toFixed(2) }),
  ];
  if (link) {
    const rest = weights.topology * closeness[link.hops] + weights.text * text;
    return {
      group,
      score: rest + weights.time * time,
      fit: fitOf(link, { ageMs: Math.abs(at - link.since), text, alarms: group.members.size }),
      side: link.side,
      reasons: [
        reason("alarm.near", { reason: link.reason, weight: closeness[link.hops] }),
        ...said,
      ],
    };
  }
  const isPlaced = alarm.service !== null && topology.knows(alarm.service);
  const isGroupPlaced = [...services(group).keys()].some((service) => topology.knows(service));
  if (isPlaced && isGroupPlaced) {
    const reasons = [reason("alarm.no-call")];
    return { group, score: 0, fit: 0, side: "unknown", reasons };
  }
  const score = weightsWithoutTopology.time * time + weightsWithoutTopology.text * text;
  return {
    group,
    score,
    fit: score,
    side: "unknown",
    reasons: [reason("alarm.no-topology"), ...said],
  };
}

/**
 * Ranks groups that an alarm may belong to: how near, how soon after, how alike, and how much is
 * wrong there already, since a single alarm is more often a stray one.
 */
function fitOf(
  { hops }: Link,
  { ageMs, text, alarms }: { ageMs: number; text: number; alarms: number },
): number {
  const soon = Math.exp(-ageMs / settleMs[hops]);
  return 0.45 * chain[hops] + 0.4 * soon + 0.3 * text + 0.05 * (1 - 1 / alarms);
}

/** Members whose wording is compared: the ones that joined last. */
function newest(group: Group): Member[] {
  return [...group.members.values()].slice(-wordingMembersMax);
}

interface Link {
  readonly hops: 0 | 1 | 2;
  readonly side: "same" | "victim" | "cause";
  /** When the service at the other end began to fire. */
  readonly since: number;
  readonly reason: string;
}

/** The shortest way, along calls, between an alarm's service and a group; of equal ones the newest. */
function linkOf(service: string | null, at: number, group: Group, topology: Topology): Link | null {
  if (service === null) return null;
  const times = services(group);
  const own = times.get(service);
  if (own)
    return {
      hops: 0,
      side: "same",
      since: own.newestAt,
      reason: reason("alarm.same-service", { service }),
    };
  let best: Link | null = null;
  const offer = (hops: 0 | 1 | 2 | null, side: Link["side"], since: number, reason: string) => {
    if (hops === null) return;
    const isNearer = best === null || hops < best.hops;
    const isNewer = best !== null && hops === best.hops && since > best.since && since <= at;
    if (isNearer || isNewer) best = { hops, side, since, reason };
  };
  for (const [name, { firstAt }] of times) {
    if (firstAt > at + earlyVictimMs) continue;
    const why = reason("alarm.calls", { caller: service, callee: name });
    offer(topology.hops(service, name), "victim", firstAt, why);
  }
  for (const root of rootsOf(group, topology)) {
    const since = times.get(root)?.firstAt ?? 0;
    const hops = topology.hops(root, service);
    if (hops === null || at - since > lateCauseMs[hops]) continue;
    offer(hops, "cause", since, reason("alarm.calls", { caller: root, callee: service }));
  }
  return best;
}

/** Services of a group that call no other service of it: what its problem can have begun with. */
export function rootsOf(group: Group, topology: Topology): readonly string[] {
  const names = services(group);
  const known = kept.get(group);
  if (known && known.names === names && known.topology === topology) return known.roots;
  const list = [...names.keys()];
  const roots = list.filter((name) =>
    list.every((other) => other === name || topology.hops(name, other) === null),
  );
  kept.set(group, { names, topology, roots });
  return roots;
}

const kept = new WeakMap<
  Group,
  { names: ReadonlyMap<string, unknown>; topology: Topology; roots: readonly string[] }
>();

/** A composite alarm belongs to the alarms it is made of. */
function compositeRelation(alarm: Alarm, group: Group): Relation | null {
  const childrenOf = (a: Alarm) => (a.labels.children ?? "").split(",").filter(Boolean);
  const children = childrenOf(alarm);
  for (const { alarm: member } of group.members.values()) {
    if (children.includes(member.name)) {
      return said(group, reason("alarm.composite", { name: member.name }));
    }
    if (childrenOf(member).includes(alarm.name)) {
      return said(group, reason("alarm.part", { name: member.name }));
    }
  }
  return null;
}

function said(group: Group, why: string): Relation {
  return { group, score: 1, fit: 1, side: "same", reasons: [why] };
}
