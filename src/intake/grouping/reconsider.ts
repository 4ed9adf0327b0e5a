import type { EpochMs } from "../../core/window.ts";
import { type Relation, relate, rootsOf } from "./correlate.ts";
import { type Group, type Member, services } from "./group.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";
import type { WordWeight } from "./words.ts";

/** For so long after its first alarm a service may still turn out to belong elsewhere. */
const unsettledMs = 15_000;
/** Another group must fit better by this much, so that nothing swings to and fro. */
const margin = 0.05;

/** Alarms of one service that belong to another group than the one they were put into. */
export interface Move {
  readonly from: Group;
  readonly to: Group;
  readonly fingerprints: readonly string[];
  readonly reasons: readonly string[];
}

/**
 * The alarms of a service are placed one by one, in the order in which they happen to come; a few
 * seconds later more is known. Looks again at every service that is new, all its alarms together.
 */
export function reconsider(
  groups: readonly Group[],
  now: EpochMs,
  topology: Topology,
  settings: GroupingSettings,
  weightOf: WordWeight,
): Move | null {
  const open = groups.filter((group) => group.state !== "closed");
  if (open.length < 2) return null;
  for (const group of open) {
    const roots = new Set(rootsOf(group, topology));
    const isAlone = services(group).size === 1;
    for (const [service, { firstAt }] of services(group)) {
      if (now - firstAt > unsettledMs || (roots.has(service) && !isAlone)) continue;
      const block = [...group.members.values()].filter((m) => m.alarm.service === service);
      const rest = isAlone ? null : without(group, block);
      const mine = rest && best(block, rest, topology, settings, weightOf);
      let better: Relation | null = null;
      for (const other of open) {
        if (other === group || other.apart.includes(group.id) || group.apart.includes(other.id)) {
          continue;
        }
        const relation = best(block, other, topology, settings, weightOf);
        if (relation.score < settings.joinScore || relation.side !== "victim") continue;
        if (!better || relation.fit > better.fit) better = relation;
      }
      if (!better || better.fit <= (mine ? mine.fit : 0) + margin) continue;
      return {
        from: group,
        to: better.group,
        fingerprints: block.map((member) => member.alarm.fingerprint),
        reasons: better.reasons,
      };
    }
  }
  return null;
}

function best(
  block: readonly Member[],
  group: Group,
  topology: Topology,
  settings: GroupingSettings,
  weightOf: WordWeight,
): Relation {
  const relations = block.map(({ alarm, beganAt }) =>
    relate(alarm, beganAt, group, topology, settings, weightOf),
  );
  const first = relations[0] as Relation;
  const fit = relations.reduce((sum, each) => sum + each.fit, 0) / relations.length;
  return { ...first, fit };
}

function without(group: Group, block: readonly Member[]): Group {
  const leaving = new Set(block.map((member) => member.alarm.fingerprint));
  const members = new Map([...group.members].filter(([fingerprint]) => !leaving.has(fingerprint)));
  return { ...group, members };
}
