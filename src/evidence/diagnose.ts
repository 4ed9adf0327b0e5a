import type { Finding } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis, RuledOut } from "../core/hypothesis.ts";
import { alarmFinding, alarmSignal, onsetFinding } from "./alarm-signal.ts";
import { anomalyFinding } from "./anomaly-findings.ts";
import { blastRadius } from "./blast-radius.ts";
import { sloFindings } from "./burn-rate.ts";
import { kpiFindings } from "./business-impact.ts";
import { findCauses } from "./causes.ts";
import { buildContext, type DiagnosisContext, type DiagnosisInput } from "./context.ts";
import { correlationFindings } from "./correlation.ts";
import { healthFinding, serviceHealth } from "./health.ts";
import { healthVerdict } from "./healthy.ts";
import { serviceHypotheses } from "./service-hypotheses.ts";
import { rankServices, type ServiceScore } from "./service-ranking.ts";
import { collectSigns } from "./signs.ts";
import { topologyFinding } from "./topology-finding.ts";

const healthFindingsMax = 12;
const anomaliesMax = 15;

/**
 * From everything that was read to ranked explanations with the findings that carry them. Pure: the
 * same observations always give the same diagnosis.
 */
export function diagnose(input: DiagnosisInput): {
  readonly diagnosis: Diagnosis;
  readonly findings: readonly Finding[];
} {
  const context = buildContext(input);
  const ranking = rankServices(context, collectSigns(context));
  const services = serviceHypotheses(context, ranking);
  const signal = alarmSignal(context);
  const alarm = alarmFinding(signal, context);
  const business = kpiFindings(input.kpis, input.observations, context.periods);
  const causes = findCauses(context, ranking, services.hypotheses);
  const quiet = healthVerdict(context, signal, ranking, business);
  const health = causes.isShown ? { isHealthy: false, confidence: 0.02, findings: [] } : quiet;
  const none = noneHypothesis(health.confidence, alarm ? [alarm.key] : [], causes.hypotheses[0]);
  const hypotheses = health.isHealthy
    ? [
        none,
        ...causes.hypotheses.map((item) => ({
          ...item,
          confidence: Math.min(item.confidence, 0.2),
        })),
      ]
    : [...causes.hypotheses, none];
  const cause = health.isHealthy ? null : causes.firstFailing;
  const onset = health.isHealthy ? null : context.onset;
  const findings = [
    ...(alarm ? [alarm] : []),
    ...(onset ? [onsetFinding(onset, input.observations)] : []),
    ...causes.findings,
    ...services.findings,
    ...business,
    ...sloFindings(input.slos, input.observations),
    ...contextFindings(context),
    ...health.findings,
  ];
  return {
    diagnosis: {
      hypotheses,
      ruledOut: [...ruledOut(ranking), ...causes.ruledOut],
      onset: onset ? { at: onset.at, interval: onset.interval } : null,
      firstFailing: cause,
      blastRadius: health.isHealthy ? [] : blastRadius(context, cause, ranking),
      isHealthy: health.isHealthy,
    },
    findings: distinct(findings),
  };
}

/** What surrounds the verdict: other moved series, requests per service, layers moving together. */
function contextFindings(context: DiagnosisContext): readonly Finding[] {
  const { observations, periods } = context;
  const health = [...serviceHealth(observations, periods)]
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
    ...correlationFindings(context.shifts, observations),
    ...(calls ? [calls] : []),
  ];
}

function badness(item: { failedShare: number | null; slowdown: number | null }): number {
  return (item.failedShare ?? 0) * 10 + (item.slowdown ?? 1);
}

/** "None of these": nothing is wrong, or nothing that was read explains the alarm. */
function noneHypothesis(
  confidence: number,
  supporting: readonly string[],
  best: Hypothesis | undefined,
): Hypothesis {
  const isQuiet = confidence >= 0.5;
  return {
    key: "none",
    causeKind: isQuiet ? "nothing-wrong" : "unknown",
    service: null,
    resource: null,
    change: null,
    mechanism: isQuiet
      ? "Nothing is wrong: the alarm's signal is within its normal noise and nothing harmful lasts"
      : "None of the services read here explains the alarm; the cause may lie outside what was read",
    confidence: isQuiet ? confidence : Math.max(0.02, 0.5 * (1 - (best?.confidence ?? 0))),
    score: confidence,
    supporting: isQuiet ? supporting : [],
    contradicting: isQuiet ? [] : (best?.supporting.slice(0, 3) ?? []),
    remediation: "monitor",
  };
}

/** Loud services that were set aside because a callee explains them. */
function ruledOut(ranking: readonly ServiceScore[]): readonly RuledOut[] {
  return ranking
    .filter((item) => item.explainedBy !== null)
    .slice(0, 5)
    .map((item) => ({
      claim: `${item.service} is the cause`,
      because: `what it shows is explained by ${item.explainedBy}, which it calls and which fails on its own account`,
      findings: item.signs.slice(0, 3).map((sign) => sign.finding),
    }));
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
