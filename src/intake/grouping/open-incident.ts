import type { Incident, IncidentAlarm } from "../../core/incident.ts";
import type { NewJob } from "../../core/job.ts";
import { limits } from "../../core/limits.ts";
import type { Principal } from "../../core/principal.ts";
import type { EpochMs } from "../../core/window.ts";
import { rootsOf } from "./correlate.ts";
import type { Group, Member } from "./group.ts";
import type { Topology } from "./topology.ts";

/** Who opens an incident when nobody asked. */
export const alarmPrincipal: Principal = {
  id: "alarm",
  name: "alarm",
  role: "responder",
  door: "alarm",
};

/** With the back-off about an hour of trying; a job that takes its worker down ends here too. */
const attemptsMax = 16;

/** The incident a group becomes. Its first alarm is the one that speaks for it. */
export function openIncident(group: Group, id: string, now: EpochMs, topology: Topology): Incident {
  const members = speakingFirst(group, topology);
  const [first] = members;
  return {
    id,
    title: titleOf(members).slice(0, limits.incidentTitleCharsMax),
    state: "queued",
    service: first?.alarm.service ?? null,
    openedAt: now,
    updatedAt: now,
    resolvedAt: null,
    alarms: members.map(toIncidentAlarm),
    openedBy: alarmPrincipal,
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: null,
    mergedInto: null,
  };
}

/** The part of a member that people see; what grouping remembers about it is left out. */
export function toIncidentAlarm(member: Member): IncidentAlarm {
  const { alarm, count, firstAt, lastAt, reasons } = member;
  return { alarm, count, firstAt, lastAt, reasons };
}

/** Tells people at once, before anything was looked at. */
export function announceJob(incident: Incident, now: EpochMs): NewJob {
  return {
    kind: "announce",
    key: `announce:${incident.id}`,
    exclusive: null,
    priority: 0,
    payload: { incident: incident.id },
    attemptsMax,
    runAt: now,
  };
}

/** The work that an incident of alarms starts. */
export function investigateJob(incident: Incident, now: EpochMs): NewJob {
  return {
    kind: "investigate",
    key: `investigate:${incident.id}`,
    exclusive: incident.id,
    priority: Math.min(...incident.alarms.map(({ alarm }) => urgencyOf(alarm.severity))),
    payload: { incident: incident.id },
    attemptsMax,
    runAt: now,
  };
}

/**
 * Order in the queue by what the sender calls its alarm; the priority of the report is computed.
 */
function urgencyOf(severity: string | null): number {
  if (severity === null) return 3;
  if (/^(critical|fatal|page|emergency|p0|p1|sev-?[01]|1)$/i.test(severity)) return 1;
  return /^(info|low|p3|p4|none)$/i.test(severity) ? 6 : 3;
}

/** Alarms of a root come first, then in order of time. */
function speakingFirst(group: Group, topology: Topology): Member[] {
  const roots = new Set(rootsOf(group, topology));
  const rank = ({ alarm }: Member) => (alarm.service !== null && roots.has(alarm.service) ? 0 : 1);
  return [...group.members.values()].sort((a, b) => rank(a) - rank(b) || a.firstAt - b.firstAt);
}

function titleOf(members: readonly Member[]): string {
  const [first] = members;
  if (!first) return "alarms";
  const { name, service } = first.alarm;
  const who = service && !name.toLowerCase().includes(service.toLowerCase()) ? `${service}: ` : "";
  const more = members.length > 1 ? ` (+${members.length - 1})` : "";
  return `${who}${name}${more}`;
}
