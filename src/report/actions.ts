import type { ActionKind, Hypothesis } from "../core/hypothesis.ts";
import { cleanLine } from "../core/redaction.ts";
import type { Report } from "../core/report.ts";
import type { Runbook, RunbookAction } from "../core/runbook.ts";
import { changeName, clause, mechanismIn, placeOf, shortRef } from "./cause-words.ts";
import { isNoCause } from "./conclusion.ts";
import { percent } from "./format.ts";
import { phraseIn, type Words } from "./languages.ts";
import type { ReportInput } from "./report-input.ts";

type Action = Report["actions"][number];

const actionsMax = 4;

/**
 * What to do, in order. A sure cause leads with its remedy; an unsure one keeps the remedy first
 * but says to check before, then lists the checks and the gaps worth closing.
 */
export function actionsOf(
  input: ReportInput,
  conclusion: Report["conclusion"],
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Action[] {
  const hypotheses = input.diagnosis?.hypotheses ?? [];
  const best = hypotheses[0];
  if (conclusion === "no-incident") {
    const text = words.say("action.nothing");
    return [{ kind: "monitor", text, risk: words.say("risk.monitor"), evidence: [] }];
  }
  if (!best) return gapActions(input, words);
  const remedy = remedyOf(best, input, ids, words);
  if (conclusion === "confirmed" || conclusion === "likely") {
    const suspect = suspectedChange(best, hypotheses);
    const undo = suspect ? [undoOf(suspect, input, ids, words)] : [];
    return [remedy, ...undo, verifyAction(input, words)];
  }
  const leads = hypotheses.filter((item) => !isNoCause(item)).slice(0, 2);
  const checks = leads.map((lead): Action => {
    const text = words.say("action.check-lead", {
      mechanism: mechanismIn(lead, words, input.evidence),
    });
    const evidence = ids([...lead.supporting, ...lead.contradicting]).slice(0, 4);
    return { kind: "monitor", text, risk: words.say("risk.monitor"), evidence };
  });
  const ways = [...checks, ...gapActions(input, words)];
  if (best.remediation === "monitor" && ways.length > 0) return ways.slice(0, actionsMax);
  const first = isNoCause(best)
    ? remedy
    : { ...remedy, text: words.say("action.unless", { action: remedy.text }) };
  return [first, ...ways].slice(0, actionsMax);
}

/** From this confidence on, a change that is not the first cause is worth a step of its own. */
const suspicionMin = 0.35;

/** A likely change behind a first cause that names none. */
function suspectedChange(best: Hypothesis, hypotheses: readonly Hypothesis[]): Hypothesis | null {
  if (best.change) return null;
  const others = hypotheses.slice(1, 4);
  return others.find((item) => item.change !== null && item.confidence >= suspicionMin) ?? null;
}

function undoOf(
  suspect: Hypothesis,
  input: ReportInput,
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Action {
  const action = remedyOf(suspect, { ...input, runbooks: [] }, ids, words);
  const percentage = percent(suspect.confidence);
  return {
    ...action,
    text: words.say("action.suspected", { percent: percentage, action: action.text }),
  };
}

function remedyOf(
  best: Hypothesis,
  input: ReportInput,
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Action {
  const kind = best.remediation;
  const place = placeOf(best, words);
  const change = best.change ? changeName(best.change, words) : "";
  const isWatch = kind === "monitor" && !isNoCause(best);
  const bare = isWatch
    ? words.say("action.investigate", { place })
    : words.sayOr(`action.${kind}.bare`, words.say(`action.${kind}`), { place });
  const text = change === "" ? bare : words.say(`action.${kind}`, { place, change });
  const match = input.runbooks[0];
  const step = match ? fittingStep(match.runbook, best) : undefined;
  const risk = step && words.code === "en" ? step.blastRadius : words.say(`risk.${kind}`);
  return {
    kind,
    text: fillPlace(text, place),
    ...(match ? { runbook: match.runbook.name } : {}),
    ...(step ? { command: filled(step.command, best) } : {}),
    risk,
    evidence: ids(best.supporting).slice(0, 4),
  };
}

/** Words in a runbook's step that say it does this kind of thing. */
const stepWords: Readonly<Record<ActionKind, RegExp>> = {
  rollback: /roll ?back|undo|revert|previous/i,
  "roll-forward": /roll ?forward|fix|create|add/i,
  "config-revert": /revert|restore|undo|previous|config/i,
  scale: /scale|capacity|replica|raise|increase/i,
  failover: /fail ?over|switch|standby|promote/i,
  restart: /restart|recycle|rollout restart/i,
  "rotate-cert": /cert|rotate|renew/i,
  "purge-bad-data": /quarantine|aside|purge|dead.?letter|move|skip/i,
  reschedule: /drain|cordon|reschedule|move|node/i,
  "feature-flag-disable": /flag|disable|turn off|toggle/i,
  "escalate-upstream": /provider|breaker|fallback|degrade|escalat|case/i,
  monitor: /watch|check|inspect/i,
};

/**
 * The step that does what is advised, unless it takes back another kind of change than the guilty.
 */
function fittingStep(runbook: Runbook, best: Hypothesis): RunbookAction | undefined {
  const { change, remediation } = best;
  return runbook.actions.find(({ name, undoes }) => {
    const isFor = !change || undoes.length === 0 || undoes.some((kind) => kind === change.kind);
    return isFor && stepWords[remediation].test(name);
  });
}

/** `<service>` and `<ref>` of a runbook's command become names, where names are plain. */
function filled(command: string, best: Hypothesis): string {
  const isPlain = (name: string | undefined | null): name is string =>
    typeof name === "string" && /^[\w.@:/-]{1,80}$/.test(name);
  const service = best.change?.service ?? best.service;
  const ref = best.change?.kind === "flag" ? flagName(best.change.ref) : best.change?.ref;
  return command
    .replaceAll("<service>", isPlain(service) ? service : "<service>")
    .replaceAll("<ref>", isPlain(ref) ? shortRef(ref) : "<ref>");
}

/** The flag itself of a ref that also counts its changes: `flag/gift-wrap#840` is `gift-wrap`. */
function flagName(ref: string): string {
  return ref.replace(/^flags?\//i, "").replace(/#\d+$/, "");
}

function verifyAction(input: ReportInput, words: Words): Action {
  const victims = [input.alarm?.service, input.diagnosis?.firstFailing].filter(
    (service, i, all): service is string => Boolean(service) && all.indexOf(service) === i,
  );
  const place = victims.length > 0 ? words.list(victims) : words.say("place.unknown");
  const text = words.say("action.verify", { place });
  return { kind: "monitor", text, risk: words.say("risk.monitor"), evidence: [] };
}

/** What failed or stopped can be made to work; a table that was never there cannot. */
const failedRead =
  /denied|forbidden|not allowed|unauthor|lacks|throttl|timed? ?out|too big|malformed|broken|unavailable|unreachable|refused|failed|could not|cannot|no service has any/i;

function gapActions(input: ReportInput, words: Words): Action[] {
  const isAll = input.evidence.length === 0;
  const closable = input.gaps.filter((gap) => isAll || failedRead.test(gap.why));
  return closable.slice(0, 2).map((gap) => ({
    kind: "monitor",
    text: words.say("action.close-gap", {
      what: cleanLine(phraseIn(words, gap.what), 120),
      why: clause(phraseIn(words, gap.why)),
    }),
    risk: words.say("risk.monitor"),
    evidence: [],
  }));
}

function fillPlace(text: string, place: string): string {
  return text.replaceAll("{place}", place);
}
