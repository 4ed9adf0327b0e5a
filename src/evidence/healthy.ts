import type { Finding } from "../core/evidence.ts";
import type { AlarmSignal } from "./alarm-signal.ts";
import type { DiagnosisContext } from "./context.ts";
import type { ServiceScore } from "./service-ranking.ts";
import { say } from "./statement.ts";

export interface HealthVerdict {
  readonly isHealthy: boolean;
  /** 0..1: that nothing is wrong. */
  readonly confidence: number;
  readonly findings: readonly Finding[];
}

/** The strongest service may look this suspicious by chance alone. */
const quietScoreMax = 0.35;

/**
 * Nothing is wrong when the alarm's own signal stays within its noise, nothing else harmful lasts and
 * no KPI lost anything. Without the alarm's signal a quiet estate is only weak evidence of health.
 */
export function healthVerdict(
  context: DiagnosisContext,
  signal: AlarmSignal,
  ranking: readonly ServiceScore[],
  business: readonly Finding[],
): HealthVerdict {
  const suspicion = ranking[0]?.score ?? 0;
  const lost = business.some((finding) => (finding.facts?.kpiLoss?.lostInterval?.[0] ?? 0) > 0);
  const isSeen = signal.kind !== "unseen";
  const quiet = Math.max(0, 1 - suspicion / quietScoreMax);
  const isHealthy = signal.kind === "normal" && suspicion < quietScoreMax && !lost;
  const confidence = isHealthy ? 0.75 + 0.2 * quiet : isSeen || lost ? 0.02 : 0.1 * quiet;
  return {
    isHealthy,
    confidence,
    findings: isHealthy ? [quietFinding(context)] : [],
  };
}

function quietFinding({ observations }: DiagnosisContext): Finding {
  return {
    key: "normal:quiet",
    layer: "application",
    kind: "normal",
    ...say("finding.quiet", { series: observations.series.length }),
    window: observations.window,
    provenance: observations.provenance["metric-series"] ?? [],
    weight: 0.5,
  };
}
