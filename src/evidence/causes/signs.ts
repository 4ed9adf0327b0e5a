import type { DiagnosisContext } from "../context.ts";
import { logKey } from "../logs/findings.ts";
import type { LogShift } from "../logs/shifts.ts";
import { type ExcessMass, errorMass, latencyMass } from "../metrics/excess-mass.ts";
import { meaningOf } from "../metrics/metric-meaning.ts";
import { lifeKey, type ProcessLife } from "../metrics/process-life.ts";
import { redSignals } from "../metrics/red-signals.ts";
import type { Shift } from "../metrics/shift.ts";
import { type Amplification, amplificationKey, strengthOf } from "../traces/amplification.ts";
import { networkGaps } from "../traces/network-gaps.ts";
import { shiftSigns } from "./metric-signs.ts";

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
  /** Callees whose share of the loss could not be measured: it may be theirs all the same. */
  readonly unmeasured?: readonly string[];
  /** Key of the finding that states it. */
  readonly finding: string;
  readonly mass?: ExcessMass;
  readonly shift?: Shift;
  readonly log?: LogShift;
}

/** How much restarts, and memory that only grows, suspect a service. */
const restartStrength = 0.6;
const growthStrength = 0.3;
/** Relative slowdown at which time lost counts half. */
const slowdownHalf = 0.15;
/** Spans in both periods from which on requests count as traced. */
const spansMin = 100;
/** Share of calls failing anew at which failures count half. */
const failureHalf = 0.01;
/** Share of requests failing anew that a service without failures shows: an objective of 99.9 %. */
const noticedFailures = 0.001;

/** All signs, from metrics, spans and logs. */
export function collectSigns(context: DiagnosisContext): readonly Sign[] {
  return [
    ...massSigns(context),
    ...spanSigns(context),
    ...context.amplified.map(amplificationSign),
    ...context.lives.map(processSign),
    ...shiftSigns(context, isTraced(context)),
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
    const relevance = wanted === null ? felt(kind, total, masses) : wanted === signal ? 1 : 0.3;
    const weighed = new Set(
      masses.map(({ service }) => service).filter((service) => signals.get(service)?.requests),
    );
    return masses.map((mass) => ({
      kind,
      service: mass.service,
      resource: null,
      strength: ((mass.self * reach(context, mass.service)) / total) * relevance,
      isOwn: true,
      unmeasured: [...(context.graph.callees.get(mass.service) ?? [])].filter(
        (callee) => !weighed.has(callee),
      ),
      finding: `${kind}:${mass.service}`,
      mass,
    }));
  });
}

/**
 * 0..1: how much requests suffer on the whole. Some requests always lose, and shares of a loss say
 * nothing about its size: where no alarm says that it matters, the size must.
 */
function felt(
  kind: "latency-mass" | "error-mass",
  lost: number,
  masses: readonly ExcessMass[],
): number {
  const sum = (of: (mass: ExcessMass) => number) =>
    masses.reduce((total, mass) => total + of(mass), 0);
  const usual = sum((mass) => mass.usual);
  if (kind === "latency-mass") return half(lost, slowdownHalf * usual);
  return half(lost, usual + noticedFailures * sum((mass) => mass.requests));
}

/** `value` on 0..1, 0.5 at `middle`. */
function half(value: number, middle: number): number {
  return value / (value + middle);
}

/** Latency or errors: what the alarm rightly complains of; null when it does not say. */
function alarmSignal(context: DiagnosisContext): "latency" | "errors" | null {
  const { metric } = context.alarm;
  if (!metric || context.isAlarmQuiet) return null;
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
