import { fill, type Message } from "./message.ts";

/**
 * Why code of ours did something: put an alarm into a group, called a tool. What is stored is the
 * English sentence; a page in another language finds the template again by `readReason`.
 */
export const reasons = {
  "alarm.first": "first alarm of its group",
  "alarm.score": "score {score}",
  "alarm.same-service": "same service {service}",
  "alarm.calls": "{caller} calls {callee}",
  "alarm.near": "{reason} (topology {weight})",
  "alarm.after": "{seconds} s after it (time {weight})",
  "alarm.wording": "wording {weight}",
  "alarm.no-call": "no call leads from one to the other",
  "alarm.no-topology": "topology unknown",
  "alarm.composite": "composite alarm over {name}",
  "alarm.part": "part of the composite alarm {name}",
  "alarm.unknown-over": "it is over, and no open group knows it",
  "alarm.flapping": "it changed its state {count} times in {minutes} minutes",
  "alarm.over": "it is over",
  "alarm.again": "it fires again",
  "alarm.still": "same alarm, still firing",
  "alarm.fits-better": "fits better here",
  "alarm.merged": "merged: {reason}",
  "alarm.merged-by-person": "merged by a person",
  "alarm.split-by-person": "split off {incident} by a person",
  "alarm.suppressed": "its actions are suppressed at the sender ({by})",
  "alarm.maintenance": "maintenance: {name}",
  "call.anomalies": "which signals left their normal range",
  "call.impact": "what users and money feel of it",
  "call.budgets": "how fast error budgets burn",
  "call.traces": "where time and errors are created in {services}",
  "call.traces-anywhere": "where time and errors are created anywhere, since no metric stands out",
  "call.logs": "which log lines are new or rising in {services}",
  "call.logs-anywhere": "which log lines are new or rising anywhere, since no metric stands out",
  "call.changes": "what was changed before it began",
  "call.causes": "which cause explains the findings best",
  "call.priority": "how urgent this is",
  "call.late-alarm": "an alarm of {services} joined the incident",
  "call.neighbours": "who depends on {service}, and what it depends on",
  "call.failing": "failing requests through {services}",
  "call.runbook": "what experts do about {kind}",
} as const;
export type ReasonId = keyof typeof reasons;

/**
 * The English sentence. It is what is stored; `readReason` takes it apart again for other
 * languages.
 */
export function reason(id: ReasonId, params: Message["params"] = {}): string {
  return fill(reasons[id], params);
}

/** Template and values of a sentence that `reason` made; null for any other. */
export function readReason(said: string): { id: ReasonId; params: Message["params"] } | null {
  for (const { id, pattern } of patterns) {
    const found = pattern.exec(said);
    if (found) return { id, params: { ...found.groups } };
  }
  return null;
}

/** The ones with most words of their own first: `it is over` is no name that follows `merged:`. */
const patterns = (Object.keys(reasons) as ReasonId[])
  .map((id) => ({ id, own: reasons[id].replaceAll(/\{\w+\}/g, "").length }))
  .sort((a, b) => b.own - a.own)
  .map(({ id }) => {
    const literal = reasons[id].replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&");
    return { id, pattern: new RegExp(`^${literal.replaceAll(/\{(\w+)\}/g, "(?<$1>.+)")}$`, "u") };
  });
