import type { Finding } from "../../core/evidence.ts";
import type { EdgeStats, Observations, SampledSpan } from "../../core/rows.ts";
import { digits, percent } from "../quantity.ts";
import { named, say } from "../statement.ts";

/** One request of the caller now makes more calls of the callee: more work, not more requests. */
export interface Amplification {
  readonly caller: string;
  readonly callee: string;
  /** Calls per request of the caller. */
  readonly before: number;
  readonly after: number;
  readonly ratio: number;
  /** Share of those calls that fail; where they do, they are calls tried again. */
  readonly failedShare: number;
  readonly isRetry: boolean;
}

/** Calls per request wander with the mix of requests; this much more is another program. */
const ratioMin = 1.5;
/** Where no sample of traces holds the mix of requests still, more is asked for. */
const ratioMinUnsampled = 2.5;
const callsMin = 20;
/** A request of the caller needs to be counted this often in both periods. */
const requestsMin = 10;
/** Extra failures, as a share of calls, that make repeated calls retries. */
const retryFailuresMin = 0.1;
/** Sampled traces of one entry in each period. */
const tracesMin = 5;

/**
 * Edges on which one request makes more calls than before, largest factor first. Amplification is
 * not demand: the callee is busier while its callers are not.
 */
export function findAmplification(observations: Observations): readonly Amplification[] {
  const requests = requestCounts(observations);
  const sampled = sampledRatios(observations.traceSample);
  return observations.edges
    .flatMap((edge) => amplificationOf(edge, requests, sampled) ?? [])
    .sort((a, b) => b.ratio - a.ratio || a.callee.localeCompare(b.callee));
}

function amplificationOf(
  { caller, callee, window, baseline }: EdgeStats,
  requests: ReadonlyMap<string, { before: number; after: number }>,
  sampled: ReadonlyMap<string, number>,
): Amplification | null {
  const own = requests.get(caller);
  if (!own || own.before < requestsMin || own.after < requestsMin) return null;
  if (window.calls < callsMin || baseline.calls < 1) return null;
  const before = baseline.calls / own.before;
  const after = window.calls / own.after;
  const byTrace = sampled.get(edgeKey(caller, callee));
  const ratio = Math.min(after / before, byTrace ?? Number.POSITIVE_INFINITY);
  if (ratio < (byTrace === undefined ? ratioMinUnsampled : ratioMin)) return null;
  const failedShare = window.errors / window.calls;
  const isRetry = failedShare - baseline.errors / baseline.calls >= retryFailuresMin;
  return { caller, callee, before, after, ratio, failedShare, isRetry };
}

/** Requests that each service served, from the spans it received. */
function requestCounts({ operations }: Observations) {
  const counts = new Map<string, { before: number; after: number }>();
  for (const operation of operations) {
    if (!/server|consumer/i.test(operation.spanKind ?? "")) continue;
    const known = counts.get(operation.service) ?? { before: 0, after: 0 };
    known.before += operation.baseline.count;
    known.after += operation.window.count;
    counts.set(operation.service, known);
  }
  return counts;
}

function edgeKey(caller: string, callee: string): string {
  return `${caller}\u0000${callee}`;
}

interface Tally {
  readonly traces: { window: number; baseline: number };
  readonly calls: Map<string, { window: number; baseline: number }>;
}

/**
 * Calls per request by edge, now over before, among requests that enter by the same operation: the
 * mix of requests cannot move it.
 */
function sampledRatios(sample: readonly SampledSpan[]): ReadonlyMap<string, number> {
  const entries = [...tallies(sample).values()].filter(
    ({ traces }) => traces.window >= tracesMin && traces.baseline >= tracesMin,
  );
  const sums = new Map<string, { now: number; usual: number }>();
  for (const { traces, calls } of entries) {
    for (const [key, count] of calls) {
      const sum = sums.get(key) ?? { now: 0, usual: 0 };
      sum.now += count.window;
      sum.usual += (count.baseline / traces.baseline) * traces.window;
      sums.set(key, sum);
    }
  }
  return new Map(
    [...sums].flatMap(([key, { now, usual }]) => (usual > 0 ? [[key, now / usual] as const] : [])),
  );
}

/** Sampled calls between services, by the operation that the request entered by. */
function tallies(sample: readonly SampledSpan[]): ReadonlyMap<string, Tally> {
  const spans = new Map(sample.map((item) => [item.span, item]));
  const roots = new Map(
    sample
      .filter(({ parent }) => parent === null || !spans.has(parent))
      .map((item) => [item.trace, item]),
  );
  const found = new Map<string, Tally>();
  const tallyOf = ({ service, operation }: SampledSpan) => {
    const key = `${service}\u0000${operation}`;
    const made = found.get(key) ?? { traces: { window: 0, baseline: 0 }, calls: new Map() };
    found.set(key, made);
    return made;
  };
  for (const root of roots.values()) tallyOf(root).traces[root.period] += 1;
  for (const item of sample) {
    const parent = item.parent === null ? undefined : spans.get(item.parent);
    const root = roots.get(item.trace);
    if (!parent || !root || parent.service === item.service) continue;
    const { calls } = tallyOf(root);
    const key = edgeKey(parent.service, item.service);
    const count = calls.get(key) ?? { window: 0, baseline: 0 };
    count[item.period] += 1;
    calls.set(key, count);
  }
  return found;
}

/** Stable name of what an amplification says. */
export function amplificationKey({ caller, callee }: Amplification): string {
  return `amplification:${caller}:${callee}`;
}

/** "catalog calls inventory 24 times per request, normally once": N+1, or calls tried again. */
export function amplificationFinding(item: Amplification, observations: Observations): Finding {
  const id = item.isRetry ? "finding.retries" : "finding.amplification";
  return {
    key: amplificationKey(item),
    layer: "application",
    kind: "edge",
    service: item.caller,
    ...say(id, {
      caller: named(item.caller),
      callee: named(item.callee),
      before: digits(item.before),
      now: digits(item.after),
      failed: percent(item.failedShare),
    }),
    value: item.after,
    baseline: item.before,
    unit: "calls per request",
    effect: item.ratio,
    effectKind: "ratio",
    window: observations.window,
    provenance: [
      ...(observations.provenance["edge-stats"] ?? []),
      ...(observations.provenance["operation-stats"] ?? []),
    ],
    weight: strengthOf(item),
  };
}

/** 0..1: how much it makes of the caller a suspect. Who tries again did not begin the failure. */
export function strengthOf({ ratio, isRetry }: Amplification): number {
  const size = (ratio - 1) / (ratio - 1 + ratioHalf);
  return isRetry ? 0.2 * size : size;
}

/** Growth of calls per request, beyond one, at which it counts half. */
const ratioHalf = 4;
