import type { Incident } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { EpochMs } from "../../core/window.ts";

/** The record that a request opens, before anything was looked at. */
export function newIncident(
  request: InvestigationRequest,
  made: { readonly id: string; readonly investigation: string; readonly now: EpochMs },
): Incident {
  const { alarm, question, service, principal, capture } = request;
  const { id, investigation, now } = made;
  return {
    id,
    title: question ?? alarm?.name ?? "investigation",
    state: "queued",
    service: service ?? alarm?.service ?? null,
    openedAt: now,
    updatedAt: now,
    resolvedAt: null,
    alarms: alarm ? [{ alarm, count: 1, firstAt: now, lastAt: now, reasons: ["opened it"] }] : [],
    openedBy: principal,
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation,
    ...(capture === null ? {} : { capture }),
    mergedInto: null,
  };
}
