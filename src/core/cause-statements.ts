/** What is said of changes, of causes outside and of what was ruled out; as `finding-statements.ts`. */
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
  "ruled-out.unseen": "nothing of what it changed appears in what is failing",
} as const;
