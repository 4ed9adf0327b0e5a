import { lengthMs } from "../../core/window.ts";
import { distances } from "../call-graph.ts";
import type { DiagnosisContext } from "../context.ts";
import type { ServiceScore } from "./service-ranking.ts";
import type { SignKind } from "./signs.ts";

/** Signs weaker than this tell nothing. */
export const toldMin = 0.05;
/** What a service is suspected at most of which only log lines speak. */
const saidMax = 0.69;
/** ... of which only a resource moved, which nobody feels although requests were traced. */
const unfeltMax = 0.55;
/** ... of which only metrics speak where no alarm's signal shows that they hurt: of a resource, or
 * of requests, which also move with what others do. */
const scarceMax = 0.6;
const aloneMax = 0.5;
/**
 * A callee in such trouble of its own contests the lead of its caller, who is then held to this.
 */
const contestedMin = 0.3;
const contestedMax = 0.6;
/** So many others that log the same, and it is of none of them alone. */
const peersMin = 2;

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

/**
 * Services that newly log the very same line, none of which calls another for it, share what is
 * wrong: keys, a clock, the way to a third. Which of them it is, if any, they cannot tell. Most that
 * is believed of one then, 0..1. Without a map, those who complain of one service would be peers.
 */
export function sharedLimit(
  item: ServiceScore,
  ranking: readonly ServiceScore[],
  { graph }: DiagnosisContext,
): number {
  const callers = distances([item.service], graph.callers);
  const said = new Set(newLines(item));
  const peers = ranking.filter(
    (other) => !callers.has(other.service) && newLines(other).some((line) => said.has(line)),
  );
  return graph.callers.size > 0 && peers.length >= peersMin ? contestedMax : 1;
}

function newLines({ signs }: ServiceScore): readonly string[] {
  return signs.flatMap(({ log, strength }) =>
    log?.kind === "new" && strength >= toldMin ? log.pattern.pattern : [],
  );
}

/** Share of the usual calls below which a service counts as cut off. */
const goneShare = 0.4;
/** Calls that the window would bring by normal time before their absence tells. */
const expectedCallsMin = 10;

/**
 * A service fails where it calls another that no call reaches any more: whether it calls wrongly or
 * the other is gone, or cut off, cannot be told from its failures. Most that is believed of it then,
 * 0..1; a guilty change of its own tells.
 */
export function unansweredLimit(
  { service, signs }: ServiceScore,
  { graph, observations }: DiagnosisContext,
  isChanged: boolean,
): number {
  const { operations, window, baseline } = observations;
  const isFailing = signs.some((sign) => sign.kind === "error-origin" && sign.strength >= toldMin);
  if (isChanged || !isFailing) return 1;
  const perPeriod = lengthMs(window) / Math.max(1, lengthMs(baseline));
  const isCutOff = (callee: string) => {
    const own = operations.filter((operation) => operation.service === callee);
    const before = own.reduce((sum, operation) => sum + operation.baseline.count, 0);
    // What is left of the window's time before the incident began still brings some.
    const now = own.reduce((sum, operation) => sum + operation.window.count, 0);
    const expected = before * perPeriod;
    return expected >= expectedCallsMin && now < goneShare * expected;
  };
  return [...(graph.callees.get(service) ?? [])].some(isCutOff) ? contestedMax : 1;
}

/** Something of its own making that is wrong with a service, and not only with whom it calls. */
export function hasOwnTrouble({ signs }: ServiceScore): boolean {
  return signs.some((sign) => sign.isOwn && sign.strength >= contestedMin);
}

/**
 * Most that is believed of a service, 0..1, when one sort of telemetry is all there is and nothing
 * else confirms it: lines of a log, a resource that nobody feels although requests were traced, or
 * metrics where no alarm's signal shows that they hurt. A guilty change is a confirmation, and so
 * is a resource that moves together with the requests.
 */
export function unconfirmedLimit(
  { signs }: ServiceScore,
  { observations, onset }: DiagnosisContext,
  isChanged: boolean,
): number {
  const told = new Set(signs.filter((sign) => sign.strength >= toldMin).map(({ kind }) => kind));
  const isOnly = (...kinds: readonly SignKind[]) => [...told].every((kind) => kinds.includes(kind));
  if (isOnly("log")) return saidMax;
  if (isOnly("resource") && observations.operations.length > 0) return unfeltMax;
  if (isChanged || onset?.isAlarmSignal) return 1;
  if (isOnly("latency-mass", "error-mass", "metric")) return aloneMax;
  return isOnly("resource") ? scarceMax : 1;
}
