import type { Principal } from "../core/principal.ts";
import type { Regroup } from "../core/regroup.ts";
import type { HttpParts } from "./parts.ts";

const attemptsMax = 20;

/** Hands a merge or split to whichever process does the grouping, and writes down who asked. */
export async function regroup(parts: HttpParts, asked: Regroup, by: Principal): Promise<void> {
  const { store, clock, ids } = parts;
  const now = clock.now();
  await store.jobs.enqueue({
    kind: "regroup",
    key: ids.next("regroup"),
    exclusive: null,
    priority: 0,
    payload: asked,
    attemptsMax,
    runAt: now,
  });
  const detail =
    asked.kind === "merge" ? { into: asked.into } : { alarms: asked.fingerprints.length };
  const event = `incident-${asked.kind}`;
  await store.audit.append({ at: now, event, by: by.id, incident: asked.incident, detail });
}
