import type { Finding } from "../../core/evidence.ts";
import type { CauseKind, Hypothesis } from "../../core/hypothesis.ts";
import { toIso } from "../../core/window.ts";
import type { DiagnosisContext } from "../context.ts";
import { logFinding } from "../logs/findings.ts";
import { anomalyFinding } from "../metrics/anomaly-findings.ts";
import { massFinding, newCalleeFinding } from "../metrics/mass-findings.ts";
import { lifeFinding, type ProcessLife } from "../metrics/process-life.ts";
import { isTurnedAway } from "../metrics/turned-away.ts";
import { quantity } from "../quantity.ts";
import { named, quoted, type Statement, say } from "../statement.ts";
import { amplificationFinding } from "../traces/amplification.ts";
import { criticalFindings, criticalKey } from "../traces/critical-findings.ts";
import { traceFindings } from "../traces/findings.ts";
import { confidenceOf } from "./confidence.ts";
import {
  contestedLimit,
  hasOwnTrouble,
  sharedLimit,
  toldMin,
  unansweredLimit,
  unconfirmedLimit,
} from "./confidence-limits.ts";
import { ownWorkFinding } from "./own-work.ts";
import type { ServiceScore } from "./service-ranking.ts";
import type { Sign } from "./signs.ts";
import { type Unreachable, unreachableFinding, unreachableMechanism } from "./unreachable.ts";

/** Services worth naming, and signs stated for each at most. */
const servicesMax = 6;
const signsPerService = 6;
/** Less than this suspects nobody: an order of names is no lead. */
const scoreMin = 0.02;
/** A service of which only its callers speak is held to this. */
const lostMax = 0.65;
/** A sign of another resource this strong says that the service has more to do. */
const loadedMin = 0.15;

/** What speaks of services beside their own signs. */
export interface Beside {
  readonly unreachable: ReadonlyMap<string, Unreachable>;
  /** Where a change went live that is held guilty. */
  readonly changed: string | null;
  /** Who fails on its own account. */
  readonly accounts: readonly Finding[];
}

/** Each suspected service as a hypothesis, best first, with the findings that speak for it. */
export function serviceHypotheses(
  context: DiagnosisContext,
  ranking: readonly ServiceScore[],
  { unreachable, changed, accounts }: Beside,
): { readonly hypotheses: readonly Hypothesis[]; readonly findings: readonly Finding[] } {
  const findings = new Map<string, Finding>();
  const suspects = ranking.slice(0, servicesMax).filter((item) => item.score >= scoreMin);
  const hypotheses = suspects.map((item, at) => {
    const lost = unreachable.get(item.service);
    const shown = findingsOf(item, context);
    const stated = [
      ...(lost ? [unreachableFinding(item.service, lost, context.observations)] : []),
      ...(shown.length > 0 ? shown : accounts.filter(({ service }) => service === item.service)),
    ];
    for (const finding of stated) findings.set(finding.key, finding);
    const next = at === 0 ? (ranking[1]?.score ?? 0) : (ranking[0]?.score ?? 0);
    const confidence = Math.min(
      confidenceOf(item.score, next),
      contestedLimit(item, ranking, context),
      item.service === changed ? 1 : sharedLimit(item, ranking, context),
      unconfirmedLimit(item, context, item.service === changed),
      unansweredLimit(item, context, item.service === changed),
    );
    const hypothesis = hypothesisOf(item, stated, confidence, at, context);
    return lost && !hasOwnTrouble(item) ? lostHypothesis(hypothesis, lost) : hypothesis;
  });
  return { hypotheses, findings: [...findings.values()] };
}

/** Only others speak of it: whether it is down or the way to it is broken cannot be told. */
function lostHypothesis(hypothesis: Hypothesis, lost: Unreachable): Hypothesis {
  const { statement, message } = unreachableMechanism(hypothesis.service ?? "", lost);
  const confidence = Math.min(hypothesis.confidence, lostMax);
  const causeKind = lost.isRefused ? "crash" : "network";
  return { ...hypothesis, causeKind, mechanism: statement, message, confidence };
}

function hypothesisOf(
  item: ServiceScore,
  stated: readonly Finding[],
  confidence: number,
  at: number,
  context: DiagnosisContext,
): Hypothesis {
  const life = lifeOf(item, context);
  const causeKind = life ? life.kind : causeKindOf(item.signs);
  const said = life ? lifeMechanism(life) : workMechanism(item.service, causeKind, context);
  return {
    key: `service:${item.service}`,
    causeKind,
    service: item.service,
    resource: (life && lifeResource(life)) ?? resourceOf(item),
    change: null,
    mechanism: said?.statement ?? mechanismOf(item.service, causeKind, stated, context),
    ...(said ? { message: said.message } : {}),
    confidence: at > 0 ? Math.min(confidence, 0.5) : confidence,
    score: item.score,
    supporting: stated.map((finding) => finding.key),
    contradicting: [],
    remediation: "monitor",
  };
}

/** The strongest resource sign names the place; a latency or error metric does so when alone. */
function resourceOf(item: ServiceScore): string | null {
  const sign = item.signs.find(
    (candidate) => candidate.resource !== null && candidate.strength >= 0.2,
  );
  if (sign?.resource) return `${item.service}/${nameOf(sign, item.service) ?? sign.resource}`;
  // Metrics are all there is: then the one that moved most is the finest place known.
  const [top] = item.signs;
  return top?.kind === "metric" && top.shift && top.strength >= 0.2
    ? `${item.service}/${top.shift.series.metric}`
    : null;
}

/**
 * The resource as the telemetry itself names it below the service: `db-pool` says more than `pool`.
 */
function nameOf({ shift }: Sign, service: string): string | null {
  const [own = ""] = (shift?.series.resource ?? "").split(" ");
  return own.startsWith(`${service}/`) ? own.slice(service.length + 1) : null;
}

/**
 * `signs` are of one service, strongest first: the first decides. "unknown" when there are none.
 */
export function causeKindOf(signs: readonly Sign[]): CauseKind {
  const top = signs[0];
  if (!top) return "unknown";
  switch (top.kind) {
    case "latency-mass":
    case "self-time":
      return signs.some((sign) => sign.kind === "resource" && sign.strength >= 0.3)
        ? "saturation"
        : "latency";
    case "error-mass":
      // What a limit keeps out fails for want of room, not by a fault.
      return signs.some(({ shift }) => shift && isTurnedAway(shift.series))
        ? "saturation"
        : "errors";
    case "error-origin":
    case "log":
      return "errors";
    case "network-gap":
      return "network";
    case "amplification":
      return "latency";
    case "process":
      return top.resource === "memory" ? "leak" : "crash";
    case "resource":
      if (top.resource === "expiry") return "expiry";
      if (top.resource === "instances") return "crash";
      return top.resource === "network" ? "network" : "saturation";
    case "metric":
      return top.shift?.meaning.signal === "latency" ? "latency" : "errors";
  }
}

const clauses: Partial<Record<CauseKind, string>> = {
  saturation: "is saturated",
  latency: "became slow by itself",
  errors: "fails by itself",
  network: "is slow to reach",
  expiry: "relies on something that expires",
};

/**
 * How its process ends, where that is what is wrong with it. Memory may also grow because of
 * something else, such as demand: without restarts it must be the strongest sign there is.
 */
function lifeOf({ service, signs }: ServiceScore, { lives }: DiagnosisContext): ProcessLife | null {
  const life = lives.find((each) => each.service === service);
  if (!life) return null;
  const others = signs.filter((sign) => sign.kind !== "process");
  const isWorst = others.length === 0 || others[0]?.resource === "memory";
  // Memory that grows together with all else is load, and no leak.
  const isLoaded = others.some(
    ({ kind, resource, strength }) =>
      kind === "resource" && resource !== "memory" && strength >= loadedMin,
  );
  return life.restarts >= 2 || (isWorst && !isLoaded) ? life : null;
}

/** `catalog/memory`, as the telemetry names it. */
function lifeResource({ service, growth }: ProcessLife): string | null {
  if (!growth) return null;
  const [own = ""] = (growth.series.resource ?? "").split(" ");
  return own.startsWith(`${service}/`) ? own : `${service}/memory`;
}

function lifeMechanism({ service, restarts, growth }: ProcessLife): Statement {
  if (!growth) return say("mechanism.crash", { service, restarts });
  const { series, from, to } = growth;
  const unit = series.unit && /^by(tes?)?$/i.test(series.unit) ? "bytes" : series.unit;
  const params = {
    ...{ service, restarts, signal: named(series.metric) },
    ...{ before: quantity(from, unit), now: quantity(to, unit) },
  };
  return say(restarts > 0 ? "mechanism.leak-restarts" : "mechanism.leak", params);
}

/** A service that runs short right when it began a job is short because of the job. */
function workMechanism(
  service: string,
  kind: CauseKind,
  { works }: DiagnosisContext,
): Statement | null {
  const work = works.find((each) => each.service === service);
  if (!work || kind !== "saturation") return null;
  const time = toIso(work.at).slice(11, 16);
  return say("mechanism.own-work", { service, time, line: quoted(work.line) });
}

/** "checkout is saturated: <the strongest statement>; storefront suffers from it". */
function mechanismOf(
  service: string,
  kind: CauseKind,
  stated: readonly Finding[],
  context: DiagnosisContext,
): string {
  const victims = context.entry.filter((name) => name !== service);
  const felt = victims.length > 0 ? `; ${victims[0]} suffers from it` : "";
  const clause = clauses[kind] ?? "misbehaves";
  // What fails says why in its own words; other lines of a log say less than a number.
  const words = kind === "errors" ? stated.find(isNewError) : undefined;
  const full = kind === "saturation" ? stated.find(isOfTurnedAway) : undefined;
  const number = stated.find((finding) => finding.kind !== "log-pattern");
  const shown = words ?? full ?? number ?? stated[0];
  const reason = shown ? `: ${shown.statement}` : "";
  return `${service} ${clause}${reason}${felt}`;
}

function isNewError({ message }: Finding): boolean {
  const isSevere = /^(?:ERROR|FATAL|CRITICAL)$/.test(String(message?.params?.severity));
  return isSevere && message?.id === "finding.log-new";
}

function isOfTurnedAway({ kind, message }: Finding): boolean {
  return kind === "anomaly" && isTurnedAway({ metric: String(message?.params?.signal) });
}

function findingsOf(item: ServiceScore, context: DiagnosisContext): readonly Finding[] {
  const found = new Map<string, Finding>();
  const { observations } = context;
  const spans = [
    ...context.lives.map((life) => lifeFinding(life, observations)),
    ...context.amplified.map((each) => amplificationFinding(each, context.observations)),
    ...traceFindings(item.service, context.traces, context.observations),
    ...criticalFindings(context).filter((finding) => finding.service === item.service),
  ];
  for (const sign of item.signs.slice(0, signsPerService)) {
    if (sign.strength < toldMin) continue;
    for (const finding of findingsOfSign(sign, spans, context)) found.set(finding.key, finding);
  }
  for (const work of context.works) {
    if (work.service !== item.service) continue;
    const finding = ownWorkFinding(work, observations);
    found.set(finding.key, finding);
  }
  return [...found.values()];
}

function findingsOfSign(
  sign: Sign,
  spans: readonly Finding[],
  context: DiagnosisContext,
): readonly Finding[] {
  const { observations } = context;
  if (sign.shift) return [anomalyFinding(sign.shift, observations, sign.strength)];
  if (sign.log) return [logFinding(sign.log, observations)];
  if (sign.mass && (sign.kind === "latency-mass" || sign.kind === "error-mass")) {
    const fresh = newCalleeFinding(sign.mass, observations);
    return [
      massFinding(sign.kind, sign.mass, sign.strength, observations),
      ...(fresh ? [fresh] : []),
    ];
  }
  return spans.filter(
    ({ key }) =>
      key === sign.finding || (sign.kind === "self-time" && key === criticalKey(sign.service)),
  );
}
