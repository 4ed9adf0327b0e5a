import { setTimeout as delay } from "node:timers/promises";
import type { Incident } from "../../core/incident.ts";
import type { Logger } from "../../core/logger.ts";
import type { Step } from "../../core/step.ts";
import type { Store } from "../../core/store.ts";

const everyMs = 500;
const faultPauseMs = 5_000;
/** Writers that overlap in time may become visible in another order than their revisions. */
const overlap = 50;
const seenMax = 1_000;

export interface StoreWatchParts {
  readonly store: Pick<Store, "incidents" | "steps">;
  readonly logger: Logger;
  /** True when this process runs it, and so tells of its steps by itself. */
  readonly isOurs: (incident: string) => boolean;
  /** Whether anyone listens; without ears only incidents are looked at, not their steps. */
  readonly hasEars: () => boolean;
  /** `hasEnded`: another process has just brought it to its end. */
  readonly onIncident: (incident: Incident, hasEnded: boolean) => Promise<void>;
  readonly onStep: (incident: string, step: Step) => void;
}

export interface StoreWatch {
  /** Looks once; for tests and for `run`. */
  look(): Promise<void>;
  /** Looks twice a second until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Hears of what other processes do, through the store that all of them share: an incident that
 * changed, a step that was appended. The same for SQLite and Postgres, and no clock is compared.
 */
export function storeWatch(parts: StoreWatchParts): StoreWatch {
  const { store, logger } = parts;
  const seen = new Map<string, number>();
  /** Runs of other processes: number of the last step that was told. */
  const followed = new Map<string, { investigation: string; last: number }>();
  let since: number | null = null;

  const begin = async (): Promise<number> => {
    const revision = await store.incidents.revision();
    const states = ["investigating"] as const;
    for (const incident of await store.incidents.list({ states, limit: 200 })) {
      follow(incident, await lastStep(store, incident));
    }
    for (const row of await store.incidents.changedSince(revision - overlap)) {
      seen.set(row.id, row.revision);
    }
    return revision;
  };
  const follow = (incident: Incident, last: number) => {
    const { id, investigation } = incident;
    if (investigation === null || parts.isOurs(id)) return;
    if (followed.get(id)?.investigation !== investigation) {
      followed.set(id, { investigation, last });
    }
  };
  const tellSteps = async (id: string) => {
    const run = followed.get(id);
    if (!run || parts.isOurs(id) || !parts.hasEars()) return;
    for (const step of await store.steps.read(run.investigation, run.last)) {
      run.last = step.number;
      parts.onStep(id, step);
    }
  };
  const tellIncident = async (id: string) => {
    const incident = await store.incidents.get(id);
    if (!incident) return;
    const isRunning = incident.state === "investigating";
    if (isRunning) follow(incident, 0);
    const hasEnded = !isRunning && followed.has(id);
    await tellSteps(id);
    if (hasEnded) followed.delete(id);
    await parts.onIncident(incident, hasEnded);
  };
  const look = async () => {
    since ??= await begin();
    const rows = await store.incidents.changedSince(since - overlap);
    for (const { id, revision } of rows) {
      if (seen.get(id) === revision) continue;
      await tellIncident(id);
      seen.delete(id);
      seen.set(id, revision);
      if (seen.size > seenMax) seen.delete(seen.keys().next().value ?? "");
      since = Math.max(since, revision);
    }
    for (const id of followed.keys()) await tellSteps(id);
  };
  return {
    look,
    run: async (signal) => {
      let hasFault = false;
      while (!signal.aborted) {
        try {
          await look();
          hasFault = false;
        } catch (fault) {
          if (!hasFault && !signal.aborted)
            logger.warn("store-watch-fail", { fault: String(fault) });
          hasFault = true;
        }
        await delay(hasFault ? faultPauseMs : everyMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}

async function lastStep(store: Pick<Store, "steps">, incident: Incident): Promise<number> {
  if (incident.investigation === null) return 0;
  return (await store.steps.read(incident.investigation, 0)).at(-1)?.number ?? 0;
}
