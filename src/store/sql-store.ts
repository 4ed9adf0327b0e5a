import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Store } from "../core/store.ts";
import { alarmStore } from "./alarm-store.ts";
import { auditLog } from "./audit-log.ts";
import type { Engine } from "./engine.ts";
import { faceState } from "./face-state.ts";
import { incidentStore } from "./incident-store.ts";
import { jobStore } from "./job-store.ts";
import { retention } from "./retention.ts";
import { blobStore, feedbackStore, reportStore, stepStore } from "./run-stores.ts";

export interface StoreParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Time of leases, the same for all who share the database. */
  readonly leaseClock: () => Promise<number>;
}

/** Every part of the store over one engine whose tables are up to date. */
export function sqlStore({ engine, clock, ids, leaseClock }: StoreParts): Store {
  return {
    incidents: incidentStore(engine),
    steps: stepStore(engine),
    reports: reportStore(engine, clock),
    blobs: blobStore(engine, clock),
    audit: auditLog(engine, ids),
    face: faceState(engine, clock),
    feedback: feedbackStore(engine),
    alarms: alarmStore(engine, clock, ids),
    jobs: jobStore(engine, leaseClock, ids),
    retention: retention(engine, clock, ids),
    ping: async () => {
      await engine.all("SELECT version FROM schema_version LIMIT 1");
    },
    close: () => engine.close(),
  };
}
