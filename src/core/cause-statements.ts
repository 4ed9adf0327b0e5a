/**
 * What is said of changes, of causes outside and of what was ruled out; as `finding-statements.ts`.
 */
export const causeStatements = {
  "change.words": "{change} {verb} {names}, which {where} of {service} name",
  "change.does": "{change} {does}",
  "change.live-before": "{change} went live at {time}, before the failure began",
  "change.live-moved": "{change} went live at {time}, and {metric} of {service} moved {later}",
  "change.late": "{change} went live after the failure began",
  "change.merged": "{change} was merged, but no deploy carried it",
  "change.before": "{metric} of {service} was moving since {time}, before {change} went live",
  "change.unexplained": "nothing in {change} explains what is seen",
  "external.said": "{count} of {total} failing {where} of {service} say so: {sentence}",
  "external.zero": "{metric} of {service} reached zero at {time}",
  "external.moved": "{metric} of {service} went from {before} to {now} at {time}",
  "first-failing.reasons": "{service} fails on its own account: {reasons}",
  "ruled-out.service": "{service} is the cause",
  "ruled-out.explained":
    "what it shows is explained by {callee}, which it calls and which fails on its own account",
  "ruled-out.change": "{kind} {ref} caused it",
  "ruled-out.change-named": "{ref} caused it",
  "ruled-out.unseen": "nothing of what it changed appears in what is failing",
  "external.bad-record":
    "{count} of {total} failing spans of {service} carry {record}; {passing} spans with other values pass",
  "external.surge": "requests to {service} rose to {ratio} normal",
  "external.surge-with": "requests to {service} rose to {ratio} normal, and with them {others}",
  "mechanism.does": "{change} {does}",
  "mechanism.does-quoted": "{change} {does}; “{word}” appears in what fails on {service}",
  "mechanism.amplified":
    "{change} {does}: one request of {service} now makes {now} calls to {callee} instead of {before}",
  "mechanism.words": "{change} changes “{word}”, which failures of {service} name",
  "mechanism.coincides": "{change} coincides in time; no mechanism is seen",
  "mechanism.outside": "{sentence}",
  "mechanism.outside-on": "{sentence}, seen first on {service}",
  "mechanism.provider":
    "{party}, outside the system, fails, and with it the calls of {service} to it",
  "mechanism.provider-unnamed":
    "a party outside the system fails, and with it the calls of {service} to it",
  "mechanism.bad-record": "one record ({record}) fails every time while others pass",
  "mechanism.bad-input": "{service} meets input that it cannot process",
  "mechanism.surge":
    "more requests arrive at {service} than the system was sized for ({ratio} normal)",
  "mechanism.leak": "{service} seems to leak memory: {signal} only grows, from {before} to {now}",
  "mechanism.leak-restarts":
    "{service} leaks memory: {signal} grows from {before} to {now}, then the process ends and starts anew ({restarts} times)",
  "mechanism.unreachable":
    "{service} does not serve {callers}: it fails, is down or cannot be reached",
  "mechanism.crash": "the process of {service} ends and starts anew ({restarts} times)",
  "mechanism.own-work": "{service} is saturated by work of its own, begun at {time}: {line}",
  "mechanism.healthy":
    "nothing is wrong: the alarm's signal is within its normal noise and no harm lasts",
  "mechanism.short":
    "nothing is wrong: the alarm's signal did not reach its threshold in this time, and neither objectives nor business figures show harm",
  "mechanism.quiet": "nothing is wrong in what was read: no signal left its normal range",
  "mechanism.none": "none of what was read explains the alarm; its cause may lie outside",
} as const;
