import type { Finding } from "../../core/evidence.ts";
import type { Hypothesis, RuledOut } from "../../core/hypothesis.ts";
import { type ChangeCandidate, correlateChanges, homeOfChange } from "../changes/correlation.ts";
import { shortRef } from "../changes/findings.ts";
import { type ChangeVerdict, judgeChanges } from "../changes/verdict.ts";
import type { DiagnosisContext } from "../context.ts";
import { digits } from "../quantity.ts";
import { named, type Statement, say, setAside } from "../statement.ts";
import type { Amplification } from "../traces/amplification.ts";
import { type ExternalCause, findExternalCauses } from "./external-causes.ts";
import { type FirstFailing, findFirstFailing } from "./first-failing.ts";
import { handDownSuspicion } from "./hand-down.ts";
import type { OwnWork } from "./own-work.ts";
import { remedyFor } from "./remediation.ts";
import type { ServiceScore } from "./service-ranking.ts";
import { type Symptoms, symptomsOf } from "./symptoms.ts";
import { type Unreachable, unreachableServices } from "./unreachable.ts";

/** Who failed first, which change is guilty if any, and what came from outside. */
export interface Causes {
  readonly symptoms: Symptoms;
  readonly firstFailing: FirstFailing;
  /** Suspected services, best first: what fails on its own account and how much suspects it. */
  readonly order: readonly { readonly service: string; readonly score: number }[];
  readonly changes: readonly ChangeCandidate[];
  readonly externals: readonly ExternalCause[];
  readonly verdict: ChangeVerdict;
  readonly works: readonly OwnWork[];
  /** How much each service is suspected, 0..1, once what others could not reach is counted. */
  readonly suspicion: ReadonlyMap<string, number>;
  readonly unreachable: ReadonlyMap<string, Unreachable>;
}

/** Weight of a service's suspicion beside its account, where both speak. */
const suspicionWeight = 1;
/** What the home of a surely guilty change gains: about as much as being first to fail. */
const homeWeight = 2;
const surelyGuilty = 0.7;
/** An outside cause shown less than this well is mentioned, and leads nothing. */
const externalMin = 0.5;
const externalsMax = 3;
/** An outside cause shown this well says where it bites. */
const surelyShown = 0.7;
/** ... and one that bites others more than who leads, and not the alarm's service, says not where. */
const elsewhereMax = 0.6;
const changesMax = 3;

/**
 * `ranking` is how much the signals alone suspect each service; here logs, changes and outside
 * causes have their say.
 */
export function findCauses(context: DiagnosisContext, ranking: readonly ServiceScore[]): Causes {
  const { observations, alarm } = context;
  const symptoms = symptomsOf(observations, alarm);
  const externals = findExternalCauses(observations, symptoms);
  const unreachable = unreachableServices(observations, symptoms);
  const suspicion = handDownSuspicion(
    new Map(ranking.map((item) => [item.service, item.score])),
    unreachable,
  );
  const firstFailing = findFirstFailing(observations, { alarm, symptoms, suspicion, unreachable });
  const order = orderOf(firstFailing, suspicion);
  const first = order[0]?.service ?? null;
  const changes = correlateChanges(observations, {
    onset: context.onset,
    firstFailing: first,
    failing: firstFailing.scores.filter((item) => item.isFailing).map((item) => item.service),
    symptoms,
  });
  const verdict = judgeChanges(changes, externals);
  const final =
    verdict.kind === "guilty"
      ? towards(homeOfChange(verdict.candidate), order, verdict, context.amplified, unreachable)
      : atHome(externals, order);
  return {
    symptoms,
    firstFailing,
    order: final,
    changes,
    externals,
    verdict,
    works: context.works,
    suspicion,
    unreachable,
  };
}

/** Services by their own account and by suspicion together. */
function orderOf(
  { scores }: FirstFailing,
  suspicion: ReadonlyMap<string, number>,
): Causes["order"] {
  const accounts = new Map(scores.map((item) => [item.service, item.score]));
  return [...new Set([...accounts.keys(), ...suspicion.keys()])]
    .map((service) => ({
      service,
      score: (accounts.get(service) ?? 0) + suspicionWeight * (suspicion.get(service) ?? 0),
    }))
    .sort((a, b) => b.score - a.score || a.service.localeCompare(b.service));
}

/**
 * A guilty change speaks for the service it went live on, where that fails at all; where something
 * of that very service moved when it went live, it leads, however loudly its callers complain.
 */
function towards(
  service: string | null,
  order: Causes["order"],
  verdict: Extract<ChangeVerdict, { kind: "guilty" }>,
  amplified: readonly Amplification[],
  unreachable: ReadonlyMap<string, Unreachable>,
): Causes["order"] {
  const { timing, trait } = verdict.candidate;
  // Who changed is asked first where only its own complaints speak of somebody it cannot reach.
  const isAccuser =
    service !== null && unreachable.get(order[0]?.service ?? "")?.by.has(service) === true;
  // Who makes many calls of one is the cause of what they do to those who are called.
  const multiplies =
    trait?.effects.includes("amplification") === true &&
    amplified.some((item) => item.caller === service);
  const hasMovedAtHome =
    multiplies ||
    (verdict.confidence >= surelyGuilty &&
      timing.verdict === "fits" &&
      timing.movement?.service === service);
  const most = hasMovedAtHome || isAccuser ? (order[0]?.score ?? 0) : 0;
  return order
    .map((item) =>
      item.service === service
        ? { ...item, score: Math.max(item.score, most) + homeWeight * verdict.confidence }
        : item,
    )
    .sort((a, b) => b.score - a.score || a.service.localeCompare(b.service));
}

/** What runs full is short where it was measured, whoever complains of it first. */
function atHome(externals: readonly ExternalCause[], order: Causes["order"]): Causes["order"] {
  const [external] = externals;
  const home = external && external.strength >= surelyShown ? external.home : undefined;
  if (!home) return order;
  const score = order[0]?.score ?? 0;
  return [{ service: home, score }, ...order.filter((item) => item.service !== home)];
}

/** The changes worth naming as hypotheses: the guilty one, or those that cannot be told apart. */
export function changeHypotheses(
  causes: Causes,
  services: readonly Hypothesis[],
  amplified: readonly Amplification[],
): readonly Hypothesis[] {
  const { verdict } = causes;
  const named =
    verdict.kind === "guilty"
      ? [verdict.candidate]
      : verdict.kind === "undecided"
        ? verdict.candidates.slice(0, changesMax)
        : [];
  return named.map((candidate, at) => {
    const service = causes.order[0]?.service ?? candidate.service;
    const own = services.find((item) => item.service === service);
    const isGuilty = verdict.kind === "guilty";
    const confidence = isGuilty ? verdict.confidence : 0.3 - 0.05 * at;
    return {
      key: `change:${candidate.ref}`,
      causeKind: "change",
      service,
      resource: own?.resource ?? null,
      change: candidate.change,
      ...mechanismOf(candidate, amplified),
      confidence: own
        ? Math.min(0.97, (confidence + Math.max(confidence, own.confidence)) / 2)
        : confidence,
      score: candidate.score,
      supporting: [...candidate.reasons.map((item) => item.key), ...(own?.supporting ?? [])],
      contradicting: candidate.contradicting.map((item) => item.key),
      remediation: remedy(causes, "change", isGuilty ? candidate : null, own),
    };
  });
}

/** How a change works; where it multiplies calls and calls multiplied, by how much. */
function mechanismOf(
  { name: change, service, trait, mechanism, message }: ChangeCandidate,
  amplified: readonly Amplification[],
): Pick<Hypothesis, "mechanism" | "message"> {
  const own = amplified.find((item) => item.caller === service && !item.isRetry);
  if (!own || !trait?.effects.includes("amplification")) return { mechanism, message };
  const said = say("mechanism.amplified", {
    ...{ change, does: trait.phrase, service: own.caller, callee: named(own.callee) },
    ...{ before: digits(own.before), now: digits(own.after) },
  });
  return { mechanism: said.statement, message: said.message };
}

/** Causes outside that are shown well, best first. `entry` are the services of the alarm. */
export function externalHypotheses(
  causes: Causes,
  services: readonly Hypothesis[],
  entry: readonly string[],
): readonly Hypothesis[] {
  const first = causes.order[0]?.service ?? null;
  return causes.externals
    .filter((external) => external.strength >= externalMin)
    .slice(0, externalsMax)
    .map((external) => {
      const service = external.home ?? first ?? external.service;
      const own = services.find((item) => item.service === service);
      const isElsewhere =
        !external.home && external.service !== service && !entry.includes(service ?? "");
      return {
        key: external.key,
        causeKind: external.causeKind,
        service,
        resource:
          external.subject && service ? `${service}/${external.subject}` : (own?.resource ?? null),
        change: null,
        mechanism: external.mechanism,
        message: external.message,
        confidence: Math.min(isElsewhere ? elsewhereMax : 0.95, external.strength * 0.9),
        score: external.strength,
        supporting: [...external.findings.map((item) => item.key), ...(own?.supporting ?? [])],
        contradicting: [],
        remediation: remedy(causes, external.causeKind, null, own),
      };
    });
}

/** What to do about a service that fails on its own account without a change to undo. */
export function serviceRemedies(
  causes: Causes,
  services: readonly Hypothesis[],
): readonly Hypothesis[] {
  return services.map((item) => ({
    ...item,
    remediation: remedy(causes, item.causeKind, null, item),
  }));
}

function remedy(
  causes: Causes,
  causeKind: Hypothesis["causeKind"],
  guilty: ChangeCandidate | null,
  own: Hypothesis | undefined,
): Hypothesis["remediation"] {
  const resource = own?.resource?.split("/").at(-1) ?? null;
  const texts = causes.symptoms.texts.map((item) => item.text);
  const isOwnWork = causes.works.some((work) => work.service === own?.service);
  return remedyFor({ causeKind, guilty, changes: causes.changes, resource, texts, isOwnWork }).kind;
}

/** Findings of changes and outside causes that hypotheses point at, or that were set aside. */
export function causeFindings(causes: Causes): readonly Finding[] {
  const { verdict } = causes;
  const near =
    verdict.kind === "guilty"
      ? [verdict.candidate, ...verdict.runnersUp]
      : verdict.kind === "undecided"
        ? verdict.candidates
        : verdict.runnersUp;
  return [
    ...near.flatMap((candidate) => [...candidate.reasons, ...candidate.contradicting]),
    ...causes.externals.slice(0, externalsMax).flatMap((external) => external.findings),
    ...causes.firstFailing.findings,
  ];
}

/** Changes that were near and are not to blame, with why. */
export function innocentChanges(causes: Causes): readonly RuledOut[] {
  const { verdict } = causes;
  if (verdict.kind === "undecided") return [];
  return verdict.runnersUp.slice(0, changesMax).map((candidate) => ({
    ...setAside(
      changeClaim(candidate.change.kind, shortRef(candidate.ref)),
      candidate.contradicting[0] ?? say("ruled-out.unseen", {}),
    ),
    findings: candidate.contradicting.map((item) => item.key),
  }));
}

/** A reference that says its kind by itself, such as `flag/gift-wrap#840`, stands alone. */
function changeClaim(kind: string, ref: string): Statement {
  return ref.toLowerCase().startsWith(kind)
    ? say("ruled-out.change-named", { ref })
    : say("ruled-out.change", { kind, ref });
}
