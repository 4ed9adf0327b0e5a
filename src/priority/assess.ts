import {
  type Priority,
  type PriorityFactor,
  type PriorityLevel,
  type PrioritySettings,
  priorityLevels,
  type Rating,
  ratings,
} from "../core/priority.ts";
import type { KpiShare, PriorityFacts } from "./facts.ts";
import { factor, percent, times } from "./statements.ts";

/**
 * Business impact x technical severity -> level (AWS Well-Architected OPS10-BP03; DESIGN section
 * 8). The worst business factor is the impact, the worst technical factor the severity. A breach or
 * data loss raises the level above what the matrix says; nothing lowers it.
 */
export function assessPriority(facts: PriorityFacts, settings: PrioritySettings): Priority {
  if (facts.isHealthy && !isBreach(facts)) return healthy(settings);
  const users = usersFactor(facts, settings);
  const business = [users, revenueFactor(facts, settings, users), legalFactor(facts)];
  const technical = [availabilityFactor(facts, settings), safetyFactor(facts)];
  const impact = worst(business);
  const severity = worst(technical);
  const cell = settings.matrix[impact][severity];
  const level = isBreach(facts) ? mostUrgent(cell, "P0") : cell;
  return {
    level,
    impact,
    severity,
    respondWithin: settings.respondWithin[level],
    factors: [...business, ...technical, peakFactor(facts), securityFactor(facts)],
  };
}

/** The rating of a value by its lower bounds. */
export function rate(
  value: number,
  bounds: Readonly<Record<Exclude<Rating, "low">, number>>,
): Rating {
  if (value >= bounds.critical) return "critical";
  if (value >= bounds.high) return "high";
  return value >= bounds.medium ? "medium" : "low";
}

function healthy(settings: PrioritySettings): Priority {
  const factors = ["users", "availability"].map((name) =>
    factor(name, "low", "measured", "priority.healthy", {}),
  );
  const level = settings.matrix.low.low;
  return {
    level,
    impact: "low",
    severity: "low",
    respondWithin: settings.respondWithin[level],
    factors,
  };
}

function usersFactor(facts: PriorityFacts, settings: PrioritySettings): PriorityFactor {
  const { failingShare, slowdown } = facts;
  const services = facts.affected[0] ?? list([]);
  if (failingShare.state === "unknown" && slowdown.state === "unknown") {
    const because = failingShare.because;
    return factor("users", "medium", "unknown", "priority.users.unknown", { because });
  }
  const share = failingShare.state === "unknown" ? 0 : failingShare.value;
  const ratio = slowdown.state === "unknown" ? 1 : slowdown.value;
  const failing = failingRating(share, facts, settings);
  const slow = slowRating(ratio, facts, settings);
  const rating = worse(failing, slow);
  const params = { share: percent(share), slowdown: times(ratio), services };
  if (failingShare.state === "assumed") {
    return factor("users", worse(rating, "medium"), "assumed", "priority.users.estimated", params);
  }
  const evidence = [failingShare, slowdown].flatMap((f) =>
    f.state === "measured" ? f.evidence : [],
  );
  const [isFailing, isSlow] = [failing !== "low", slow !== "low"];
  const id = isFailing ? (isSlow ? "both" : "failing") : isSlow ? "slow" : "fine";
  return factor("users", rating, "measured", `priority.users.${id}`, params, evidence);
}

function revenueFactor(
  facts: PriorityFacts,
  settings: PrioritySettings,
  users: PriorityFactor,
): PriorityFactor {
  const name = "revenue and brand";
  const { kpis } = facts;
  if (kpis.state === "unknown" || kpis.value.length === 0) {
    const because = kpis.state === "unknown" ? kpis.because : "none is configured";
    const rating = worse(users.rating, "medium");
    return factor(name, rating, "assumed", "priority.revenue.assumed", { because });
  }
  const rated = kpis.value.map((kpi) => ({ kpi, rating: kpiRating(kpi, settings) }));
  const sorted = rated
    .sort(
      (a, b) =>
        ratings.indexOf(a.rating) - ratings.indexOf(b.rating) || b.kpi.lostShare - a.kpi.lostShare,
    )
    .map((item) => item.kpi);
  const hardest = sorted[0];
  const rating = rated[0]?.rating ?? "low";
  if (!hardest || rating === "low") {
    const params = { kpis: list(sorted.map((kpi) => kpi.kpi)) };
    const evidence = kpis.state === "measured" ? kpis.evidence.slice(0, 3) : [];
    return factor(name, "low", kpis.state, "priority.revenue.fine", params, evidence);
  }
  const money = hardest.lostText === null ? "" : ` (${hardest.lostText})`;
  const params = { kpi: hardest.kpi, share: percent(hardest.lostShare), money };
  const id = hardest.isExcess
    ? "priority.revenue.excess"
    : hardest.isDelayed
      ? "priority.revenue.delayed"
      : "priority.revenue.lost";
  const evidence = sorted.filter((kpi) => kpi.lostShare > 0).flatMap((kpi) => kpi.evidence);
  return factor(name, rating, kpis.state, id, params, evidence.slice(0, 3));
}

/**
 * By what is lost beyond doubt, since few events make wide intervals. Late work and mere signs of
 * loss weigh at most medium: neither is revenue gone.
 */
function kpiRating(kpi: KpiShare, settings: PrioritySettings): Rating {
  const rating = rate(kpi.surelyLostShare, settings.thresholds.kpiLost);
  return kpi.isDelayed || kpi.isExcess ? cap(rating, "medium") : rating;
}

/**
 * Slow is degraded, not down: at most high, and at most medium where the business metrics show that
 * users get through all the same.
 */
function slowRating(ratio: number, facts: PriorityFacts, settings: PrioritySettings): Rating {
  return cap(
    rate(ratio, settings.thresholds.slowdown),
    kpisHold(facts, settings) ? "medium" : "high",
  );
}

/**
 * Requests are not users: who tries again fails several times. Where the business metrics show that
 * people get through in the end, failing requests weigh at most high.
 */
function failingRating(share: number, facts: PriorityFacts, settings: PrioritySettings): Rating {
  const rating = rate(share, settings.thresholds.usersAffected);
  return kpisHold(facts, settings) ? cap(rating, "high") : rating;
}

/** Whether the business metrics are known to hold: none lost enough to rate high. */
function kpisHold({ kpis }: PriorityFacts, settings: PrioritySettings): boolean {
  if (kpis.state === "unknown" || kpis.value.length === 0) return false;
  return kpis.value.every((kpi) => ["low", "medium"].includes(kpiRating(kpi, settings)));
}

function legalFactor(facts: PriorityFacts): PriorityFactor {
  const name = "legal and compliance";
  if (isTrue(facts.regulatedBreach)) {
    const services = list(facts.regulated);
    const evidence = evidenceOf(facts.regulatedBreach);
    return factor(name, "critical", "measured", "priority.legal.breach", { services }, evidence);
  }
  if (isTrue(facts.securityBreach)) {
    const evidence = evidenceOf(facts.securityBreach);
    return factor(name, "critical", "measured", "priority.legal.security", {}, evidence);
  }
  if (facts.regulatedBreach.state === "assumed" && facts.regulatedBreach.value) {
    const { because } = facts.regulatedBreach;
    const services = list(facts.regulated);
    return factor(name, "high", "assumed", "priority.legal.suspected", { services, because });
  }
  if (facts.regulated.length > 0) {
    const services = list(facts.regulated);
    return factor(name, "high", "measured", "priority.legal.regulated", { services });
  }
  return factor(name, "low", "assumed", "priority.legal.none", {});
}

function availabilityFactor(facts: PriorityFacts, settings: PrioritySettings): PriorityFactor {
  const name = "availability";
  const loss = facts.unavailable;
  if (loss.state === "unknown") {
    const { because } = loss;
    return factor(name, "medium", "unknown", "priority.availability.unknown", { because });
  }
  const { service, failedShare, slowdown, isSecondary } = loss.value;
  const failing = rate(failedShare, settings.thresholds.unavailable);
  const slow = slowRating(slowdown, facts, settings);
  const isFailing = ratings.indexOf(failing) <= ratings.indexOf(slow);
  const evidence = loss.state === "measured" ? loss.evidence : [];
  let rating = worse(failing, slow);
  if (rating === "low")
    return factor(name, "low", loss.state, "priority.availability.fine", {}, evidence);
  if (isSecondary) rating = lowerByOne(rating);
  const params = { service, share: percent(failedShare), slowdown: times(slowdown) };
  const ids = isSecondary
    ? (["priority.availability.secondary", "priority.availability.slow-secondary"] as const)
    : (["priority.availability.down", "priority.availability.slow"] as const);
  const plain = factor(name, rating, loss.state, ids[isFailing ? 0 : 1], params, evidence);
  if (!isTrue(facts.isPeakHour) || isSecondary) return plain;
  return { ...plain, rating: higherByOne(rating) };
}

/** Told beside the others; what it changes is in availability, so it raises nothing by itself. */
function peakFactor({ isPeakHour }: PriorityFacts): PriorityFactor {
  if (isPeakHour.state === "unknown") {
    const { because } = isPeakHour;
    return factor("peak hour", "medium", "unknown", "priority.peak.unknown", { because });
  }
  const { state, value } = isPeakHour;
  const evidence = evidenceOf(isPeakHour);
  return value
    ? factor("peak hour", "high", state, "priority.peak.yes", {}, evidence)
    : factor("peak hour", "low", state, "priority.peak.no", {}, evidence);
}

/** Told beside the others: a measured breach has raised the level already. */
function securityFactor({ securityBreach }: PriorityFacts): PriorityFactor {
  if (securityBreach.state === "unknown") {
    const { because } = securityBreach;
    return factor("security", "medium", "unknown", "priority.security.unknown", { because });
  }
  if (securityBreach.state === "assumed") {
    const { because } = securityBreach;
    return factor("security", "medium", "assumed", "priority.security.suspected", { because });
  }
  const evidence = evidenceOf(securityBreach);
  return securityBreach.value
    ? factor("security", "critical", "measured", "priority.security.breach", {}, evidence)
    : factor("security", "low", "measured", "priority.security.none", {}, evidence);
}

function safetyFactor(facts: PriorityFacts): PriorityFactor {
  const name = "safety";
  const { dataLoss, securityBreach, spread } = facts;
  if (isTrue(dataLoss)) {
    return factor(name, "critical", "measured", "priority.safety.data", {}, evidenceOf(dataLoss));
  }
  if (isTrue(securityBreach)) {
    const evidence = evidenceOf(securityBreach);
    return factor(name, "critical", "measured", "priority.safety.security", {}, evidence);
  }
  if (dataLoss.state === "assumed" && dataLoss.value) {
    const { because } = dataLoss;
    return factor(name, "medium", "assumed", "priority.safety.data-suspected", { because });
  }
  const isWide = spread.affected >= 4 && spread.affected >= spread.known * 0.75;
  const id = isWide ? "priority.safety.spread" : "priority.safety.contained";
  return factor(name, isWide ? "medium" : "low", "measured", id, { ...spread });
}

/** Only what was measured overrides: words in telemetry alone raise nothing to the top. */
function isBreach(facts: PriorityFacts): boolean {
  return [facts.dataLoss, facts.securityBreach, facts.regulatedBreach].some(isTrue);
}

function isTrue(fact: PriorityFacts["dataLoss"]): boolean {
  return fact.state === "measured" && fact.value;
}

function evidenceOf(fact: PriorityFacts["dataLoss"]): readonly string[] {
  return fact.state === "measured" ? fact.evidence : [];
}

function worst(factors: readonly PriorityFactor[]): Rating {
  return factors.map((item) => item.rating).reduce(worse, "low");
}

function worse(a: Rating, b: Rating): Rating {
  return ratings.indexOf(a) <= ratings.indexOf(b) ? a : b;
}

function cap(rating: Rating, most: Rating): Rating {
  return ratings.indexOf(rating) < ratings.indexOf(most) ? most : rating;
}

function higherByOne(rating: Rating): Rating {
  return ratings[Math.max(0, ratings.indexOf(rating) - 1)] ?? rating;
}

function lowerByOne(rating: Rating): Rating {
  return ratings[ratings.indexOf(rating) + 1] ?? rating;
}

function mostUrgent(a: PriorityLevel, b: PriorityLevel): PriorityLevel {
  return priorityLevels.indexOf(a) <= priorityLevels.indexOf(b) ? a : b;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "no service by name" : names.slice(0, 3).join(", ");
}
