import type { Finding } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis, RuledOut } from "../core/hypothesis.ts";
import { alarmFinding, alarmSignal, contextOf, onsetFinding } from "./alarm-signal.ts";
import { blastRadius } from "./causes/blast-radius.ts";
import {
  type Causes,
  causeFindings,
  changeHypotheses,
  externalHypotheses,
  findCauses,
  innocentChanges,
  serviceRemedies,
} from "./causes/causes.ts";
import { serviceHypotheses } from "./causes/service-hypotheses.ts";
import { rankServices, type ServiceScore } from "./causes/service-ranking.ts";
import { collectSigns } from "./causes/signs.ts";
import type { DiagnosisContext, DiagnosisInput } from "./context.ts";
import { healthFinding, serviceHealth } from "./health.ts";
import { type HealthVerdict, healthVerdict } from "./healthy.ts";
import { sloFindings } from "./impact/burn-rate.ts";
import { kpiFindings } from "./impact/business-impact.ts";
import { peakHourFinding } from "./impact/peak-hour.ts";
import { aboutServices } from "./logs/observers.ts";
import { anomalyFinding } from "./metrics/anomaly-findings.ts";
import { correlationFindings } from "./metrics/correlation.ts";
import { recoveredAt } from "./recovery.ts";
import { say, setAside } from "./statement.ts";
import { topologyFinding } from "./topology-finding.ts";
import { amplificationFinding } from "./traces/amplification.ts";
import { criticalFindings } from "./traces/critical-findings.ts";

const healthFindingsMax = 12;
const anomaliesMax = 15;
const amplifiedMax = 3;
/** What a suspicion counts once the alarm turned out to be false. */
const falseAlarmConfidenceMax = 0.2;
/** What remains of a suspicion against a caller of the first cause. */
const victimConfidenceMax = 0.2;
/** What may still be thought of another cause beside one that is all but certain. */
const besidesConfidenceMin = 0.2;
/** A service that shows less than this is not worth ruling out. */
const shownMin = 0.15;
/** Who breaks something hurts somebody: without harm that was looked for, no cause is likely. */
const harmlessConfidenceMax = 0.45;
/** What an account without any measured sign suspects: enough for a lead, and no more. */
const accountScore = 0.03;
/** An alarm that normal time shows in 10 % of its stretches takes 30 % off every suspicion. */
const doubtWeight = 3;

/**
 * From everything that was read to ranked explanations with the findings that carry them. Pure: the
 * same observations always give the same diagnosis.
 */
export function diagnose(given: DiagnosisInput): {
  readonly diagnosis: Diagnosis;
  readonly findings: readonly Finding[];
} {
  const input = { ...given, observations: aboutServices(given.observations) };
  const context = contextOf(input);
  const ranking = rankServices(context, collectSigns(context));
  const causes = findCauses(context, ranking);
  const services = serviceHypotheses(context, inOrder(ranking, causes), {
    unreachable: causes.unreachable,
    changed: causes.verdict.kind === "guilty" ? (causes.order[0]?.service ?? null) : null,
    accounts: causes.firstFailing.findings,
  });
  const signal = alarmSignal(context);
  const alarm = alarmFinding(signal, context);
  const business = kpiFindings(input.kpis, input.observations, context.periods);
  const objectives = sloFindings(input.slos, input.observations);
  const health = healthVerdict(context, signal, ranking, business, objectives);
  const doubt = signal.kind === "abnormal" ? doubtWeight * (signal.chance ?? 0) : 0;
  const hypotheses = arrange(
    context,
    causes,
    serviceRemedies(causes, services.hypotheses),
    health,
    [...(alarm ? [alarm.key] : []), ...health.findings.map((finding) => finding.key)],
    new Map(ranking.map((item) => [item.service, item.explainedBy])),
  ).map((item) => (item.service ? doubted(item, doubt, health) : item));
  const first = health.isHealthy ? null : (causes.order[0]?.service ?? null);
  const onset = health.isHealthy ? null : context.onset;
  const { observations, kpis } = input;
  const peak = peakHourFinding(observations, kpis, context.onset?.at ?? observations.window.from);
  const recovered = onset ? recoveredAt(onset, input.observations.window) : null;
  const findings = distinct([
    ...(alarm ? [alarm] : []),
    ...(onset ? [onsetFinding(onset, input.observations)] : []),
    ...services.findings,
    ...causeFindings(causes),
    ...business,
    ...objectives,
    ...contextFindings(context),
    ...health.findings,
    ...(peak ? [peak] : []),
  ]);
  const known = new Set(findings.map((finding) => finding.key));
  return {
    diagnosis: {
      hypotheses: hypotheses.map((item) => withKnown(item, known)),
      ruledOut: [...ruledOut(ranking, first, hypotheses), ...innocentChanges(causes)].map(
        (item) => ({
          ...item,
          findings: item.findings.filter((key) => known.has(key)),
        }),
      ),
      onset: onset ? { at: onset.at, interval: onset.interval } : null,
      ...(recovered === null ? {} : { recoveredAt: recovered }),
      firstFailing: first,
      blastRadius: health.isHealthy ? [] : blastRadius(context, first, ranking),
      isHealthy: health.isHealthy,
    },
    findings,
  };
}

/**
 * The ranking in the order that also counts what fails on its own account: the first service whose
 * lines or spans say so is a lead even where too little was measured to suspect anybody.
 */
function inOrder(ranking: readonly ServiceScore[], causes: Causes): readonly ServiceScore[] {
  const known = new Map(ranking.map((item) => [item.service, item]));
  const [account] = causes.firstFailing.scores;
  const isTold = account !== undefined && (account.origins > 0 || account.ownLines > 0);
  return causes.order.map(({ service }) => ({
    ...(known.get(service) ?? { service, signs: [], explainedBy: null }),
    score: Math.max(
      causes.suspicion.get(service) ?? 0,
      isTold && account.service === service ? accountScore : 0,
    ),
  }));
}

/**
 * Puts the explanations in order. A guilty change leads, then a cause outside that is shown well,
 * then services that fail on their own; "none of these" leads only when nothing is wrong.
 */
function arrange(
  context: DiagnosisContext,
  causes: Causes,
  services: readonly Hypothesis[],
  health: HealthVerdict,
  alarm: readonly string[],
  explained: ReadonlyMap<string, string | null>,
): readonly Hypothesis[] {
  const changes = changeHypotheses(causes, services, context.amplified);
  const externals = externalHypotheses(causes, services, context.entry);
  const isGuilty = causes.verdict.kind === "guilty";
  const suspects = descending(
    isGuilty ? [...changes, ...services, ...externals] : [...externals, ...services, ...changes],
    explained,
  );
  const none = noneHypothesis(health, alarm, suspects[0]);
  if (!health.isHealthy) return [...suspects, none];
  const lowered = suspects.map((item) => ({
    ...item,
    confidence: Math.min(item.confidence, falseAlarmConfidenceMax),
  }));
  return [none, ...lowered];
}

/**
 * Later explanations share what the first leaves open. One about the very service that the first
 * explains says less of the same, and one whose trouble the first explains, being called by it,
 * steps back furthest; a second fault beside the first stays possible.
 */
function descending(
  suspects: readonly Hypothesis[],
  explained: ReadonlyMap<string, string | null>,
): readonly Hypothesis[] {
  const [lead, ...others] = suspects;
  if (!lead) return [];
  const rest = others.map((item) => {
    const isVictim = item.service !== null && explained.get(item.service) === lead.service;
    const open = Math.min(
      0.8 * lead.confidence,
      Math.max(besidesConfidenceMin, 1 - lead.confidence),
    );
    const most = isVictim
      ? victimConfidenceMax
      : item.service === lead.service
        ? 0.5 * lead.confidence
        : open;
    return { ...item, confidence: Math.min(item.confidence, most) };
  });
  return [lead, ...rest];
}

/** Where the alarm may be chance, or nobody is hurt, suspicion stays a lead. */
function doubted(item: Hypothesis, doubt: number, { isHarmless }: HealthVerdict): Hypothesis {
  const most = isHarmless ? harmlessConfidenceMax : 1;
  return { ...item, confidence: Math.min(most, item.confidence * (1 - doubt)) };
}

/** What surrounds the verdict: other moved series, requests per service, layers moving together. */
function contextFindings(context: DiagnosisContext): readonly Finding[] {
  const { observations, periods } = context;
  const health = [...serviceHealth(observations, periods, context.slos)]
    .sort((a, b) => badness(b) - badness(a))
    .slice(0, healthFindingsMax);
  const calls = topologyFinding(
    observations.topology,
    observations.window,
    observations.provenance.topology ?? [],
  );
  const moved = context.shifts
    .filter((shift) => shift.isHarmful && !shift.meaning.isNode)
    .slice(0, anomaliesMax);
  return [
    ...moved.map((shift) =>
      anomalyFinding(shift, observations, Math.min(0.4, Math.abs(shift.deviations) / 50)),
    ),
    ...health.map((item) => healthFinding(item, observations)),
    ...criticalFindings(context),
    ...context.amplified
      .slice(0, amplifiedMax)
      .map((item) => amplificationFinding(item, observations)),
    ...correlationFindings(context.shifts, observations),
    ...(calls ? [calls] : []),
  ];
}

function badness(item: { failedShare: number | null; slowdown: number | null }): number {
  return (item.failedShare ?? 0) * 10 + (item.slowdown ?? 1);
}

/** "None of these": nothing is wrong, or nothing that was read explains the alarm. */
function noneHypothesis(
  health: HealthVerdict,
  alarm: readonly string[],
  best: Hypothesis | undefined,
): Hypothesis {
  const { isHealthy } = health;
  const said = say(isHealthy ? healthyMechanism[health.ground] : "mechanism.none", {});
  return {
    key: "none",
    causeKind: isHealthy ? "nothing-wrong" : "unknown",
    service: null,
    resource: null,
    change: null,
    mechanism: said.statement,
    message: said.message,
    confidence: isHealthy ? health.confidence : Math.max(0.02, 0.5 * (1 - (best?.confidence ?? 0))),
    score: health.confidence,
    supporting: isHealthy ? alarm : [],
    contradicting: isHealthy ? [] : (best?.supporting.slice(0, 3) ?? []),
    remediation: "monitor",
  };
}

const healthyMechanism = {
  noise: "mechanism.healthy",
  threshold: "mechanism.short",
  quiet: "mechanism.quiet",
} as const;

/**
 * Loud services that were set aside because a callee explains them. One that is still a lead is not
 * ruled out, and one that showed nothing needs no excuse.
 */
function ruledOut(
  ranking: readonly ServiceScore[],
  first: string | null,
  hypotheses: readonly Hypothesis[],
): readonly RuledOut[] {
  const leads = hypotheses.filter((item) => item.confidence > victimConfidenceMax);
  return ranking
    .filter((item) => item.explainedBy !== null && item.service !== first)
    .filter((item) => !leads.some((lead) => lead.service === item.service))
    .filter((item) => item.signs.some((sign) => sign.strength >= shownMin))
    .slice(0, 5)
    .map((item) => ({
      ...setAside(
        say("ruled-out.service", { service: item.service }),
        say("ruled-out.explained", { callee: item.explainedBy ?? "" }),
      ),
      findings: item.signs.slice(0, 3).map((sign) => sign.finding),
    }));
}

/** Hypotheses may only point at findings that exist. */
function withKnown(item: Hypothesis, known: ReadonlySet<string>): Hypothesis {
  const keep = (keys: readonly string[]) => [...new Set(keys)].filter((key) => known.has(key));
  return {
    ...item,
    supporting: keep(item.supporting),
    contradicting: keep(item.contradicting),
  };
}

/** Each key once, the first (and heaviest) statement wins; heaviest first. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const known = seen.get(finding.key);
    if (!known || (finding.weight ?? 0) > (known.weight ?? 0)) seen.set(finding.key, finding);
  }
  return [...seen.values()].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
}
