import { fill, type Message } from "../core/message.ts";
import type { PriorityFactor, Rating } from "../core/priority.ts";

/** Every sentence a factor may state, in English; other languages have the same keys. */
export const priorityStatements = {
  "priority.healthy": "No fault was found; nothing is failing that was not failing before.",
  "priority.users.failing": "{share} of requests fail at {services}, which users see.",
  "priority.users.slow":
    "Requests at {services}, which users see, take {slowdown} times as long as usual.",
  "priority.users.both":
    "{share} of requests fail at {services}, which users see, and slow ones take {slowdown} times as long as usual.",
  "priority.users.fine": "User-facing requests succeed at their usual rate and speed.",
  "priority.users.estimated":
    "Users affected could not be measured; estimated from a failing share of {share} at {services}.",
  "priority.users.unknown":
    "Users affected are unknown ({because}); counted as medium, never as low.",
  "priority.revenue.lost": "“{kpi}” is {share} below what was expected{money}.",
  "priority.revenue.excess": "“{kpi}” is {share} above what was expected{money}.",
  "priority.revenue.delayed":
    "“{kpi}” is {share} below what was expected; the work is late rather than lost{money}.",
  "priority.revenue.fine": "Business metrics ({kpis}) are where they should be.",
  "priority.revenue.assumed":
    "No business metric could be read ({because}); assumed from what users see.",
  "priority.legal.breach": "A regulated breach: {services}.",
  "priority.legal.security": "Signs of a security breach; legal duties may follow.",
  "priority.legal.regulated": "{services} has regulatory weight and is affected.",
  "priority.legal.suspected":
    "{services} has regulatory weight, and a breach is suspected: {because}.",
  "priority.peak.yes": "It happens at peak hour.",
  "priority.peak.no": "It does not happen at peak hour.",
  "priority.peak.unknown": "Whether it is peak hour is not known ({because}).",
  "priority.security.breach": "A security alarm reports a breach.",
  "priority.security.suspected": "A security breach is suspected: {because}.",
  "priority.security.none": "No security breach.",
  "priority.security.unknown": "Whether security is affected is not known ({because}).",
  "priority.legal.none": "No affected service is marked as regulated.",
  "priority.availability.down": "{share} of requests to {service}, a core function, fail.",
  "priority.availability.secondary":
    "{share} of requests to {service} fail, a secondary function users can do without for a while.",
  "priority.availability.slow":
    "{service}, a core function, is {slowdown} times slower than usual.",
  "priority.availability.slow-secondary":
    "{service}, a secondary function, is {slowdown} times slower than usual.",
  "priority.availability.fine": "No core function fails more than usual.",
  "priority.availability.unknown":
    "Availability could not be measured ({because}); counted as medium, never as low.",
  "priority.safety.data": "Data is being lost or corrupted.",
  "priority.safety.data-suspected": "Data may be lost or corrupted: {because}.",
  "priority.safety.security": "A security breach is in progress or suspected.",
  "priority.safety.spread": "The fault is spreading: {affected} of {known} services suffer.",
  "priority.safety.contained": "No sign of data loss; services that suffer: {affected} of {known}.",
} as const;
export type PriorityStatement = keyof typeof priorityStatements;

/** A factor whose sentence is written from its template. */
export function factor(
  name: string,
  rating: Rating,
  state: PriorityFactor["state"],
  id: PriorityStatement,
  params: Message["params"],
  evidence: readonly string[] = [],
): PriorityFactor {
  const statement = fill(priorityStatements[id], params);
  return { name, rating, state, statement, message: { id, params }, evidence: [...evidence] };
}

/** 0.0834 as `8%`, 0.004 as `0.4%`. */
export function percent(share: number): string {
  const value = Math.max(0, share) * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : Number(value.toPrecision(1))}%`;
}

/** 12.34 as `12`, 2.34 as `2.3`. */
export function times(ratio: number): string {
  return ratio >= 10 ? String(Math.round(ratio)) : String(Math.round(ratio * 10) / 10);
}
