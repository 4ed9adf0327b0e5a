import { distances } from "../call-graph.ts";
import type { DiagnosisContext } from "../context.ts";
import type { ServiceScore } from "./service-ranking.ts";

/** A service with signs this strong suffers. */
const sufferingMin = 0.15;
const victimsMax = 20;

/**
 * Services that suffer without being the cause: those that call it, directly or through others, and
 * show harm themselves; without a call graph, every other service that shows harm.
 */
export function blastRadius(
  context: DiagnosisContext,
  cause: string | null,
  ranking: readonly ServiceScore[],
): readonly string[] {
  const suffering = ranking
    .filter((item) => item.service !== cause && strongest(item) >= sufferingMin)
    .map((item) => item.service);
  const entry = context.entry.filter((service) => service !== cause);
  const upstream = cause ? distances([cause], context.graph.callers) : null;
  const isKnown = upstream !== null && upstream.size > 1;
  const victims = suffering.filter((service) => !isKnown || upstream.has(service));
  return [...new Set([...entry, ...victims])].slice(0, victimsMax);
}

function strongest(item: ServiceScore): number {
  return Math.max(0, ...item.signs.map((sign) => sign.strength));
}
