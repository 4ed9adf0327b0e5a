import type { Alarm } from "./alarm.ts";
import type { Incident } from "./incident.ts";
import type { Language } from "./language.ts";
import type { Principal } from "./principal.ts";
import type { Window } from "./window.ts";

/** What someone wants looked into. */
export interface InvestigationRequest {
  readonly alarm: Alarm | null;
  readonly question: string | null;
  readonly service: string | null;
  /** Absent parts are worked out from the alarm and the telemetry. */
  readonly window: Window | null;
  readonly baseline: Window | null;
  /** `builtin`, `openai:…`; null means the configured one. */
  readonly model: string | null;
  /** Null means the configured one. */
  readonly language: Language | null;
  readonly principal: Principal;
  /** Same key, same incident: a repeated request starts nothing new. */
  readonly idempotencyKey: string | null;
  /** Folder to read instead of the configured sources. */
  readonly capture: string | null;
  /**
   * An incident that exists already and waits for its investigation: what a job of the queue asks
   * for. A run that a crash has cut off goes on; one that has a report gives it back.
   */
  readonly incident?: string;
}

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
