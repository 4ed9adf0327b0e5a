import type { DiagnosisContext } from "../context.ts";
import { anomalyKey } from "../metrics/anomaly-findings.ts";
import { type ExcessMass, errorMass, latencyMass } from "../metrics/excess-mass.ts";
import { isOutbound, redSignals } from "../metrics/red-signals.ts";
import type { Shift } from "../metrics/shift.ts";
import type { Sign } from "./signs.ts";

/** Deviations at which a resource shift counts half: far above what healthy resources wander. */
const resourceHalf = 20;
/** Deviations at which a symptom metric counts half where nothing says who caused it. */
const metricHalf = 30;
/** How much a resource in full use suspects its service, at least. */
const usedUpStrength = 0.5;
/** What counts of a metric of requests that were traced, or whose losses a call graph lays out. */
const tracedShare = 0.1;
const mappedShare = 0.3;
/** What counts of a metric of the whole machine, which all services on it share. */
const nodeShare = 0.2;
/** Up to this percentage of a limit a resource has room, and its growth counts by this much. */
const roomyPercent = 10;
const roomyShare = 0.5;
/** What counts of a metric about calls to others. */
const outboundShare = 0.5;
/** What counts of the alarm's own service where another shows about as much. */
const feltShare = 0.5;
/** What counts at least of a service whose requests lost next to nothing beside those of others. */
const lossMin = 0.3;

/** Series that moved to their harmful side, as reasons to suspect their services. */
export function shiftSigns(context: DiagnosisContext, isTraced: boolean): readonly Sign[] {
  const harmful = context.shifts.filter((shift) => shift.isHarmful);
  const symptomShare = symptomShares(context, isTraced, harmful);
  const roomy = new Set(harmful.filter(hasRoom).map(resourceKey));
  return harmful.map((shift) => {
    const { meaning, series } = shift;
    const isResource = meaning.signal === "resource";
    const half = isResource ? resourceHalf : metricHalf;
    const size = Math.abs(shift.deviations);
    const dimmed =
      (meaning.isNode ? nodeShare : 1) *
      (isResource
        ? roomy.has(resourceKey(shift))
          ? roomyShare
          : 1
        : symptomShare(shift) * waitingShare(shift));
    return {
      kind: isResource ? "resource" : "metric",
      service: series.service,
      resource: meaning.resource ?? series.resource,
      strength: Math.max(
        (size ** 2 / (size ** 2 + half ** 2)) * dimmed,
        isUsedUp(shift) ? usedUpStrength : 0,
      ),
      // Instances are counted by whoever sends them requests.
      isOwn: isResource && meaning.resource !== "instances",
      finding: anomalyKey(shift),
      shift,
    } satisfies Sign;
  });
}

/**
 * How much a metric of requests counts beside what says who causes its harm: spans, or losses along
 * the call graph, of which it is only the symptom. Where a service has no such losses, its metric
 * is all there is of it, unless it is of a part, such as its heap, and of no request.
 */
function symptomShares(
  context: DiagnosisContext,
  isTraced: boolean,
  harmful: readonly Shift[],
): (shift: Shift) => number {
  if (isTraced) return () => tracedShare;
  if (context.graph.callees.size === 0) return besideOthers(context, harmful);
  const signals = redSignals(context.observations.series);
  return ({ series, meaning }) => {
    const red = signals.get(series.service);
    const measured = meaning.signal === "latency" ? red?.latency : red?.errors;
    const isOfPart = series.resource !== null;
    return isOfPart || (measured && red?.requests) ? mappedShare : 1;
  };
}

/**
 * A percentage of a limit that leaves nearly all of it free makes nobody wait, though it doubled.
 * Small numbers throughout may be shares of one under the wrong unit, and tell nothing.
 */
function hasRoom({ meaning, series, during }: Shift): boolean {
  const isPercent = meaning.unit === "%" && series.points.values.some((value) => value > 1.5);
  return isPercent && meaning.harm === "up" && during < roomyPercent;
}

/** The bytes in use have as much room as the percentage of the same resource says. */
function resourceKey({ meaning, series }: Shift): string {
  return `${series.service}\u0000${meaning.isNode ? "node" : ""}${meaning.resource ?? ""}`;
}

/** How long calls to others take says that those are slow, more than who calls them. */
function waitingShare({ series }: Shift): number {
  return isOutbound(series.metric.toLowerCase()) ? outboundShare : 1;
}

/**
 * A limited resource in full use that was not before: what waits for it waits here, however small
 * the step looks beside its scatter.
 */
function isUsedUp({ meaning, series, before, during }: Shift): boolean {
  if (meaning.signal !== "resource" || meaning.isNode || meaning.harm !== "up") return false;
  if (!/utili[sz]ation|usage_?(ratio|percent)|saturation/i.test(series.metric)) return false;
  const full = meaning.unit === "%" ? 100 : 1;
  return during >= 0.95 * full && during <= 1.05 * full && before < 0.8 * full;
}

/**
 * With neither spans nor a call graph, the same metric of several services is compared: a slow
 * service slows all that call it, each a little less for its own level, and what all of its
 * requests lost together reaches up to whoever complains. The alarm's own service tells what is
 * felt, not where it is made, so it steps back when another shows at least half as much.
 */
function besideOthers(
  context: DiagnosisContext,
  shifts: readonly Shift[],
): (shift: Shift) => number {
  const size = (shift: Shift) => Math.abs(shift.deviations);
  const alike = new Map<string, Shift[]>();
  for (const shift of shifts) {
    const known = alike.get(shift.series.metric);
    if (known) known.push(shift);
    else alike.set(shift.series.metric, [shift]);
  }
  const lost = lossShares(context);
  return (shift) => {
    const all = alike.get(shift.series.metric) ?? [shift];
    const others = all.filter((other) => other.series.service !== shift.series.service);
    const largest = all.reduce((most, other) => Math.max(most, size(other)), 0);
    const rival = others.reduce((most, other) => Math.max(most, size(other)), 0);
    const isFelt = context.entry.includes(shift.series.service) && rival >= size(shift) / 2;
    return Math.sqrt(size(shift) / largest) * (isFelt ? feltShare : 1) * lost(shift);
  };
}

/**
 * What a service's requests lost against the service that lost most, 0..1 and never nothing; 1
 * where requests were not counted, since then a rare call weighs as much as a frequent one.
 */
function lossShares({ observations, graph, periods }: DiagnosisContext): (shift: Shift) => number {
  const signals = redSignals(observations.series);
  const shares = (masses: readonly ExcessMass[]) => {
    const counted = masses.filter(({ service }) => signals.get(service)?.requests);
    const most = counted.reduce((largest, mass) => Math.max(largest, mass.total), 0);
    return new Map(
      counted.map(({ service, total }) => [service, most > 0 ? Math.sqrt(total / most) : 1]),
    );
  };
  const slow = shares(latencyMass(signals, graph, periods));
  const failed = shares(errorMass(signals, graph, periods));
  return ({ meaning, series: { service } }) => {
    const share = (meaning.signal === "latency" ? slow : failed).get(service) ?? 1;
    return Math.max(lossMin, share);
  };
}
