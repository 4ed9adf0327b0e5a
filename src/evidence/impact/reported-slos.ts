import type { Finding } from "../../core/evidence.ts";
import type { Provenance } from "../../core/outcome.ts";
import type { SloReport } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import { digits, percent } from "../quantity.ts";
import { named, say } from "../statement.ts";

/** A burn above this in the window is worth saying. */
const burningFrom = 1;

/**
 * Objectives as the telemetry system itself reports them, as findings. What it could not tell stays
 * out of the numbers: an objective without data has no status in the report, only a sentence.
 */
export function reportedSlos(
  reports: readonly SloReport[],
  window: Window,
  provenance: readonly Provenance[],
): readonly Finding[] {
  return reports.map((report): Finding => {
    const { name, service, target, attained, budgetLeft, burnRate, state } = report;
    const isBurning = Number.isFinite(burnRate) && burnRate >= burningFrom;
    const known = (value: number) => (Number.isFinite(value) ? percent(value) : "an unknown share");
    // Objectives differ in the third nine: 99.85 % must not read as 99.9 %.
    const fine = (value: number) =>
      Number.isFinite(value) ? `${Number((value * 100).toFixed(3))}%` : "an unknown share";
    const key = `slo:reported:${service}:${name}`;
    const isKnown = Number.isFinite(burnRate) && Number.isFinite(budgetLeft);
    return {
      key,
      layer: "business",
      kind: "slo",
      service,
      ...say(isBurning ? "finding.slo-burning" : "finding.slo-reported", {
        slo: named(name),
        service: named(service),
        state: named(state),
        attained: fine(attained),
        target: fine(target),
        left: known(budgetLeft),
        ...(isBurning ? { burn: digits(burnRate) } : {}),
      }),
      ...(Number.isFinite(burnRate) ? { value: burnRate, unit: "times" } : {}),
      window,
      provenance,
      weight: isBurning || state === "breached" ? 0.5 : 0.2,
      ...(isKnown
        ? { facts: { sloStatus: { name, service, target, burnRate, budgetLeft, findings: [key] } } }
        : {}),
    };
  });
}
