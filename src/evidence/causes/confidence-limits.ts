import { distances } from "../call-graph.ts";
import type { DiagnosisContext } from "../context.ts";
import type { ServiceScore } from "./service-ranking.ts";
import type { SignKind } from "./signs.ts";

/** Signs weaker than this tell nothing. */
export const toldMin = 0.05;
/** What a service is suspected at most of which only a resource moved, or only a log speaks. */
const unfeltMax = 0.55;
const saidMax = 0.69;
/** ... and of which only one kind of metric speaks, where no alarm's signal shows that it hurts. */
const aloneMax = 0.6;
/**
 * A callee in such trouble of its own contests the lead of its caller, who is then held to this.
 */
const contestedMin = 0.3;
const contestedMax = 0.6;

/**
 * A service that waits for one that is in trouble itself runs out of places to wait in: from its
 * own shortage alone nobody can tell who of the two began. Without a map, what shows nothing of its
 * own making may wait for any that does. Most that is believed of it then, 0..1.
 */
export function contestedLimit(
  item: ServiceScore,
  ranking: readonly ServiceScore[],
  { graph }: DiagnosisContext,
): number {
  const callees = distances([item.service], graph.callees);
  const waitsForAny = graph.callees.size === 0 && !hasOwnTrouble(item);
  const isContested = ranking.some(
    (other) =>
      other.service !== item.service &&
      (waitsForAny || callees.has(other.service)) &&
      hasOwnTrouble(other),
  );
  return isContested ? contestedMax : 1;
}

/** Something of its own making that is wrong with a service, and not only with whom it calls. */
export function hasOwnTrouble({ signs }: ServiceScore): boolean {
  return signs.some((sign) => sign.isOwn && sign.strength >= contestedMin);
}

/**
 * Most that is believed of a service, 0..1, when one kind of sign is all there is and nothing else
 * confirms it: lines of a log, a resource that nobody feels although requests were traced, or
 * metrics where no alarm's signal shows that they hurt. A guilty change is a confirmation.
 */
export function unconfirmedLimit(
  { signs }: ServiceScore,
  context: DiagnosisContext,
  isChanged: boolean,
): number {
  const told = new Set(signs.filter((sign) => sign.strength >= toldMin).map(({ kind }) => kind));
  if (told.size > 1) return 1;
  const isTraced = context.observations.operations.length > 0;
  if (told.has("resource") && isTraced) return unfeltMax;
  if (told.has("log") || told.size === 0) return saidMax;
  return isMetric(told) && !isChanged && !context.onset?.isAlarmSignal ? aloneMax : 1;
}

/** From metrics of requests or resources, whose chance movements are many where many are read. */
function isMetric(kinds: ReadonlySet<SignKind>): boolean {
  return (["latency-mass", "error-mass", "metric", "resource"] as const).some((kind) =>
    kinds.has(kind),
  );
}
