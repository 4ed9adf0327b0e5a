import type { Finding } from "../../core/evidence.ts";
import type { Observations, OperationStats } from "../../core/rows.ts";
import { type EpochMs, toIso } from "../../core/window.ts";
import { matchServices } from "../call-graph.ts";
import type { Movement } from "../metrics/movements.ts";
import { say } from "../statement.ts";
import { handDown } from "./hand-down.ts";
import { namesService, reportingServices } from "./service-names.ts";
import type { AlarmHint, Symptom, Symptoms } from "./symptoms.ts";
import type { Unreachable } from "./unreachable.ts";

/** The service that failed first on its own account, and those that suffer from it. */
export interface FirstFailing {
  readonly service: string | null;
  /** Best first. */
  readonly scores: readonly ServiceAccount[];
  /** Victims: they fail, are slow or complain, and do not cause it. */
  readonly blastRadius: readonly string[];
  readonly findings: readonly Finding[];
}

/** What one service shows, split into its own doing and what it passes on. */
export interface ServiceAccount {
  readonly service: string;
  readonly score: number;
  /** Share of its failing lines that blame nobody else, 0..1; NaN without failing lines. */
  readonly ownLines: number;
  /** Share of all failing spans without a failing child that are its. */
  readonly origins: number;
  /** Share of its failing spans that merely pass on a failure below, 0..1. */
  readonly inherited: number;
  /** Share of all time lost in spans that is its own. */
  readonly selfTime: number;
  /** Share of other services' failing lines that name it. */
  readonly blamed: number;
  /** It is short of something of its own: memory, CPU, connections, a queue. */
  readonly isStarved: boolean;
  readonly isFailing: boolean;
  /** Earliest harmful movement or failing line; NaN when it shows none. */
  readonly since: EpochMs;
}

export interface FirstFailingInput {
  readonly alarm: AlarmHint;
  readonly symptoms: Symptoms;
  /** Services that others cannot reach. */
  readonly unreachable?: ReadonlyMap<string, Unreachable>;
  /** How much each service's metrics, spans and logs suspect it, 0..1, when that was computed. */
  readonly suspicion?: ReadonlyMap<string, number>;
  /** Where a change went live that explains the symptoms, when one does. */
  readonly guiltyHome?: string | null;
}

/**
 * Weights of the parts: being the origin beats being loud, and the alarm's address hardly counts.
 */
const weights = {
  ownLines: 2,
  origins: 2,
  inherited: -1.5,
  selfTime: 2,
  blamed: 1.5,
  starved: 1,
  moved: 0.5,
  early: 1,
  suspicion: 0.7,
  suspicionAlone: 8,
  guiltyHome: 1,
  alarm: 0.2,
} as const;
/** Up to this share of failing lines or spans is everyday noise; from the other on all is heard. */
const quietShare = 0.03;
const loudShare = 0.12;
/** Resources wander: a shortage leaves its level by this many scatters. */
const starvedMin = 7;
/** A service that began this much later keeps 37 % of the bonus for being early. */
const earlyMs = 90_000;
const upstreamWords =
  /\b(upstream|downstream|dependency|dependent service|propagat\w+|bad gateway|backend)\b|returned (50[0-4])\b/i;

/**
 * Ranks services by what fails on their own account: lines that blame nobody else, spans that fail
 * without a failing child, time lost in themselves, own shortages; who is named by the others; who
 * began first. A service that only lost traffic shows none of that.
 */
export function findFirstFailing(
  observations: Observations,
  input: FirstFailingInput,
): FirstFailing {
  const unreachable = input.unreachable ?? new Map<string, Unreachable>();
  const services = [...new Set([...reportingServices(observations), ...unreachable.keys()])].sort();
  const alarmed = new Set(matchServices(input.alarm.service, services));
  const failing = [
    ...new Set([...failingServices(services, observations, input.symptoms), ...unreachable.keys()]),
  ].sort();
  const accounts = handDown(
    services.map((service) => accountOf(service, failing, observations, input)),
    unreachable,
  );
  const first = Math.min(...accounts.map((a) => a.since).filter(Number.isFinite));
  const loud = loudness(observations, input.symptoms);
  const scores = accounts
    .map((account) => ({
      ...account,
      score:
        loud * scoreOf(account, first, input, alarmed.has(account.service)) +
        ((1 - loud) * weights.suspicionAlone + weights.suspicion * loud) *
          (input.suspicion?.get(account.service) ?? 0),
    }))
    .filter((account) => account.isFailing || account.score > 0)
    .sort((a, b) => b.score - a.score || a.service.localeCompare(b.service));
  const service = scores[0]?.service ?? null;
  const blastRadius = scores
    .filter((a) => a.service !== service && a.isFailing)
    .map((a) => a.service);
  const findings = scores.slice(0, 1).flatMap((a) => accountFindings(a, observations));
  return { service, scores, blastRadius, findings };
}

/**
 * How loudly lines and spans speak of failure, 0..1. Where they hardly do, as with mere slowness or
 * rare exceptions, the statistics of the signals tell more than who complains of whom.
 */
function loudness(observations: Observations, symptoms: Symptoms): number {
  const sum = (list: readonly number[]) => list.reduce((total, n) => total + n, 0);
  const lines = sum(observations.logPatterns.map((p) => p.windowCount));
  const failing = symptoms.texts.filter((s) => s.isError && s.source === "log");
  const spans = sum(observations.operations.map((o) => o.window.count));
  const origins = sum(
    observations.operations.map((o) => Math.max(0, o.window.errorOrigins - usualOrigins(o))),
  );
  const share = Math.max(
    lines > 0 ? sum(failing.map((s) => s.count)) / lines : 0,
    spans > 0 ? origins / spans : 0,
  );
  return Math.min(1, Math.max(0, (share - quietShare) / (loudShare - quietShare)));
}

/** Failures to expect in the window at the rate of normal time. */
function usualOrigins({ window, baseline }: OperationStats): number {
  return baseline.count > 0 ? (baseline.errorOrigins / baseline.count) * window.count : 0;
}

/** Services that show a failure themselves: to be blamed by another, one must fail. */
function failingServices(
  services: readonly string[],
  observations: Observations,
  symptoms: Symptoms,
): readonly string[] {
  const errors = new Set(
    observations.operations.filter((o) => o.window.errors > 0).map((o) => o.service),
  );
  return services.filter(
    (service) =>
      errors.has(service) ||
      failingLines(symptoms, service).length > 0 ||
      symptoms.movements.some((m) => m.service === service && m.isTimely && isFailure(m)),
  );
}

function accountOf(
  service: string,
  services: readonly string[],
  observations: Observations,
  { symptoms }: FirstFailingInput,
): ServiceAccount {
  const moved = symptoms.movements.filter((m) => m.service === service && isFailure(m));
  const lines = failingLines(symptoms, service);
  const count = (list: readonly Symptom[]) => list.reduce((sum, s) => sum + s.count, 0);
  const own = lines.filter((s) => !passesOn(s, services));
  const spans = spanShares(service, observations);
  const others = symptoms.texts.filter(
    (s) => s.isError && s.source === "log" && s.service !== service,
  );
  const naming = others.filter((s) => namesService(s.text, service));
  // Lines are counted from the start of the window on: one at its very start may be older.
  const edge = observations.window.from + symptoms.stepMs;
  const timely = [
    ...moved.filter((m) => m.isTimely).map((m) => m.onset.at),
    ...lines.map((s) => s.at).filter((time) => time > edge),
  ].filter(Number.isFinite);
  const times = timely.length > 0 ? timely : moved.map((m) => m.onset.at);
  return {
    service,
    score: 0,
    ownLines: lines.length === 0 ? Number.NaN : count(own) / count(lines),
    ...spans,
    blamed: others.length === 0 ? 0 : count(naming) / count(others),
    isStarved: moved.some(
      (m) =>
        m.meaning.signal === "resource" && m.isTimely && Math.abs(m.onset.strength) >= starvedMin,
    ),
    isFailing: moved.length > 0 || lines.length > 0 || spans.origins > 0 || spans.inherited > 0,
    since: times.length === 0 ? Number.NaN : Math.min(...times),
  };
}

function failingLines(symptoms: Symptoms, service: string): readonly Symptom[] {
  return symptoms.texts.filter((s) => s.isError && s.source === "log" && s.service === service);
}

/** Errors, slowness and shortages; a lifetime that runs down is no failure of its owner. */
function isFailure(movement: Movement): boolean {
  const { signal, resource } = movement.meaning;
  if (!movement.isHarmful || resource === "expiry") return false;
  return ["errors", "latency", "availability", "resource"].includes(signal);
}

/** The line speaks of another service, or of "the upstream", and not of itself. */
function passesOn(symptom: Symptom, services: readonly string[]): boolean {
  if (upstreamWords.test(symptom.text)) return true;
  return services.some((other) => other !== symptom.service && namesService(symptom.text, other));
}

function spanShares(service: string, observations: Observations) {
  let origins = 0;
  let allOrigins = 0;
  let errors = 0;
  let lost = 0;
  let allLost = 0;
  for (const operation of observations.operations) {
    const { service: owner, window, baseline } = operation;
    const begun = Math.max(0, window.errorOrigins - usualOrigins(operation));
    allOrigins += begun;
    const slower = baseline.count > 0 ? Math.max(0, window.selfMeanMs - baseline.selfMeanMs) : 0;
    allLost += slower * window.count;
    if (owner !== service) continue;
    origins += begun;
    errors += window.errors;
    lost += slower * window.count;
  }
  return {
    origins: allOrigins > 0 ? origins / allOrigins : 0,
    inherited: errors > 0 ? 1 - origins / errors : 0,
    selfTime: allLost > 0 ? lost / allLost : 0,
  };
}

function scoreOf(
  account: ServiceAccount,
  first: EpochMs,
  input: FirstFailingInput,
  isAlarmed: boolean,
): number {
  const hasMoved = Number.isFinite(account.since);
  const late = hasMoved ? Math.exp(-Math.max(0, account.since - first) / earlyMs) : 0;
  // Who is named by others but shows nothing itself only lost traffic, or is merely the address.
  const blamed = account.isFailing ? account.blamed : 0;
  const ownLines = Number.isNaN(account.ownLines) ? 0 : account.ownLines;
  return (
    weights.ownLines * ownLines +
    weights.origins * account.origins +
    weights.inherited * account.inherited * (account.origins > 0 ? 0.5 : 1) +
    weights.selfTime * account.selfTime +
    weights.blamed * blamed +
    (account.isStarved ? weights.starved : 0) +
    (account.isFailing ? weights.moved : 0) +
    weights.early * late +
    (account.isFailing && input.guiltyHome === account.service ? weights.guiltyHome : 0) +
    (isAlarmed ? weights.alarm : 0)
  );
}

function accountFindings(account: ServiceAccount, observations: Observations): Finding[] {
  const { service } = account;
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  const reasons = [
    account.ownLines > 0
      ? `${percent(account.ownLines)} of its failing lines blame nobody else`
      : "",
    account.origins > 0 ? `${percent(account.origins)} of failures in spans begin there` : "",
    account.selfTime > 0.3 ? `${percent(account.selfTime)} of the time lost is its own` : "",
    account.blamed > 0.2 ? `${percent(account.blamed)} of the others' failing lines name it` : "",
    account.isStarved ? "it runs short of a resource of its own" : "",
    Number.isFinite(account.since) ? `it shows since ${toIso(account.since).slice(11, 16)}` : "",
  ].filter((reason) => reason !== "");
  if (reasons.length === 0) return [];
  return [
    {
      key: `first-failing:${service}`,
      layer: "application",
      kind: "topology",
      service,
      ...say("first-failing.reasons", { service, reasons: reasons.join("; ") }),
      weight: 0.7,
      ...(Number.isFinite(account.since) ? { at: account.since } : {}),
      window: observations.window,
      provenance: [
        ...(observations.provenance["operation-stats"] ?? []),
        ...(observations.provenance["log-patterns"] ?? []),
      ],
    },
  ];
}
