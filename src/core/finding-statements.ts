import { causeStatements } from "./cause-statements.ts";

/**
 * What findings say, in English; `{name}` is filled in. A report in another language says the same
 * id in its own words, so every number and name is a parameter and none is inside the sentence.
 */
export const findingStatements = {
  ...causeStatements,
  "finding.rose": "{service}: {signal} rose from {before} to {now}{factor}{when}",
  "finding.fell": "{service}: {signal} fell from {before} to {now}{factor}{when}",
  "finding.appeared": "{service}: {signal} went from nothing to {now}{when}",
  "finding.log-new": "{service} logs a new {severity} line, {count} times ({rate}): {quote}",
  "finding.log-vanished": "{service} no longer logs a line it used to log {usual}: {quote}",
  "finding.log-more": "{service} logs {severity} lines {rate} instead of {usual}{factor}: {quote}",
  "finding.log-less": "{service} logs a line only {rate} instead of {usual}: {quote}",
  "finding.self-time":
    "{service} itself adds {excess} over {calls} calls, {share} of all time lost; most in {operation} ({before} to {now} on average)",
  "finding.critical-path":
    "Requests wait {now} for {service} on their critical path, {share} of their whole time; normally {before} ({usualShare}); {count} requests sampled",
  "finding.critical-edge":
    "Requests wait {now} for {service}, called by {caller}, on their critical path, {share} of their whole time; normally {before} ({usualShare}); {count} requests sampled",
  "finding.amplification":
    "{caller} calls {callee} {now} times per request, normally {before}: more work per request, not more requests",
  "finding.retries":
    "{caller} calls {callee} {now} times per request, normally {before}, and {failed} of those calls fail: it tries again, which adds load",
  "finding.leak": "{service}: memory only grows ({signal} from {before} to {now} since {time})",
  "finding.leak-restarts":
    "{service}: memory grows ({signal} from {before} to {now} since {time}) until the process ends; it started anew {restarts} times",
  "finding.crash": "{service}: its process ended and started anew {restarts} times",
  "finding.unreachable":
    "{count} failing lines of {callers} say that {service} does not serve them",
  "finding.own-work": "{service} began work of its own at {time}: {line}",
  "finding.peak-hour":
    "At this hour of the day {signal} of {service} is usually at {share} of its busiest hour",
  "finding.network-gap":
    "Calls to {service} spend {now} outside it instead of {before}, {share} of all time lost: network, connection or queueing",
  "finding.error-origin":
    "{count} failures begin in {service} ({share} of all new ones), most in {operation}",
  "finding.latency-mass":
    "{service} itself makes {share} of the extra waiting; {passed} of what it loses comes from services it calls",
  "finding.error-mass":
    "{service} itself makes {share} of the extra failures; {passed} of what it loses comes from services it calls",
  "finding.new-callee": "{service} began to call {callees}, which it never called before",
  "finding.onset": "The incident began {when}: {signal} of {service} left its normal range",
  "finding.alarm-confirmed":
    "The alarm is right: {signal} of {service} is {now}, normally {before}",
  "finding.alarm-normal":
    "The alarm's signal is within its normal noise: {signal} of {service} is {now}, normally {before}",
  "finding.alarm-short":
    "The alarm's signal moved, but never reached its threshold of {threshold}: {signal} of {service} is {now}, normally {before}",
  "finding.alarm-unseen": "The alarm's signal ({signal} of {service}) is not in the telemetry",
  "finding.alarm-joined": 'Alarm "{name}" of {service} fired {when} and belongs to this incident',
  "finding.alarm-joined-unplaced": 'Alarm "{name}" fired {when} and belongs to this incident',
  "finding.quiet": "No harmful change that lasts was found in {series} series",
  "finding.health": "{service}: {failing} of requests fail (normally {usual}){slow}",
  "finding.health-fine": "{service}: no request fails, as usual",
  "finding.health-slow": "{service}: no request fails, but they take {times} times as long",
  "finding.health-slow-only":
    "{service}: requests take {times} times as long; whether they fail was not counted",
  "finding.health-unknown": "{service}: whether its requests fail was not counted",
  "finding.slo":
    "{slo}: error budget burns at {burn} times the allowed pace over the last {long} ({short}: {burnShort} times); {left} of the budget is left",
  "finding.slo-reported":
    "{slo} of {service} is {state}: {attained} attained, {target} asked; {left} of the error budget is left",
  "finding.slo-burning":
    "{slo} of {service} is {state}: {attained} attained, {target} asked; {left} of the error budget is left, and it burnt {burn} times too fast in this time",
  "finding.kpi":
    "{kpi}: {actual} instead of {expected} expected since {since}, {lost} lost ({low} to {high})",
  "finding.kpi-normal": "{kpi} is as expected: {actual} against {expected} ({low} to {high})",
  "finding.correlation":
    "{first} and {second} move together since the onset (correlation {value}), across layers",
  "finding.calls": "{services} services call one another over {edges} paths",
  "finding.topology": "{service} is called by {callers} and calls {callees}",
} as const;

export type FindingStatement = keyof typeof findingStatements;
