import type { Alarm } from "../../core/alarm.ts";
import type { AcceptedAlarm, GroupingRound, GroupRecord, Settlement } from "../../core/intake.ts";
import { reason } from "../../core/reasons.ts";
import type { EpochMs } from "../../core/window.ts";
import { fitOf, type Relation, relate, rootsOf } from "./correlate.ts";
import {
  addMember,
  beganAt,
  fromRecord,
  type Group,
  isDue,
  isKeptApart,
  isOver,
  membersChanged,
  newGroup,
  wordWeights,
} from "./group.ts";
import { mutedBy } from "./muted.ts";
import { openIncident } from "./open-incident.ts";
import { reconsider } from "./reconsider.ts";
import { type Regrouping, split, unite, withIncident } from "./regroup.ts";
import { openRound } from "./round.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
/** An incident is over when all its alarms have been for this long; firing again is a new one. */
const overMs = 5 * minuteMs;
const movesMax = 100;
const aheadMaxMs = 60 * minuteMs;

export interface GrouperParts {
  readonly settings: GroupingSettings;
  readonly topology: () => Topology;
  readonly nextId: (prefix: string) => string;
}

/**
 * Turns accepted alarms into groups and groups into incidents. It holds no truth of its own: state
 * is loaded from the store and every change goes back in a round, so it can die at any moment.
 */
export interface Grouper {
  /** Looks at one alarm. Order matters; numbers must grow. */
  take(accepted: AcceptedAlarm): void;
  /** Lets time pass: debounced groups become incidents, silent ones end. */
  advance(now: EpochMs): void;
  /** A person's word: these two are one. */
  merge(incident: string, into: string): boolean;
  /** A person's word: these alarms are another problem. Null when nothing was split off. */
  split(incident: string, fingerprints: readonly string[], now: EpochMs): string | null;
  /** The incident is no more: its group ends, and the same alarms later make a new one. */
  forget(incident: string): void;
  /** What must be written since the last call; empty means nothing. */
  round(now: EpochMs): GroupingRound | null;
}

/**
 * `records` are the groups that were open when the last process let go; with them it goes on as if
 * nothing had happened. It does no I/O of its own.
 */
export function grouper(parts: GrouperParts, records: readonly GroupRecord[]): Grouper {
  const groups = new Map(records.map((record) => [record.id, fromRecord(record)]));
  const round = openRound();
  const context: Context = { ...parts, groups, round, looked: "" };
  return {
    take: (accepted) => take(context, accepted),
    advance: (now) => {
      settleAnew(context, now);
      for (const group of groups.values()) advanceGroup(context, group, now);
    },
    merge: (incident, into) => {
      const [one, other] = [withIncident(context, incident), withIncident(context, into)];
      if (!one || !other || one === other) return false;
      unite(context, other, one, reason("alarm.merged-by-person"));
      return true;
    },
    split: (incident, fingerprints, now) => split(context, incident, fingerprints, now),
    forget: (incident) => void groups.delete(withIncident(context, incident)?.id ?? ""),
    round: (now) => round.drain(groups, now),
  };
}

interface Context extends GrouperParts, Regrouping {
  /** Sizes of the groups when every service was last found to be in its place. */
  looked: string;
}

function take(context: Context, accepted: AcceptedAlarm): void {
  const { disposition, group, reasons } = judge(context, accepted);
  context.round.settle({
    number: accepted.number,
    disposition,
    group: group?.id ?? null,
    incident: group?.incident ?? null,
    reasons,
  });
}

interface Judgement {
  readonly disposition: Settlement["disposition"];
  readonly group: Group | null;
  readonly reasons: readonly string[];
}

function judge(context: Context, { alarm, receivedAt: at }: AcceptedAlarm): Judgement {
  const muted = mutedBy(context.settings, alarm, at);
  if (muted) return { disposition: "muted", group: null, reasons: [muted] };
  const home = [...context.groups.values()].find((group) => group.members.has(alarm.fingerprint));
  if (home) return { group: home, ...again(context, home, alarm, at) };
  if (alarm.state === "resolved") {
    const reasons = [reason("alarm.unknown-over")];
    return { disposition: "resolved", group: null, reasons };
  }
  const { group, reasons } = place(context, alarm, at);
  const member = addMember(group, alarm, at, reasons);
  if (context.settings.shadow) return { disposition: "shadow", group, reasons };
  if (group.incident) context.round.join(group.incident, member);
  return { disposition: group.state === "gathering" ? "gathered" : "joined", group, reasons };
}

/** An alarm that its group knows already. */
function again(
  { round, settings }: Context,
  group: Group,
  alarm: Alarm,
  at: EpochMs,
): { disposition: Settlement["disposition"]; reasons: readonly string[] } {
  const before = group.members.get(alarm.fingerprint)?.alarm.state;
  const member = addMember(group, alarm, at, []);
  if (group.incident) round.join(group.incident, member);
  const since = at - settings.flapping.withinMinutes * minuteMs;
  const changes = member.changes.filter((change) => change >= since).length;
  if (changes >= settings.flapping.changes) {
    const minutes = settings.flapping.withinMinutes;
    return {
      disposition: "flapping",
      reasons: [reason("alarm.flapping", { count: changes, minutes })],
    };
  }
  if (alarm.state === "resolved")
    return { disposition: "resolved", reasons: [reason("alarm.over")] };
  if (before === "resolved") return { disposition: "repeated", reasons: [reason("alarm.again")] };
  return { disposition: "repeated", reasons: [reason("alarm.still")] };
}

/**
 * The group an alarm belongs to: the best one above the threshold, or a new one. When the alarm
 * shows that a group's root suffers from something deeper, the two groups become one.
 */
function place(
  context: Context,
  alarm: Alarm,
  at: EpochMs,
): { group: Group; reasons: readonly string[] } {
  const { settings, groups } = context;
  const topology = context.topology();
  const weightOf = wordWeights(groups.values());
  const related = [...groups.values()]
    .filter((group) => group.state !== "closed")
    .map((group) => relate(alarm, beganAt(alarm, at), group, topology, settings, weightOf))
    .filter((relation) => relation.score >= settings.joinScore)
    .sort(
      (a, b) =>
        fitOf([b]) - fitOf([a]) ||
        rootDistance(a, alarm, topology) - rootDistance(b, alarm, topology),
    );
  const home = related.find((relation) => relation.side !== "cause") ?? related[0];
  if (!home) {
    const group = newGroup(context.nextId("grp"), at);
    groups.set(group.id, group);
    return { group, reasons: [reason("alarm.first")] };
  }
  let group = home.group;
  for (const other of related) {
    if (other === home || other.side !== "cause") continue;
    if (isKeptApart(group, other.group)) continue;
    group = unite(context, group, other.group, other.reasons[0] ?? "");
  }
  return {
    group,
    reasons: [reason("alarm.score", { score: home.score.toFixed(2) }), ...home.reasons],
  };
}

/** Between two groups that fit equally well, the one whose root is nearer. */
function rootDistance({ group }: Relation, alarm: Alarm, topology: Topology): number {
  if (alarm.service === null) return 0;
  const service = alarm.service;
  const hops = rootsOf(group, topology).map((root) => topology.hops(service, root) ?? 3);
  return Math.min(3, ...hops);
}

/** Puts services that are new where they fit best by now; a bounded number of times. */
function settleAnew(context: Context, now: EpochMs): void {
  const { groups, settings, round } = context;
  const sizes = () => [...groups.values()].map(({ id, members }) => `${id} ${members.size}`).join();
  for (let n = 0; n < movesMax && context.looked !== sizes(); n += 1) {
    const move = reconsider(
      [...groups.values()],
      now,
      context.topology(),
      settings,
      wordWeights(groups.values()),
    );
    if (!move) {
      context.looked = sizes();
      return;
    }
    const { from, to, fingerprints, reasons } = move;
    if (fingerprints.length === from.members.size) {
      unite(context, to, from, reasons[0] ?? "");
      continue;
    }
    for (const fingerprint of fingerprints) {
      const member = from.members.get(fingerprint);
      if (!member) continue;
      const moved = { ...member, reasons: [reason("alarm.fits-better"), ...reasons] };
      from.members.delete(fingerprint);
      to.members.set(fingerprint, moved);
      if (to.incident) round.join(to.incident, moved);
    }
    membersChanged(from);
    membersChanged(to);
    if (from.incident) round.part(from.incident, fingerprints);
    round.move(from, to, fingerprints);
  }
}

function advanceGroup(context: Context, group: Group, now: EpochMs): void {
  const { settings, round } = context;
  if (group.state === "gathering" && isDue(group, settings, now)) {
    const isEnough = group.members.size >= settings.incidentAfter;
    if (isEnough && settings.shadow) {
      group.state = "open";
      group.isDirty = true;
    } else if (isEnough) {
      const incident = openIncident(group, context.nextId("inc"), now, context.topology());
      group.incident = incident.id;
      group.state = "open";
      group.isDirty = true;
      round.open(group, incident, now);
    }
  }
  const quietMs = now - group.lastAt;
  // Written by a clock that was ahead: nobody waits for that time to come.
  const isFromAhead = quietMs < -aheadMaxMs;
  const isSettled = group.incident !== null && isOver(group) && quietMs >= overMs;
  if (isFromAhead || isSettled || quietMs >= settings.openMinutes * minuteMs)
    close(context, group, now);
}

/** Ends a group that nothing joins any more. An incident is over when all its alarms are. */
function close({ groups, round, settings }: Context, group: Group, now: EpochMs): void {
  if (group.incident && isOver(group)) round.resolve(group.incident, now);
  if (!group.incident) round.release(group, settings.shadow ? "shadow" : "lapsed");
  round.close(group);
  groups.delete(group.id);
}
