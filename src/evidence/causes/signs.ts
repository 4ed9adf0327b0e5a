import type { DiagnosisContext } from "../context.ts";
import { logKey } from "../logs/findings.ts";
import type { LogShift } from "../logs/shifts.ts";
import { anomalyKey } from "../metrics/anomaly-findings.ts";
import { type ExcessMass, errorMass, latencyMass } from "../metrics/excess-mass.ts";
import { meaningOf } from "../metrics/metric-meaning.ts";
import { lifeKey, type ProcessLife } from "../metrics/process-life.ts";
import { redSignals } from "../metrics/red-signals.ts";
import type { Shift } from "../metrics/shift.ts";
import { type Amplification, amplificationKey, strengthOf } from "../traces/amplification.ts";
import { networkGaps } from "../traces/network-gaps.ts";

export type SignKind =
  | "latency-mass"
  | "error-mass"
  | "self-time"
  | "error-origin"
  | "network-gap"
  | "amplification"
  | "process"
  | "resource"
  | "log"
  | "metric";

/** One reason to suspect one service. */
export interface Sign {
  readonly kind: SignKind;
  readonly service: string;
  /** `cpu`, `memory`, … when the sign names one. */
  readonly resource: string | null;
  /** 0..1: how much of the harm it explains times how sure it is. */
  readonly strength: number;
  /**
   * Made here; otherwise it may be inherited from a callee, and an anomalous callee discounts it.
   */
  readonly isOwn: boolean;
  /** Key of the finding that states it. */
  readonly finding: string;
  readonly mass?: ExcessMass;
  readonly shift?: Shift;
  readonly log?: LogShift;
}

/** Deviations at which a resource shift counts half: far above what healthy resources wander. */
const resourceHalf = 20;
/** Deviations at which a symptom metric counts half where nothing says who caused it. */
const metricHalf = 30;
/** How much restarts, and memory that only grows, suspect a service. */
const restartStrength = 0.6;
const growthStrength = 0.3;
/** How much a resource in full use suspects its service, at least. */
const usedUpStrength = 0.5;
/** Relative slowdown at which time lost counts half. */
const slowdownHalf = 0.15;
/** Spans in both periods from which on requests count as traced. */
const spansMin = 100;
/** Share of calls failing anew at which failures count half. */
const failureHalf = 0.01;

/** All signs, from metrics, spans and logs. */
export function collectSigns(context: DiagnosisContext): readonly Sign[] {
  return [
    ...massSigns(context),
    ...spanSigns(context),
    ...context.amplified.map(amplificationSign),
    ...context.lives.map(processSign),
    ...shiftSigns(context),
    ...context.logs.map(logSign),
  ].filter((sign) => sign.strength > 0.01);
}

/** Shares of the losses that each service makes itself, from metrics and the call graph. */
function massSigns(context: DiagnosisContext): readonly Sign[] {
  // Spans measure self time and error origins directly, so the estimate from metrics is not needed.
  if (context.graph.callees.size === 0 || isTraced(context)) return [];
  const signals = redSignals(context.observations.series);
  const wanted = alarmSignal(context);
  const kinds = [
    ["latency-mass", latencyMass, "latency"],
    ["error-mass", errorMass, "errors"],
  ] as const;
  return kinds.flatMap(([kind, compute, signal]) => {
    const masses = compute(signals, context.graph, context.periods);
    const total = masses.reduce((sum, mass) => sum + mass.self * reach(context, mass.service), 0);
    if (!(total > 0)) return [];
    const relevance = wanted === null || wanted === signal ? 1 : 0.3;
    return masses.map((mass) => ({
      kind,
      service: mass.service,
      resource: null,
      strength: ((mass.self * reach(context, mass.service)) / total) * relevance,
      isOwn: true,
      finding: `${kind}:${mass.service}`,
      mass,
    }));
  });
}

/** Latency or errors: what the alarm complains of; null when it does not say. */
function alarmSignal(context: DiagnosisContext): "latency" | "errors" | null {
  const { metric } = context.alarm;
  if (!metric) return null;
  const { signal } = meaningOf({ metric, unit: null, layer: null });
  if (signal === "latency") return "latency";
  return signal === "errors" || signal === "availability" ? "errors" : null;
}

/** Losses that the alarm's service cannot feel hardly explain the alarm. */
function reach(context: DiagnosisContext, service: string): number {
  if (context.entry.length === 0) return 1;
  return context.depth.has(service) ? 1 : 0.2;
}

const nowhere: ReadonlyMap<string, number> = new Map();

function spanSigns(context: DiagnosisContext): readonly Sign[] {
  const { operations, edges, slowdown, failureGrowth } = context.traces;
  const own = new Map<string, number>();
  const failures = new Map<string, number>();
  const gaps = new Map<string, number>();
  let time = 0;
  let failed = 0;
  for (const item of operations) {
    add(own, item.operation.service, item.selfExcessMs);
    add(failures, item.operation.service, item.errorExcess);
    time += item.selfExcessMs;
    failed += item.errorExcess;
  }
  for (const item of edges) {
    // The gap is self time of the caller's client span, and must not count twice.
    const counted = Math.min(own.get(item.edge.caller) ?? 0, item.gapExcessMs);
    add(own, item.edge.caller, -counted);
    time += item.gapExcessMs - counted;
  }
  const slowedWays = new Map<string, number>();
  for (const gap of networkGaps(edges)) {
    add(gaps, gap.service, gap.excessMs);
    slowedWays.set(gap.service, gap.slowed);
  }
  const slow = slowdown / (slowdown + slowdownHalf);
  const failing = failureGrowth / (failureGrowth + failureHalf);
  const waitedFor = criticalShares(context);
  const sign =
    (kind: SignKind, sum: number, sure: number, surely: ReadonlyMap<string, number>) =>
    ([service, value]: readonly [string, number]): Sign => ({
      kind,
      service,
      resource: kind === "network-gap" ? "network" : null,
      strength: Math.max(sum > 0 ? (value / sum) * sure : 0, surely.get(service) ?? 0),
      isOwn: true,
      finding: `${kind}:${service}`,
    });
  return [
    ...[...own].map(sign("self-time", time, slow, nowhere)).map((item) => {
      if (!waitedFor || slow === 0) return item;
      const share = (item.strength / slow + (waitedFor.get(item.service) ?? 0)) / 2;
      return { ...item, strength: share * slow };
    }),
    ...[...gaps].map(sign("network-gap", time, slow, slowedWays)),
    ...[...failures].map(sign("error-origin", failed, failing, nowhere)),
  ];
}

/**
 * Shares of the time by which critical paths grew: time lost beside them delays nobody. Null when
 * traces were not sampled, or their paths did not grow beyond the noise.
 */
function criticalShares({ critical }: DiagnosisContext): ReadonlyMap<string, number> | null {
  const grown = critical?.services.filter((item) => item.excessMs > 0) ?? [];
  const sum = grown.reduce((total, item) => total + item.excessMs, 0);
  if (sum === 0) return null;
  return new Map(grown.map((item) => [item.service, item.excessMs / sum]));
}

function add(map: Map<string, number>, key: string, value: number): void {
  map.set(key, (map.get(key) ?? 0) + value);
}

function shiftSigns(context: DiagnosisContext): readonly Sign[] {
  // Spans say who is slow and who fails; metrics of the same requests only repeat the symptom.
  const symptomShare = isTraced(context) ? 0.1 : context.graph.callees.size > 0 ? 0.3 : 1;
  const harmful = context.shifts.filter((shift) => shift.isHarmful);
  const alone = symptomShare === 1 ? besideOthers(context, harmful) : () => 1;
  return harmful.map((shift) => {
    const { meaning, series } = shift;
    const isResource = meaning.signal === "resource";
    const half = isResource ? resourceHalf : metricHalf;
    const size = Math.abs(shift.deviations);
    const dimmed = (meaning.isNode ? 0.2 : 1) * (isResource ? 1 : symptomShare * alone(shift));
    return {
      kind: isResource ? "resource" : "metric",
      service: series.service,
      resource: meaning.resource ?? series.resource,
      strength: Math.max(
        (size ** 2 / (size ** 2 + half ** 2)) * dimmed,
        isUsedUp(shift) ? usedUpStrength : 0,
      ),
      isOwn: isResource,
      finding: anomalyKey(shift),
      shift,
    } satisfies Sign;
  });
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

/** A process that ends by itself is nobody else's doing; growth alone may still be a cache. */
function processSign(life: ProcessLife): Sign {
  return {
    kind: "process",
    service: life.service,
    resource: life.kind === "leak" ? "memory" : null,
    strength: life.restarts >= 2 ? restartStrength : growthStrength,
    isOwn: true,
    finding: lifeKey(life),
  };
}

/** Calls per request are the caller's doing. */
function amplificationSign(item: Amplification): Sign {
  return {
    kind: "amplification",
    service: item.caller,
    resource: null,
    strength: strengthOf(item),
    isOwn: true,
    finding: amplificationKey(item),
  };
}

/**
 * With neither spans nor a call graph, the same metric of several services is compared: a slow
 * service slows all that call it, each a little less for its own level. The alarm's own service
 * tells what is felt, not where it is made, so it steps back when another shows at least half as
 * much.
 */
function besideOthers(
  context: DiagnosisContext,
  shifts: readonly Shift[],
): (shift: Shift) => number {
  const size = (shift: Shift) => Math.abs(shift.deviations);
  return (shift) => {
    const alike = shifts.filter((other) => other.series.metric === shift.series.metric);
    const others = alike.filter((other) => other.series.service !== shift.series.service);
    const largest = Math.max(...alike.map(size));
    const rival = Math.max(0, ...others.map(size));
    const isFelt = context.entry.includes(shift.series.service) && rival >= size(shift) / 2;
    return Math.sqrt(size(shift) / largest) * (isFelt ? 0.5 : 1);
  };
}

/** Spans were recorded well enough in both periods to judge by them. */
function isTraced({ observations }: DiagnosisContext): boolean {
  let spans = 0;
  for (const { window, baseline } of observations.operations) {
    spans += Math.min(window.count, baseline.count);
  }
  return spans >= spansMin;
}

function logSign(log: LogShift): Sign {
  return {
    kind: "log",
    service: log.pattern.service,
    resource: null,
    strength: log.weight,
    isOwn: false,
    finding: logKey(log),
    log,
  };
}
