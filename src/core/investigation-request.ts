import type { Incident, InvestigationRequest } from "./incident.ts";
import type { Principal } from "./principal.ts";

/** A request of `principal` that leaves open all that `wanted` does not say. */
export function requestBy(
  principal: Principal,
  wanted: Partial<InvestigationRequest>,
): InvestigationRequest {
  return {
    alarm: null,
    question: null,
    service: null,
    window: null,
    baseline: null,
    model: null,
    language: null,
    idempotencyKey: null,
    capture: null,
    ...wanted,
    principal,
  };
}

/** The request that `incident` came from, as far as its record tells, with what `wanted` says. */
export function requestOf(
  incident: Incident,
  wanted: Partial<InvestigationRequest> = {},
): InvestigationRequest {
  const [first] = incident.alarms;
  return requestBy(incident.openedBy, {
    incident: incident.id,
    alarm: first?.alarm ?? null,
    question: first ? null : incident.title,
    service: incident.service,
    capture: incident.capture ?? null,
    ...wanted,
  });
}
