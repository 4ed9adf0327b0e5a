import type { Alarm } from "../../core/alarm.ts";
import type { Incident } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { EpochMs } from "../../core/window.ts";

/** The record of a request whose investigation begins at once. */
export function scriptedIncident(
  { alarm, question, service, principal }: InvestigationRequest,
  made: { readonly id: string; readonly investigation: string; readonly now: EpochMs },
): Incident {
  return {
    id: made.id,
    title: alarm?.name ?? question ?? "incident",
    state: "investigating",
    service: alarm?.service ?? service,
    openedAt: made.now,
    updatedAt: made.now,
    resolvedAt: null,
    alarms: alarm
      ? [{ alarm, count: 1, firstAt: alarm.firedAt, lastAt: alarm.firedAt, reasons: [] }]
      : [],
    openedBy: principal,
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: made.investigation,
    mergedInto: null,
  };
}

/** The open incident after its alarm fired again, or was resolved. */
export function withAlarm(incident: Incident, alarm: Alarm): Incident {
  if (alarm.state === "resolved") return { ...incident, resolvedAt: alarm.firedAt };
  const alarms = incident.alarms.map((one) =>
    one.alarm.fingerprint === alarm.fingerprint
      ? { ...one, count: one.count + 1, lastAt: alarm.firedAt }
      : one,
  );
  return { ...incident, alarms };
}
