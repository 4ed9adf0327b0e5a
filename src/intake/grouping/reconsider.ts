import type { EpochMs } from "../../core/window.ts";
import { fitOf, type Relation, relate, rootsOf } from "./correlate.ts";
import { type Group, isKeptApart, type Member, services } from "./group.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";
import type { WordWeight } from "./words.ts";

/** For so long after its first alarm a service may still turn out to belong elsewhere. */
const unsettledMs = 15_000;
/** Another group must fit this many times as well, so that nothing swings to and fro. */
const margin = 1.15;

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
  const look: Fit = (block, group) => best(block, group, topology, settings, weightOf);
  for (const group of open) {
    for (const block of unsettled(group, now, topology)) {
      const mine = services(group).size > 1 ? look(block, without(group, block)).fit : 0;
      const better = betterHome(block, group, open, settings, look);
      if (!better || better.fit <= mine * margin) continue;
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

interface Fitting extends Relation {
  readonly fit: number;
}

type Fit = (block: readonly Member[], group: Group) => Fitting;

/** Alarms of a service that is new in its group and not a root of it, service by service. */
function unsettled(group: Group, now: EpochMs, topology: Topology): Member[][] {
  const roots = new Set(rootsOf(group, topology));
  const known = services(group);
  return [...known]
    .filter(([service, { firstAt }]) => {
      const isRoot = roots.has(service) && known.size > 1;
      return now - firstAt <= unsettledMs && !isRoot;
    })
    .map(([service]) => [...group.members.values()].filter((m) => m.alarm.service === service));
}

/**
 * The other group in which these alarms would be victims and fit best; null when they fit in none.
 */
function betterHome(
  block: readonly Member[],
  group: Group,
  open: readonly Group[],
  settings: GroupingSettings,
  look: Fit,
): Fitting | null {
  return open
    .filter((other) => other !== group && !isKeptApart(group, other))
    .map((other) => look(block, other))
    .filter(({ score, side }) => score >= settings.joinScore && side === "victim")
    .reduce<Fitting | null>((a, b) => (a && a.fit >= b.fit ? a : b), null);
}

function best(
  block: readonly Member[],
  group: Group,
  topology: Topology,
  settings: GroupingSettings,
  weightOf: WordWeight,
): Fitting {
  const relations = block.map(({ alarm, beganAt }) =>
    relate(alarm, beganAt, group, topology, settings, weightOf),
  );
  return { ...(relations[0] as Relation), fit: fitOf(relations) };
}

function without(group: Group, block: readonly Member[]): Group {
  const leaving = new Set(block.map((member) => member.alarm.fingerprint));
  const members = new Map([...group.members].filter(([fingerprint]) => !leaving.has(fingerprint)));
  return { ...group, members };
}
