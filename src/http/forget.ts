import { setTimeout as delay } from "node:timers/promises";
import type { Principal } from "../core/principal.ts";
import type { HttpParts } from "./parts.ts";

/** A run stops at its next step; in another process it hears of the wish within a second. */
const stopMsMax = 8_000;
const lookEveryMs = 100;

export type Forgotten =
  | { readonly kind: "forgotten"; readonly removed: Readonly<Record<string, number>> }
  | { readonly kind: "unknown" }
  /** Whatever runs would write again what was just removed. */
  | { readonly kind: "running" };

/** Stops what runs, deletes everything about an incident, and writes down that it was done. */
export async function forgetIncident(
  { analyst, store, clock }: HttpParts,
  id: string,
  by: Principal,
): Promise<Forgotten> {
  if (!(await store.incidents.get(id))) return { kind: "unknown" };
  if (await isOngoing(store, id)) {
    await analyst.cancel(id, by);
    for (let waited = 0; await isOngoing(store, id); waited += lookEveryMs) {
      if (waited >= stopMsMax) return { kind: "running" };
      await delay(lookEveryMs);
    }
  }
  const removed = await store.retention.forgetIncident(id);
  const entry = { at: clock.now(), event: "incident-forget", by: by.id, incident: id };
  await store.audit.append({ ...entry, detail: removed });
  return { kind: "forgotten", removed };
}

/** The audit log says that somebody was forgotten, and never who. */
export async function forgetPerson(
  { store, clock }: HttpParts,
  person: string,
  by: Principal,
): Promise<Readonly<Record<string, number>>> {
  const removed = await store.retention.forgetPerson(person);
  const who = by.id === person ? "forgotten" : by.id;
  const entry = { at: clock.now(), event: "person-forget", by: who, incident: null };
  await store.audit.append({ ...entry, detail: removed });
  return removed;
}

async function isOngoing(store: HttpParts["store"], id: string): Promise<boolean> {
  const incident = await store.incidents.get(id);
  return incident?.state === "queued" || incident?.state === "investigating";
}
