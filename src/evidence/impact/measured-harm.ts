import type { Finding } from "../../core/evidence.ts";
import type { DiagnosisContext } from "../context.ts";
import { serviceHealth } from "../health.ts";

/** Objectives and KPIs that must have been read for their silence to mean something. */
const measuresMin = 2;
/** Share of what was expected that must be lost beyond doubt. */
const materialShare = 0.05;
/** More failing requests than this, in excess of normal time, are harm. */
const failedShareMin = 0.01;
const slowdownMin = 3;
/** From here on an error budget is spent faster than it is earned. */
const burnMin = 1;

/**
 * Whether users or the business were hurt, by what their team promised and counts: objectives, KPIs
 * and the requests of the alarm's service. `unknown` where too little of that was read.
 */
export function measuredHarm(
  context: DiagnosisContext,
  business: readonly Finding[],
  objectives: readonly Finding[],
): "none" | "some" | "unknown" {
  const burns = objectives.flatMap((finding) => finding.facts?.sloStatus?.burnRate ?? []);
  if (business.some(isMaterialLoss) || burns.some((burn) => burn >= burnMin)) return "some";
  const { observations, periods, slos, entry } = context;
  const health = serviceHealth(observations, periods, slos);
  const near = health.filter((item) => entry.length === 0 || entry.includes(item.service));
  const isHurt = near.some(
    ({ failedShare, baselineFailedShare, slowdown }) =>
      (failedShare ?? 0) - (baselineFailedShare ?? 0) >= failedShareMin ||
      (slowdown ?? 1) >= slowdownMin,
  );
  if (isHurt) return "some";
  return burns.length + business.length >= measuresMin ? "none" : "unknown";
}

/**
 * A loss beyond doubt and worth the name: several KPIs are tested, and one strays a little by
 * chance.
 */
export function isMaterialLoss({ facts }: Finding): boolean {
  const loss = facts?.kpiLoss;
  const least = loss?.lostInterval?.[0] ?? 0;
  return loss !== undefined && least > materialShare * Math.abs(loss.expected);
}
