import type { Finding } from "../core/evidence.ts";
import type { CauseKind, Hypothesis, RuledOut } from "../core/hypothesis.ts";
import { type ChangeCandidate, correlateChanges, homeOfChange } from "./change-correlation.ts";
import { type ChangeVerdict, judgeChanges } from "./change-verdict.ts";
import type { DiagnosisContext } from "./context.ts";
import { type ExternalCause, findExternalCauses } from "./external-causes.ts";
import { type FirstFailing, findFirstFailing } from "./first-failing.ts";
import { remedyFor } from "./remediation.ts";
import type { ServiceScore } from "./service-ranking.ts";
import { type Symptoms, symptomsOf } from "./symptoms.ts";

/** What changes, outside causes and first failures make of the ranked services. */
export interface Causes {
  /** Best first; the first one names service and change together. */
  readonly hypotheses: readonly Hypothesis[];
  readonly ruledOut: readonly RuledOut[];
  readonly findings: readonly Finding[];
  readonly firstFailing: string | null;
  readonly blastRadius: readonly string[];
  /** A cause is shown well enough that the alarm cannot be noise. */
  readonly isShown: boolean;
}

/** Surer than this that a change is guilty, where it went live counts for where it began. */
const homeConfidenceMin = 0.6;
const shownConfidenceMin = 0.6;
const ruledOutMax = 6;

/** Joins the three questions: where did it begin, which change did it, or what outside. */
export function findCauses(
  context: DiagnosisContext,
  ranking: readonly ServiceScore[],
  services: readonly Hypothesis[],
): Causes {
  const { observations, alarm } = context;
  const symptoms = symptomsOf(observations, alarm);
  const suspicion = new Map(ranking.map((item) => [item.service, item.score]));
  const externals = findExternalCauses(observations, symptoms);
  const judge = (first: FirstFailing) => {
    const failing = [...(first.service ? [first.service] : []), ...first.blastRadius];
    const { onset } = context;
    const about = { onset, firstFailing: first.service, failing, symptoms };
    const candidates = correlateChanges(observations, about);
    return { first, candidates, verdict: judgeChanges(candidates, externals) };
  };
  const places = { alarm, symptoms, suspicion };
  let judged = judge(findFirstFailing(observations, places));
  const { verdict } = judged;
  if (verdict.kind === "guilty" && verdict.confidence >= homeConfidenceMin) {
    const guiltyHome = homeOfChange(verdict.candidate);
    judged = judge(findFirstFailing(observations, { ...places, guiltyHome }));
  }
  return compose(judged, externals, services, symptoms);
}

interface Judged {
  readonly first: FirstFailing;
  readonly candidates: readonly ChangeCandidate[];
  readonly verdict: ChangeVerdict;
}

function compose(
  judged: Judged,
  externals: readonly ExternalCause[],
  services: readonly Hypothesis[],
  symptoms: Symptoms,
): Causes {
  const { first, verdict } = judged;
  const base = services.find((item) => item.service === first.service) ?? plain(first);
  const rest = services.filter((item) => item.service !== base.service);
  const lead = leadOf(base, judged, symptoms);
  const others = alternatives(base, judged, externals);
  const shown = [
    ...(verdict.kind === "guilty" ? [verdict.candidate] : []),
    ...(verdict.kind === "undecided" ? verdict.candidates : []),
  ];
  const named = judged.candidates.filter((c) => c.score > -2.5).slice(0, ruledOutMax);
  const external = externals.filter((cause) => cause.strength >= 0.3);
  const findings = [
    ...first.findings,
    ...shown.flatMap((candidate) => [...candidate.reasons, ...candidate.contradicting]),
    ...named.flatMap((candidate) => candidate.contradicting),
    ...external.flatMap((cause) => cause.findings),
  ];
  return {
    hypotheses: [lead, ...others, ...rest.map(lesser(lead.confidence))],
    ruledOut: [...ruledOutChanges(named, shown), ...ruledOutExternals(verdict, externals)],
    findings,
    firstFailing: first.service,
    blastRadius: first.blastRadius,
    isShown: lead.key !== base.key && lead.confidence >= shownConfidenceMin,
  };
}

/** The first hypothesis: the failing service, with the change or the outside cause when shown. */
function leadOf(base: Hypothesis, judged: Judged, symptoms: Symptoms): Hypothesis {
  const { verdict, first } = judged;
  if (verdict.kind === "guilty") return guiltyHypothesis(base, verdict.candidate, judged);
  if (verdict.kind === "none" && verdict.external && verdict.external.strength >= 0.5) {
    return externalHypothesis(base, verdict.external, verdict.confidence, judged, symptoms);
  }
  const { kind } = remedyOf(base.causeKind, null, judged, base.resource, symptoms);
  const supporting = unique([...base.supporting, ...first.findings.map((f) => f.key)]);
  return { ...base, supporting, remediation: kind === "monitor" ? base.remediation : kind };
}

function guiltyHypothesis(
  base: Hypothesis,
  candidate: ChangeCandidate,
  judged: Judged,
): Hypothesis {
  const { verdict, first, candidates } = judged;
  const remedy = remedyFor({
    causeKind: "change",
    guilty: candidate,
    changes: candidates,
    resource: base.resource,
    texts: [],
  });
  const reasons = [...candidate.reasons, ...first.findings].map((f) => f.key);
  return {
    ...base,
    key: `change:${candidate.ref}`,
    causeKind: "change",
    change: candidate.change,
    mechanism: candidate.mechanism,
    confidence: joined(verdict.confidence, base.confidence),
    score: candidate.score,
    supporting: unique([...reasons, ...base.supporting]),
    contradicting: candidate.contradicting.map((f) => f.key),
    remediation: remedy.kind,
  };
}

function externalHypothesis(
  base: Hypothesis,
  cause: ExternalCause,
  confidence: number,
  judged: Judged,
  symptoms: Symptoms,
): Hypothesis {
  const remedy = remedyOf(cause.causeKind, cause, judged, base.resource, symptoms);
  return {
    ...base,
    key: cause.key,
    causeKind: cause.causeKind,
    change: null,
    mechanism: cause.mechanism,
    confidence: joined(confidence, base.confidence),
    score: cause.strength,
    supporting: unique([
      ...[...cause.findings, ...judged.first.findings].map((f) => f.key),
      ...base.supporting,
    ]),
    contradicting: [],
    remediation: remedy.kind,
  };
}

function remedyOf(
  causeKind: CauseKind,
  cause: ExternalCause | null,
  judged: Judged,
  resource: string | null,
  symptoms: Symptoms,
) {
  const texts = symptoms.texts.filter((s) => s.source !== "metric").map((s) => s.text);
  const short = resource?.split("/").at(-1) ?? null;
  const { candidates: changes } = judged;
  return remedyFor({
    causeKind: cause?.causeKind ?? causeKind,
    guilty: null,
    changes,
    resource: short,
    texts,
  });
}

/** Second thoughts: close rivals when undecided, the outside cause when a change was preferred. */
function alternatives(
  base: Hypothesis,
  judged: Judged,
  externals: readonly ExternalCause[],
): Hypothesis[] {
  const { verdict } = judged;
  if (verdict.kind === "undecided") {
    return verdict.candidates.map((candidate) => ({
      ...guiltyHypothesis(base, candidate, judged),
      confidence: Math.min(verdict.confidence, base.confidence),
    }));
  }
  const [strongest] = externals;
  if (verdict.kind !== "guilty" || !strongest || strongest.strength < 0.5) return [];
  return [
    {
      ...base,
      key: strongest.key,
      causeKind: strongest.causeKind,
      mechanism: strongest.mechanism,
      confidence: Math.min(0.3, strongest.strength),
      score: strongest.strength,
      supporting: strongest.findings.map((f) => f.key),
      remediation: "monitor",
    },
  ];
}

/** A failing service that the ranking did not name. */
function plain(first: FirstFailing): Hypothesis {
  const { service } = first;
  return {
    key: service ? `service:${service}` : "none",
    causeKind: service ? "errors" : "unknown",
    service,
    resource: null,
    change: null,
    mechanism: first.findings[0]?.statement ?? "nothing that was read explains it",
    confidence: 0.3,
    score: 0,
    supporting: first.findings.map((f) => f.key),
    contradicting: [],
    remediation: "monitor",
  };
}

/** Innocent changes that a reader would ask about, and why they are innocent. */
function ruledOutChanges(
  named: readonly ChangeCandidate[],
  shown: readonly ChangeCandidate[],
): RuledOut[] {
  return named
    .filter((candidate) => !shown.includes(candidate))
    .flatMap((candidate) => {
      const [why] = candidate.contradicting;
      if (!why) return [];
      const claim = `${candidate.unit.kind} ${shortRef(candidate.ref)} is guilty`;
      return [{ claim, because: why.statement, findings: [why.key] }];
    });
}

function ruledOutExternals(
  verdict: ChangeVerdict,
  externals: readonly ExternalCause[],
): RuledOut[] {
  if (verdict.kind !== "guilty") return [];
  return externals
    .filter((cause) => cause.strength >= 0.5)
    .map((cause) => ({
      claim: cause.mechanism,
      because: "the change explains more of what is seen",
      findings: cause.findings.map((f) => f.key),
    }));
}

/** The verdict on the cause weighs more than the place, which it rests on. */
function joined(verdict: number, place: number): number {
  return Math.min(0.96, 0.7 * verdict + 0.3 * Math.max(place, verdict * 0.8));
}

function lesser(top: number): (item: Hypothesis) => Hypothesis {
  return (item) => ({ ...item, confidence: Math.min(item.confidence, top * 0.6, 0.5) });
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}

function shortRef(ref: string): string {
  return /^[0-9a-f]{16,}$/i.test(ref) ? ref.slice(0, 7) : ref;
}
