import type { Finding } from "../core/evidence.ts";
import type { Diagnosis } from "../core/hypothesis.ts";
import type { KpiLoss, ServiceHealth } from "../core/impact.ts";
import {
  type PrioritySettings,
  type PriorityThresholds,
  type Rating,
  ratings,
} from "../core/priority.ts";
import type { Edge } from "../core/rows.ts";
import type { EpochMs } from "../core/window.ts";
import { rate } from "./assess.ts";
import { peakHour, regulatedBreach, securityBreach } from "./exposure.ts";
import type { Fact, FunctionLoss, KpiShare, PriorityFacts } from "./facts.ts";
import { entryPoints, isOnUserPath, looksSecondary } from "./user-path.ts";

/** A share of fewer requests says little about a function. */
const requestsMin = 20;

/** What the facts are read from; everything may be empty, and then the fact is unknown. */
export interface FactSources {
  readonly diagnosis: Diagnosis;
  readonly findings: readonly Finding[];
  /** Absent parts are taken from what the findings carry. */
  readonly health?: readonly ServiceHealth[];
  readonly kpiLosses?: readonly KpiLoss[];
  readonly topology?: readonly Edge[];
  readonly settings: PrioritySettings;
  /** The alarm's name, and when it began: for what a team configured by them. */
  readonly alarm?: { readonly name: string; readonly firedAt: EpochMs };
}

/** The facts of an incident. `evidence` in them holds keys of findings. */
export function factsFrom(sources: FactSources): PriorityFacts {
  const { diagnosis, settings, findings } = sources;
  const topology = sources.topology ?? findings.flatMap((item) => item.facts?.edges ?? []);
  const health = sources.health ?? healthOf(findings);
  const kpiLosses = sources.kpiLosses ?? findings.flatMap((item) => item.facts?.kpiLoss ?? []);
  const suffering = new Set([
    ...diagnosis.blastRadius,
    ...(diagnosis.firstFailing === null ? [] : [diagnosis.firstFailing]),
  ]);
  const known = new Set([
    ...topology.flatMap((edge) => [edge.from, edge.to]),
    ...health.map((item) => item.service),
    ...suffering,
  ]);
  const facing =
    settings.userFacing.length > 0 ? settings.userFacing : entryPoints(topology, known);
  const felt = new Set([...facing, ...journeys(kpiLosses, facing, topology)]);
  const seen = health.filter((item) => felt.has(item.service) && isCounted(item));
  const dataLoss = suspectedDataLoss(findings);
  const security = securityBreach(sources);
  const regulated = settings.regulated.filter((service) => suffering.has(service));
  return {
    isHealthy: diagnosis.isHealthy,
    failingShare: failingShare(seen, suffering, facing),
    slowdown: slowdown(seen),
    affected: affectedOf(seen, suffering, facing, settings.thresholds),
    kpis: kpiShares(kpiLosses, (service) => isDelayed(service, facing, topology)),
    unavailable: worstFunction({ health, kpiLosses, topology, settings }, facing),
    isPeakHour: peakHour(sources),
    spread: { affected: suffering.size, known: Math.max(known.size, suffering.size) },
    regulated,
    dataLoss,
    securityBreach: security,
    regulatedBreach: regulatedBreach(regulated, security, dataLoss),
  };
}

/**
 * Services that carry a business metric and answer while the user waits. Among all requests of a
 * front end, few are purchases; who tries to buy feels the share of purchases that fail.
 */
function journeys(
  losses: readonly KpiLoss[],
  facing: readonly string[],
  topology: readonly Edge[],
): readonly string[] {
  return losses.flatMap(({ service }) =>
    service !== null && topology.length > 0 && isOnUserPath(service, facing, topology)
      ? [service]
      : [],
  );
}

function isCounted(item: ServiceHealth): boolean {
  return item.requests === null || item.requests >= requestsMin;
}

/** Failures beyond what was normal before, 0..1. */
export function excessFailures(health: ServiceHealth): number | null {
  if (health.failedShare === null) return null;
  return Math.max(0, health.failedShare - (health.baselineFailedShare ?? 0));
}

function failingShare(
  seen: readonly ServiceHealth[],
  suffering: ReadonlySet<string>,
  facing: readonly string[],
): Fact<number> {
  const measured = seen.filter((item) => item.failedShare !== null);
  if (measured.length > 0) {
    const value = Math.max(...measured.map((item) => excessFailures(item) ?? 0));
    return { state: "measured", value, evidence: measured.flatMap((item) => item.findings) };
  }
  if (facing.length === 0) return { state: "unknown", because: "no user-facing service is known" };
  if (facing.some((service) => suffering.has(service))) {
    return { state: "unknown", because: "requests of user-facing services were not counted" };
  }
  return { state: "unknown", because: "no request counts could be read" };
}

function slowdown(seen: readonly ServiceHealth[]): Fact<number> {
  const measured = seen.filter((item) => item.slowdown !== null);
  if (measured.length === 0) return { state: "unknown", because: "no durations could be read" };
  const value = Math.max(...measured.map((item) => item.slowdown ?? 1));
  return { state: "measured", value, evidence: measured.flatMap((item) => item.findings) };
}

function affectedOf(
  seen: readonly ServiceHealth[],
  suffering: ReadonlySet<string>,
  facing: readonly string[],
  thresholds: PriorityThresholds,
): readonly string[] {
  const worst = (a: ServiceHealth, b: ServiceHealth) =>
    (excessFailures(b) ?? 0) - (excessFailures(a) ?? 0) || (b.slowdown ?? 1) - (a.slowdown ?? 1);
  const bad = [...seen]
    .sort(worst)
    .filter(
      (item) =>
        (excessFailures(item) ?? 0) >= thresholds.usersAffected.medium ||
        (item.slowdown ?? 1) >= thresholds.slowdown.medium,
    )
    .map((item) => item.service);
  if (bad.length > 0) return bad;
  const suspected = facing.filter((service) => suffering.has(service));
  return suspected.length > 0 ? suspected : facing;
}

/** Work behind a queue is late when it stops, not lost. */
function isDelayed(
  service: string | null,
  facing: readonly string[],
  topology: readonly Edge[],
): boolean {
  return service !== null && !isOnUserPath(service, facing, topology);
}

function kpiShares(
  losses: readonly KpiLoss[],
  isLate: (service: string | null) => boolean,
): Fact<readonly KpiShare[]> {
  if (losses.length === 0) return { state: "unknown", because: "no KPI has data" };
  const value = losses.map((loss) => ({
    kpi: loss.kpi,
    lostShare: isWithinNoise(loss) || loss.expected <= 0 ? 0 : loss.lost / loss.expected,
    surelyLostShare:
      loss.expected <= 0 ? 0 : Math.max(0, loss.lostInterval?.[0] ?? loss.lost) / loss.expected,
    isExcess: loss.lost > 0 && loss.actual > loss.expected,
    isDelayed: isLate(loss.service),
    lostText: moneyText(loss),
    evidence: loss.findings,
  }));
  return { state: "measured", value, evidence: losses.flatMap((loss) => loss.findings) };
}

function isWithinNoise(loss: KpiLoss): boolean {
  return loss.lostInterval !== null && loss.lostInterval[0] <= 0;
}

function moneyText(loss: KpiLoss): string | null {
  if (loss.lostValue === null || loss.lostValue <= 0) return null;
  const rounded = Math.round(loss.lostValue).toLocaleString("en-US");
  return `−${rounded}${loss.currency === null ? "" : ` ${loss.currency}`}`;
}

/** Each service once, with the finding that carries it as its evidence. */
function healthOf(findings: readonly Finding[]): ServiceHealth[] {
  const byService = new Map<string, ServiceHealth>();
  for (const finding of findings) {
    for (const item of finding.facts?.health ?? []) {
      const keys = item.findings.length > 0 ? item.findings : [finding.key];
      byService.set(item.service, { ...item, findings: keys });
    }
  }
  return [...byService.values()];
}

interface Measured {
  readonly health: readonly ServiceHealth[];
  readonly kpiLosses: readonly KpiLoss[];
  readonly topology: readonly Edge[];
  readonly settings: PrioritySettings;
}

/** The function that is worst off; core ones first, since a secondary one weighs a step less. */
function worstFunction(sources: Measured, facing: readonly string[]): Fact<FunctionLoss> {
  const { settings, topology } = sources;
  const measured = sources.health.filter(
    (item) => (item.failedShare !== null || item.slowdown !== null) && isCounted(item),
  );
  if (measured.length === 0) {
    return { state: "unknown", because: "no request counts or durations could be read" };
  }
  const carrying = journeys(sources.kpiLosses, facing, topology);
  const weighed = measured.map((item) => {
    const isCore = facing.includes(item.service) || carrying.includes(item.service);
    const isSecondary =
      settings.secondary.includes(item.service) ||
      (!isCore && (looksSecondary(item.service) || !isOnUserPath(item.service, facing, topology)));
    const loss: FunctionLoss = {
      service: item.service,
      failedShare: excessFailures(item) ?? 0,
      slowdown: item.slowdown ?? 1,
      isSecondary,
    };
    return { loss, evidence: item.findings, rank: rankOf(loss, settings.thresholds) };
  });
  weighed.sort((a, b) => a.rank - b.rank || b.loss.failedShare - a.loss.failedShare);
  const worst = weighed[0];
  if (!worst) return { state: "unknown", because: "no service could be measured" };
  return { state: "measured", value: worst.loss, evidence: worst.evidence };
}

/** 0 is critical; a secondary function counts one step less. */
function rankOf(loss: FunctionLoss, thresholds: PriorityThresholds): number {
  const rank = (rating: Rating) => ratings.indexOf(rating);
  const failing = rank(rate(loss.failedShare, thresholds.unavailable));
  const slow = Math.max(1, rank(rate(loss.slowdown, thresholds.slowdown)));
  return Math.min(failing, slow) + (loss.isSecondary ? 1 : 0);
}

const dataLossWords =
  /\b(?:data|record|order|message|write)s?\b.{0,30}\b(?:lost|loss|corrupt\w*|dropped)\b|\bcorrupt(?:ed|ion)\b|\bdata ?loss\b/i;

/** Words in telemetry can only raise a suspicion: anyone may be able to write them. */
function suspectedDataLoss(findings: readonly Finding[]): Fact<boolean> {
  const hit = findings.find(
    (finding) => finding.kind === "log-pattern" && dataLossWords.test(finding.quote ?? ""),
  );
  if (!hit) return { state: "unknown", because: "nothing speaks of it" };
  return { state: "assumed", value: true, because: `logs of ${hit.service ?? "a service"} say so` };
}
