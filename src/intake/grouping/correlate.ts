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
const minuteMs = 60_000;
const wordingMembersMax = 30;
/**
 * A cause shows before its effects, or at most this much later: alarms differ in their patience.
 */
const lateCauseMs = { 0: 0, 1: 60_000, 2: 15_000 } as const;
/** An effect may be noticed before its cause, by this much: alarms differ in their patience. */
const earlyVictimMs = 3_000;
/**
 * How sure a failing service is to show in those that call it; two calls away others lie between.
 */
const carries = { same: [1, 1, 1], victim: [1, 0.9, 0.3], cause: [1, 0.6, 0.3] } as const;
/**
 * How fast effects show, how much rarer and sooner they are noticed before the cause; only ranks.
 */
const settleMs = 8_000;
const early = { share: 0.5, settleMs: 1_500 } as const;
/** Even long after, a failing callee explains something. */
const soonMin = 0.05;

/** How an alarm relates to a group, with the reasons in words. */
export interface Relation {
  readonly group: Group;
  /** Whether it belongs at all: compared with `joinScore`. */
  readonly score: number;
  /**
   * How likely what fails in the group would show here: of several groups, which explains it best.
   */
  readonly explained: number;
  /** How much the group's services speak of the same, 0..1. */
  readonly theme: number;
  /** `victim`: its service calls one of the group. `cause`: a root of the group calls it. */
  readonly side: "same" | "victim" | "cause" | "unknown";
  readonly reasons: readonly string[];
}

/**
 * Scores an alarm against a group: distance along calls, nearness in time, likeness of words. Calls
 * count in two directions only. An alarm joins as a victim when its service calls a member, and as
 * a deeper cause when a *root* of the group calls it; a caller that is already explained by a root
 * drags nothing else in. This keeps problems apart that merely share a gateway. Time is counted
 * from the alarm that links the two, since effects travel from service to service.
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
  const links = linksOf(alarm.service, at, group, topology);
  const link = nearest(links, at);
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
      explained: explainedBy(links, at),
      theme: themeOf(words, group, weightOf),
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
    return { group, score: 0, explained: 0, theme: 0, side: "unknown", reasons };
  }
  const score = weightsWithoutTopology.time * time + weightsWithoutTopology.text * text;
  return {
    group,
    score,
    explained: score,
    theme: 1,
    side: "unknown",
    reasons: [reason("alarm.no-topology"), ...said],
  };
}

/** One failing callee is enough, and each further one makes it likelier (noisy or). */
function explainedBy(links: readonly Link[], at: number): number {
  const not = links.map(({ hops, side, since }) => {
    const ageMs = at - since;
    const fades =
      ageMs >= 0 ? Math.exp(-ageMs / settleMs) : early.share * Math.exp(ageMs / early.settleMs);
    return 1 - carries[side][hops] * (soonMin + (1 - soonMin) * fades);
  });
  return 1 - not.reduce((all, each) => all * each, 1);
}

/**
 * The mean over the group's services of how alike their alarms are, squared: one problem shows
 * alike in most of its services. One service more that is half alike stands for what is not known
 * yet.
 */
function themeOf(words: readonly string[], group: Group, weightOf: WordWeight): number {
  const alike = new Map<string | null, number>();
  for (const { alarm, words: others } of newest(group)) {
    const value = likeness(words, others, weightOf) ** 2;
    alike.set(alarm.service, Math.max(value, alike.get(alarm.service) ?? 0));
  }
  const sum = [...alike.values()].reduce((all, each) => all + each, 0.5);
  return sum / (alike.size + 1);
}

/** Which of several groups some alarms of one service fit best; zero is not at all. */
export function fitOf(relations: readonly Pick<Relation, "explained" | "theme">[]): number {
  const sum = relations.reduce((all, { explained }) => all + explained, 0);
  return relations.reduce((all, { theme }) => all * theme, sum / relations.length);
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

/** Every way along calls between an alarm's service and a group. */
function linksOf(
  service: string | null,
  at: number,
  group: Group,
  topology: Topology,
): readonly Link[] {
  if (service === null) return [];
  const times = services(group);
  const links: Link[] = [];
  const own = times.get(service);
  if (own) {
    const why = reason("alarm.same-service", { service });
    links.push({ hops: 0, side: "same", since: own.newestAt, reason: why });
  }
  for (const [name, { firstAt }] of times) {
    const hops = topology.hops(service, name);
    if (name === service || hops === null || firstAt > at + earlyVictimMs) continue;
    const why = reason("alarm.calls", { caller: service, callee: name });
    links.push({ hops, side: "victim", since: firstAt, reason: why });
  }
  for (const root of rootsOf(group, topology)) {
    const since = times.get(root)?.firstAt ?? 0;
    const hops = topology.hops(root, service);
    if (root === service || hops === null || at - since > lateCauseMs[hops]) continue;
    const why = reason("alarm.calls", { caller: root, callee: service });
    links.push({ hops, side: "cause", since, reason: why });
  }
  return links;
}

/** The shortest link; of equal ones the newest that was there before the alarm. */
function nearest(links: readonly Link[], at: number): Link | null {
  let best: Link | null = null;
  for (const link of links) {
    const isNearer = best === null || link.hops < best.hops;
    const isNewer = best?.hops === link.hops && link.since > best.since && link.since <= at;
    if (isNearer || isNewer) best = link;
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
  return { group, score: 1, explained: 1, theme: 1, side: "same", reasons: [why] };
}
