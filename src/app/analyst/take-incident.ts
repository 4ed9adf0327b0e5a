import { UserError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Incident, IncidentState } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { Store } from "../../core/store.ts";

/**
 * An incident that intake opened gets its investigation; a second attempt keeps the first one's.
 */
export async function takeIncident(store: Store, ids: Ids, id: string): Promise<Incident> {
  const incident = await store.incidents.update(id, (before) => ({
    ...before,
    investigation: before.investigation ?? ids.next("inv"),
  }));
  if (!incident) throw new UserError(`There is no incident ${id}.`);
  return incident;
}

/** A job of the queue also takes up what a crash has cut off or a fault has ended. */
export function isToBegin(incident: Incident, request: InvestigationRequest): boolean {
  if (request.incident === undefined) return incident.state === "queued";
  return incident.conclusion === null && incident.state !== "cancelled";
}

/** Waits for its investigation, or is in the middle of it. */
export function isOngoing(state: IncidentState): boolean {
  return state === "queued" || state === "investigating";
}
