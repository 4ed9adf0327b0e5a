import type { Finding } from "../core/evidence.ts";
import { severityRank } from "../core/query.ts";
import type { AlarmSignal } from "./alarm-signal.ts";
import type { DiagnosisContext } from "./context.ts";
import type { ServiceScore } from "./service-ranking.ts";
import type { Sign } from "./signs.ts";
import { say } from "./statement.ts";

export interface HealthVerdict {
  readonly isHealthy: boolean;
  /** 0..1: that nothing is wrong. */
  readonly confidence: number;
  readonly findings: readonly Finding[];
}

/** Harm may look this strong by chance alone. */
const quietHarmMax = 0.4;
/** Share of what was expected that must be lost beyond doubt. */
const materialShare = 0.05;
/** Deviations at which a moved series counts half as harm. */
const deviationsHalf = 25;
/** Resources keep closer to their level than latencies and errors do. */
const resourceHalf = 12;

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
  const harm = Math.max(0, ...ranking.flatMap((item) => item.signs.map(harmOf)));
  const lost = business.some(isMaterialLoss);
  const quiet = Math.max(0, 1 - harm / quietHarmMax);
  const isHealthy = signal.kind === "normal" && harm < quietHarmMax && !lost;
  const confidence = isHealthy ? 0.75 + 0.2 * quiet : 0.02;
  return { isHealthy, confidence, findings: isHealthy ? [quietFinding(context)] : [] };
}

/** A loss beyond doubt and worth the name: several KPIs are tested, and one strays a little by chance. */
function isMaterialLoss({ facts }: Finding): boolean {
  const loss = facts?.kpiLoss;
  const least = loss?.lostInterval?.[0] ?? 0;
  return loss !== undefined && least > materialShare * Math.abs(loss.expected);
}

/**
 * What hurts users or runs full, by its own size: shares of a loss say nothing about how large it is,
 * and a line that is merely new or missing hurts nobody.
 */
function harmOf(sign: Sign): number {
  switch (sign.kind) {
    case "latency-mass":
    case "error-mass":
    case "network-gap":
      return 0;
    case "metric":
    case "resource": {
      const size = Math.abs(sign.shift?.deviations ?? 0);
      const half = sign.kind === "resource" ? resourceHalf : deviationsHalf;
      return sign.shift?.meaning.isNode ? 0 : size ** 2 / (size ** 2 + half ** 2);
    }
    case "log": {
      const isError = severityRank(sign.log?.pattern.severity ?? "") >= severityRank("error");
      return isError && (sign.log?.deviations ?? 0) > 0 ? sign.strength : 0;
    }
    default:
      return sign.strength;
  }
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
