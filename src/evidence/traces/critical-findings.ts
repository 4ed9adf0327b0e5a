import type { Finding } from "../../core/evidence.ts";
import type { DiagnosisContext } from "../context.ts";
import { percent, quantity } from "../quantity.ts";
import { named, say } from "../statement.ts";

/** Services stated at most: a critical path has few that grew. */
const statedMax = 3;

/** Key of the finding that says how long requests wait for this service. */
export function criticalKey(service: string): string {
  return `critical-path:${service}`;
}

/** Services for which requests wait longer than they used to, largest growth first. */
export function criticalFindings({
  critical,
  observations,
}: Pick<DiagnosisContext, "critical" | "observations">): readonly Finding[] {
  if (!critical) return [];
  const grown = critical.totalMs.now - critical.totalMs.usual;
  return critical.services
    .filter((item) => item.excessMs > 0)
    .slice(0, statedMax)
    .map((item): Finding => {
      const { service, caller } = item;
      const params = {
        service: named(service),
        now: quantity(item.nowMs, "ms"),
        before: quantity(item.usualMs, "ms"),
        share: percent(item.nowShare),
        usualShare: percent(item.usualShare),
        count: critical.traces.now + critical.traces.usual,
      };
      return {
        key: criticalKey(service),
        layer: "application",
        kind: "trace",
        service,
        ...(caller === null
          ? say("finding.critical-path", params)
          : say("finding.critical-edge", { ...params, caller: named(caller) })),
        value: item.nowMs,
        baseline: item.usualMs,
        unit: "ms",
        effect: item.nowShare,
        effectKind: "share",
        window: observations.window,
        provenance: observations.provenance["trace-sample"] ?? [],
        weight: Math.min(0.8, item.excessMs / Math.max(grown, item.excessMs)),
      };
    });
}
