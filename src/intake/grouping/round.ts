import type { Incident } from "../../core/incident.ts";
import { emptyRound, type GroupingRound, type Join, type Settlement } from "../../core/intake.ts";
import type { EpochMs } from "../../core/window.ts";
import { type Group, type Member, toRecord } from "./group.ts";
import { announceJob, investigateJob, toIncidentAlarm } from "./open-incident.ts";

/** Gathers what one round of grouping has to write. */
export interface Round {
  settle(settlement: Settlement): void;
  open(group: Group, incident: Incident, now: EpochMs): void;
  join(incident: string, member: Member): void;
  resolve(incident: string, at: EpochMs): void;
  merge(incident: string, into: string): void;
  /** These alarms belong to the incident no longer. */
  part(incident: string, fingerprints: readonly string[]): void;
  move(from: Group, to: Group, fingerprints: readonly string[] | null): void;
  release(group: Group, disposition: "joined" | "lapsed" | "shadow"): void;
  close(group: Group): void;
  /** What was gathered, null when there is nothing; begins anew. */
  drain(groups: ReadonlyMap<string, Group>, now: EpochMs): GroupingRound | null;
}

/** Holds what was gathered in memory only: without a `drain` and a commit nothing is written. */
export function openRound(): Round {
  let draft = emptyRound();
  let closed: Group[] = [];
  let moves: { from: string; to: Group; fingerprints: readonly string[] | null }[] = [];
  let joins = new Map<string, Join>();
  return {
    settle: (settlement) => draft.settlements.push(settlement),
    open: (group, incident, now) => {
      draft.opened.push(incident);
      draft.jobs.push(announceJob(incident, now), investigateJob(incident, now));
      draft.release.push({ group: group.id, disposition: "joined", incident: incident.id });
    },
    join: (incident, member) => {
      const { alarm } = member;
      joins.set(`${incident} ${alarm.fingerprint}`, { incident, ...toIncidentAlarm(member) });
    },
    resolve: (incident, at) => draft.resolved.push({ incident, at }),
    merge: (incident, into) => draft.merged.push({ incident, into }),
    part: (incident, fingerprints) => draft.parted.push({ incident, fingerprints }),
    move: (from, to, fingerprints) => moves.push({ from: from.id, to, fingerprints }),
    release: (group, disposition) =>
      draft.release.push({ group: group.id, disposition, incident: group.incident }),
    close: (group) => closed.push({ ...group, state: "closed" }),
    drain: (groups, now) => {
      const dirty = [...groups.values()].filter((group) => group.isDirty);
      for (const group of dirty) group.isDirty = false;
      const records = [...dirty, ...closed].map((group) => toRecord(group, now));
      // Only now is it known which incident a group has become in this round.
      const moved = moves.map((move) => ({ ...move, to: move.to.id, incident: move.to.incident }));
      const drained = { ...draft, groups: records, joins: [...joins.values()], moved };
      moves = [];
      draft = emptyRound();
      closed = [];
      joins = new Map();
      return Object.values(drained).some((list) => list.length > 0) ? drained : null;
    },
  };
}
