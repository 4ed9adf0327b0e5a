import { reason } from "../../core/reasons.ts";
import type { EpochMs } from "../../core/window.ts";
import { type Group, membersChanged, newGroup } from "./group.ts";
import { openIncident } from "./open-incident.ts";
import type { Round } from "./round.ts";
import type { Topology } from "./topology.ts";

/** What making groups one, or two, needs. */
export interface Regrouping {
  readonly groups: Map<string, Group>;
  readonly round: Round;
  readonly topology: () => Topology;
  readonly nextId: (prefix: string) => string;
}

/** Makes two groups one. The one whose incident is older, else the older group, goes on living. */
export function unite(context: Regrouping, a: Group, b: Group, why: string): Group {
  const { round, groups } = context;
  const age = (group: Group) => group.incident ?? `~${group.firstAt}`;
  const [into, from] = age(a) <= age(b) ? [a, b] : [b, a];
  for (const [fingerprint, member] of from.members) {
    if (into.members.has(fingerprint)) continue;
    into.members.set(fingerprint, {
      ...member,
      reasons: [...member.reasons, reason("alarm.merged", { reason: why })],
    });
    if (into.incident) round.join(into.incident, member);
  }
  into.firstAt = Math.min(into.firstAt, from.firstAt);
  into.lastAt = Math.max(into.lastAt, from.lastAt);
  into.isDirty = true;
  if (from.incident && into.incident) round.merge(from.incident, into.incident);
  round.move(from, into, null);
  round.close(from);
  groups.delete(from.id);
  return into;
}

/** A person's word: these alarms are another problem. Null when nothing was split off. */
export function split(
  context: Regrouping,
  incident: string,
  fingerprints: readonly string[],
  now: EpochMs,
): string | null {
  const from = withIncident(context, incident);
  const leaving = fingerprints.filter((fingerprint) => from?.members.has(fingerprint));
  if (!from || leaving.length === 0 || leaving.length === from.members.size) return null;
  const group = newGroup(context.nextId("grp"), now);
  for (const fingerprint of leaving) {
    const member = from.members.get(fingerprint);
    if (!member) continue;
    group.members.set(fingerprint, {
      ...member,
      reasons: [reason("alarm.split-by-person", { incident })],
    });
    from.members.delete(fingerprint);
  }
  group.apart = [from.id];
  from.apart.push(group.id);
  membersChanged(from);
  context.groups.set(group.id, group);
  const opened = openIncident(group, context.nextId("inc"), now, context.topology());
  group.incident = opened.id;
  group.state = "open";
  context.round.open(group, opened, now);
  context.round.move(from, group, leaving);
  context.round.part(incident, leaving);
  return opened.id;
}

/** Undefined when no open group belongs to it: it is over, or was never one of alarms. */
export function withIncident({ groups }: Regrouping, incident: string): Group | undefined {
  return [...groups.values()].find((group) => group.incident === incident);
}
