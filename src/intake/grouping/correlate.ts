import type { Alarm } from "../../core/alarm.ts";
import { type Group, type Member, services } from "./group.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";
import { likeness, wordsOf } from "./words.ts";

/** Weights of the parts of a score, and of those that are left when the topology says nothing. */
const weights = { topology: 0.5, time: 0.3, text: 0.2 } as const;
const weightsWithoutTopology = { time: 0.5, text: 0.5 } as const;
/** What a distance in calls is worth. */
const closeness = { 0: 1, 1: 0.8, 2: 0.5 } as const;
const minuteMs = 60_000;
const wordingMembersMax = 30;

/** How an alarm relates to a group, with the reasons in words. */
export interface Relation {
  readonly group: Group;
  readonly score: number;
  /** `victim`: its service calls one of the group. `cause`: a root of the group calls it. */
  readonly side: "same" | "victim" | "cause" | "unknown";
  readonly reasons: readonly string[];
}

/**
 * Scores an alarm against a group: distance along calls, nearness in time, likeness of words. Calls
 * count in two directions only. An alarm joins as a victim when its service calls a member, and as a
 * deeper cause when a *root* of the group calls it; a caller that is already explained by a root
 * drags nothing else in. This keeps problems apart that merely share a gateway.
 */
export function relate(
  alarm: Alarm,
  at: number,
  group: Group,
  topology: Topology,
  settings: GroupingSettings,
): Relation {
  const composite = compositeRelation(alarm, group);
  if (composite) return composite;
  const ageMs = Math.max(0, at - group.lastAt);
  const time = Math.max(0, 1 - ageMs / (settings.nearMinutes * minuteMs));
  const words = wordsOf(alarm);
  const text = Math.max(0, ...newest(group).map((member) => likeness(words, member.words)));
  const saidOf = [
    `${Math.round(ageMs / 1_000)} s after its last alarm (time ${time.toFixed(2)})`,
    `wording ${text.toFixed(2)}`,
  ];
  const place = placeOf(alarm.service, group, topology);
  if (place) {
    const score =
      weights.topology * closeness[place.hops] + weights.time * time + weights.text * text;
    const reasons = [`${place.reason} (topology ${closeness[place.hops]})`, ...saidOf];
    return { group, score, side: place.side, reasons };
  }
  const isPlaced = alarm.service !== null && topology.knows(alarm.service);
  const isGroupPlaced = [...services(group)].some((service) => topology.knows(service));
  if (isPlaced && isGroupPlaced) {
    return { group, score: 0, side: "unknown", reasons: ["no call leads from one to the other"] };
  }
  const score = weightsWithoutTopology.time * time + weightsWithoutTopology.text * text;
  return { group, score, side: "unknown", reasons: ["topology unknown", ...saidOf] };
}

/** Members whose wording is compared: the ones that joined last. */
function newest(group: Group): Member[] {
  return [...group.members.values()].slice(-wordingMembersMax);
}

interface Place {
  readonly hops: 0 | 1 | 2;
  readonly side: "same" | "victim" | "cause";
  readonly reason: string;
}

/** The shortest way, along calls, between an alarm's service and a group. */
function placeOf(service: string | null, group: Group, topology: Topology): Place | null {
  if (service === null) return null;
  const names = services(group);
  if (names.has(service)) return { hops: 0, side: "same", reason: `same service ${service}` };
  let best: Place | null = null;
  const offer = (hops: 0 | 1 | 2 | null, side: Place["side"], reason: string) => {
    if (hops !== null && (best === null || hops < best.hops)) best = { hops, side, reason };
  };
  for (const name of names) {
    offer(topology.hops(service, name), "victim", `${service} calls ${name}`);
  }
  for (const root of rootsOf(group, topology)) {
    offer(topology.hops(root, service), "cause", `${root} calls ${service}`);
  }
  return best;
}

/** Services of a group that call no other service of it: what its problem can have begun with. */
export function rootsOf(group: Group, topology: Topology): readonly string[] {
  const names = services(group);
  const known = kept.get(group);
  if (known && known.names === names && known.topology === topology) return known.roots;
  const list = [...names];
  const roots = list.filter((name) =>
    list.every((other) => other === name || topology.hops(name, other) === null),
  );
  kept.set(group, { names, topology, roots });
  return roots;
}

const kept = new WeakMap<
  Group,
  { names: ReadonlySet<string>; topology: Topology; roots: readonly string[] }
>();

/** A composite alarm belongs to the alarms it is made of. */
function compositeRelation(alarm: Alarm, group: Group): Relation | null {
  const childrenOf = (a: Alarm) => (a.labels.children ?? "").split(",").filter(Boolean);
  const children = childrenOf(alarm);
  for (const { alarm: member } of group.members.values()) {
    if (children.includes(member.name)) {
      return said(group, `composite alarm over ${member.name}`);
    }
    if (childrenOf(member).includes(alarm.name)) {
      return said(group, `part of the composite alarm ${member.name}`);
    }
  }
  return null;
}

function said(group: Group, reason: string): Relation {
  return { group, score: 1, side: "same", reasons: [reason] };
}
