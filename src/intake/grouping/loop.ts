import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { GroupingRound } from "../../core/intake.ts";
import type { Job } from "../../core/job.ts";
import type { Logger } from "../../core/logger.ts";
import { regroupJobSchema } from "../../core/regroup.ts";
import type { Store } from "../../core/store.ts";
import { type Grouper, grouper } from "./grouper.ts";
import type { GroupingSettings } from "./settings.ts";
import type { Topology } from "./topology.ts";

/** Alarms looked at in one round; more wait for the next, which begins at once. */
const batchMax = 2_000;
const pauseMs = 200;
const faultPauseMaxMs = 10_000;
const leaseMs = 6_000;
const leaseRenewMs = 1_500;
const regroupKind = "regroup";

export interface GroupingLoopParts {
  readonly store: Pick<Store, "alarms" | "jobs">;
  readonly settings: GroupingSettings;
  readonly topology: () => Topology;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Name of this process among those that share the store. */
  readonly owner: string;
  /** Told of every round that was written. */
  readonly onRound?: (round: GroupingRound) => void;
}

export interface GroupingLoop {
  /**
   * One round; the number of alarms it looked at. 0 also when another process does the grouping.
   */
  tick(): Promise<number>;
  /** Rounds until the signal; then lets go of the lease. */
  run(signal: AbortSignal): Promise<void>;
}

/** Of all processes that share a store, the holder of the lease `grouping` groups. */
export function groupingLoop(parts: GroupingLoopParts): GroupingLoop {
  const { store, settings, topology, clock, ids, logger, owner } = parts;
  let state: Grouper | null = null;
  let heldSince = Number.NEGATIVE_INFINITY;

  const hold = async (): Promise<boolean> => {
    const since = clock.now() - heldSince;
    if (state && since >= 0 && since < leaseRenewMs) return true;
    const isMine = await store.jobs.hold("grouping", owner, leaseMs);
    if (!isMine) state = null;
    else heldSince = clock.now();
    return isMine;
  };
  const tick = async (): Promise<number> => {
    if (!(await hold())) return 0;
    state ??= grouper(
      { settings, topology, nextId: (prefix) => ids.next(prefix) },
      await store.alarms.groups(),
    );
    const waiting = await store.alarms.pending(batchMax);
    for (const accepted of waiting) state.take(accepted);
    const asked = await applyRegroups(parts, state);
    state.advance(clock.now());
    const round = state.round(clock.now());
    if (!round) return waiting.length;
    if (await store.alarms.commit(owner, round)) {
      parts.onRound?.(round);
      for (const job of asked) await store.jobs.finish(job.id, owner);
      for (const incident of round.opened) {
        logger.info("incident-open", { incident: incident.id, alarms: incident.alarms.length });
      }
      for (const { incident, into } of round.merged)
        logger.info("incident-merge", { incident, into });
    } else {
      state = null;
    }
    return waiting.length;
  };
  /** What was decided but not written is forgotten, and decided anew from the store. */
  const safeTick = async (): Promise<number> => {
    try {
      return await tick();
    } catch (fault) {
      state = null;
      throw fault;
    }
  };
  return {
    tick: safeTick,
    run: async (signal) => {
      let faults = 0;
      while (!signal.aborted) {
        let isFull = false;
        try {
          isFull = (await safeTick()) >= batchMax;
          faults = 0;
        } catch (fault) {
          faults += 1;
          logger.error("grouping-fail", { fault: fault instanceof Error ? fault.message : "" });
        }
        const pause = Math.min(pauseMs * 2 ** faults, faultPauseMaxMs);
        if (!isFull) await delay(pause, undefined, { signal }).catch(() => {});
      }
      await store.jobs.letGo("grouping", owner).catch(() => {});
    },
  };
}

/** Merges and splits that people asked for. A job that cannot be done is done with, and said. */
async function applyRegroups(parts: GroupingLoopParts, state: Grouper): Promise<readonly Job[]> {
  const { store, clock, logger, owner } = parts;
  const done: Job[] = [];
  for (;;) {
    const request = { worker: owner, kinds: [regroupKind], leaseMs };
    const job = await store.jobs.lease(request);
    if (!job) return done;
    const asked = regroupJobSchema.parse(job.payload);
    const isDone = apply(state, asked, clock.now());
    if (!isDone) logger.warn("regroup-refuse", { kind: asked.kind, incident: asked.incident });
    if (isDone) done.push(job);
    else await store.jobs.fail(job.id, owner, "the incident takes no alarms any more", null);
  }
}

function apply(state: Grouper, asked: z.infer<typeof regroupJobSchema>, now: number): boolean {
  switch (asked.kind) {
    case "merge":
      return state.merge(asked.incident, asked.into);
    case "split":
      return state.split(asked.incident, asked.fingerprints, now) !== null;
    case "forget":
      state.forget(asked.incident);
      return true;
  }
}
