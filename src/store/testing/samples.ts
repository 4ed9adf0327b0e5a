import type { Alarm } from "../../core/alarm.ts";
import type { Incident, IncidentAlarm } from "../../core/incident.ts";
import type { NewJob } from "../../core/job.ts";
import { localPrincipal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";

const start = Date.parse("2026-03-02T10:00:00Z");

/** Firing; `fingerprint` is what tells it from other samples. */
export function sampleAlarm(fingerprint: string, changes: Partial<Alarm> = {}): Alarm {
  return {
    fingerprint,
    sender: "cloudwatch",
    name: `${fingerprint} is too high`,
    service: "checkout",
    resource: null,
    metric: "latency_p95",
    threshold: 500,
    observed: 2_300,
    severity: "critical",
    state: "firing",
    firedAt: start,
    summary: "p95 above 500 ms",
    labels: { region: "eu-west-1" },
    link: null,
    raw: { NewStateValue: "ALARM" },
    ...changes,
  };
}

/** An alarm that is part of an incident and fired `count` times. */
export function joined(fingerprint: string, count: number): IncidentAlarm {
  return {
    alarm: sampleAlarm(fingerprint),
    count,
    firstAt: start,
    lastAt: start,
    reasons: ["same service"],
  };
}

/** Queued and without alarms: what a test is about goes into `changes`. */
export function sampleIncident(id: string, changes: Partial<Incident> = {}): Incident {
  return {
    id,
    title: "checkout is slow",
    state: "queued",
    service: "checkout",
    openedAt: start,
    updatedAt: start,
    resolvedAt: null,
    alarms: [],
    openedBy: localPrincipal,
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: null,
    mergedInto: null,
    ...changes,
  };
}

/** A note; `number` is its place in the run, and its time in ms after the start. */
export function sampleStep(number: number, text: string): Step {
  return {
    kind: "note",
    text,
    number,
    at: start + number,
    usage: {
      modelCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      toolCalls: number,
      bytesScanned: 0,
      seconds: 0,
    },
  };
}

/** `key` makes it unique: the same key is enqueued once. */
export function sampleJob(key: string, changes: Partial<NewJob> = {}): NewJob {
  return {
    kind: "investigate",
    key,
    exclusive: null,
    priority: 5,
    payload: { of: key },
    attemptsMax: 3,
    runAt: start,
    ...changes,
  };
}

/** Complete, with a likely conclusion but no causes and no evidence. */
export function sampleReport(id: string, changes: Partial<Report> = {}): Report {
  const window = { from: "2026-03-02T09:30:00Z", to: "2026-03-02T10:00:00Z" };
  return {
    id,
    title: "checkout is slow",
    language: "en",
    status: "complete",
    conclusion: "likely",
    confidence: 0.8,
    model: "builtin",
    priority: {
      level: "P1",
      impact: "high",
      severity: "high",
      respondWithin: "1 hour",
      factors: [],
    },
    window,
    baseline: { from: "2026-03-02T08:30:00Z", to: "2026-03-02T09:30:00Z" },
    onset: "2026-03-02T09:41:00Z",
    detectedAt: "2026-03-02T09:50:00Z",
    summary: "Checkout answers slowly because its database is saturated.",
    rootCauses: [],
    ruledOut: [],
    firstFailing: "checkout-db",
    blastRadius: ["checkout", "web"],
    impact: { users: "12 % of the orders", business: [], slos: [] },
    timeline: [],
    actions: [],
    evidence: [],
    gaps: [],
    similar: [],
    topology: [],
    usage: {
      modelCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      toolCalls: 9,
      bytesScanned: 0,
      seconds: 1,
    },
    ...changes,
  };
}
