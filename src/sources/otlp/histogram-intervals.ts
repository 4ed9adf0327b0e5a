import {
  type OtlpExponentialPoint,
  type OtlpHistogramPoint,
  type OtlpInteger,
  otlpNumber,
} from "./decode.ts";

/** How many values fell between two bounds. `upper` is Infinity in the last explicit bucket. */
export interface Bucket {
  lower: number;
  upper: number;
  count: number;
}

/** What happened in one interval: a histogram without its past. */
export interface Distribution {
  count: number;
  sum: number;
  buckets: Bucket[];
  /** Largest value ever seen by the sender; caps the estimate in the open last bucket. */
  max: number | null;
}

/** A histogram point in comparable form. Exponential buckets are keyed by index at their scale. */
export interface Snapshot {
  count: number;
  sum: number;
  max: number | null;
  bounds: number[] | null;
  scale: number;
  counts: Map<number, number>;
}

/** Keys are places of buckets as in `bounds`; empty buckets are left out. */
export function explicitSnapshot(point: OtlpHistogramPoint): Snapshot {
  const counts = new Map<number, number>();
  for (const [index, count] of (point.bucketCounts ?? []).entries()) {
    if (otlpNumber(count) > 0) counts.set(index, otlpNumber(count));
  }
  return { ...totals(point), bounds: [...(point.explicitBounds ?? [])], scale: 0, counts };
}

// Zero and negative values share one bucket at [0, 0]: durations and sizes, which is what people
// send as histograms, have no negative side.
const zeroIndex = Number.MIN_SAFE_INTEGER;

/** Keys are bucket indexes at the point's own scale, its offset added. */
export function exponentialSnapshot(point: OtlpExponentialPoint): Snapshot {
  const counts = new Map<number, number>();
  const negative = sumOf(point.negative?.bucketCounts ?? []);
  const zero = otlpNumber(point.zeroCount) + negative;
  if (zero > 0) counts.set(zeroIndex, zero);
  const offset = point.positive?.offset ?? 0;
  for (const [index, count] of (point.positive?.bucketCounts ?? []).entries()) {
    if (otlpNumber(count) > 0) counts.set(offset + index, otlpNumber(count));
  }
  return { ...totals(point), bounds: null, scale: point.scale ?? 0, counts };
}

/** now - before, bucket by bucket. Null when the sender started over (counts went down). */
export function subtract(now: Snapshot, before: Snapshot): Snapshot | null {
  if (now.count < before.count || !sameBounds(now.bounds, before.bounds)) return null;
  const past = now.bounds ? before.counts : rescale(before, now.scale);
  if (!past) return null;
  const counts = new Map<number, number>();
  for (const [index, count] of now.counts) {
    const left = count - (past.get(index) ?? 0);
    if (left < 0) return null;
    if (left > 0) counts.set(index, left);
  }
  return { ...now, count: now.count - before.count, sum: now.sum - before.sum, counts };
}

/** Indexes become edges in the unit of the values, so that snapshots of any scale can be merged. */
export function distribution(snapshot: Snapshot): Distribution {
  const { count, sum, max } = snapshot;
  const buckets = [...snapshot.counts].map(([index, n]) => ({
    ...(snapshot.bounds
      ? explicitEdges(snapshot.bounds, index)
      : exponentialEdges(snapshot.scale, index)),
    count: n,
  }));
  return { count, sum, max, buckets };
}

/** One distribution of all values of several, such as of all routes of a service. */
export function merge(parts: readonly Distribution[]): Distribution {
  const buckets = new Map<string, Bucket>();
  const merged: Distribution = { count: 0, sum: 0, buckets: [], max: null };
  for (const part of parts) {
    merged.count += part.count;
    merged.sum += part.sum;
    if (part.max !== null) merged.max = Math.max(merged.max ?? part.max, part.max);
    for (const bucket of part.buckets) {
      const key = `${bucket.lower}:${bucket.upper}`;
      const known = buckets.get(key);
      if (known) known.count += bucket.count;
      else buckets.set(key, { ...bucket });
    }
  }
  merged.buckets = [...buckets.values()].sort((a, b) => a.upper - b.upper || a.lower - b.lower);
  return merged;
}

/**
 * Estimate of the q-quantile (0..1), linear inside the bucket that holds it, as Prometheus'
 * histogram_quantile does. In the open last bucket: the known maximum, else its lower bound.
 */
export function quantile(merged: Distribution, q: number): number {
  const total = merged.buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  let left = q * total;
  for (const { lower, upper, count } of merged.buckets) {
    if (left <= count) {
      if (upper === Number.POSITIVE_INFINITY) return Math.max(lower, merged.max ?? lower);
      const inside = lower + (upper - lower) * (left / count);
      return merged.max === null ? inside : Math.min(inside, merged.max);
    }
    left -= count;
  }
  return merged.max ?? 0;
}

function totals(point: OtlpHistogramPoint | OtlpExponentialPoint) {
  const max = typeof point.max === "number" && point.max !== 0 ? point.max : null;
  return { count: otlpNumber(point.count), sum: Number(point.sum ?? 0), max };
}

function explicitEdges(bounds: number[], index: number): { lower: number; upper: number } {
  const upper = bounds[index] ?? Number.POSITIVE_INFINITY;
  const lower = bounds[index - 1] ?? Math.min(0, upper);
  return { lower, upper };
}

// OTLP metrics data model: bucket `index` holds (base^index, base^(index + 1)], base =
// 2^(2^-scale).
function exponentialEdges(scale: number, index: number): { lower: number; upper: number } {
  if (index === zeroIndex) return { lower: 0, upper: 0 };
  const exponent = 2 ** -scale;
  return { lower: 2 ** (index * exponent), upper: 2 ** ((index + 1) * exponent) };
}

/** Counts at a coarser scale; a sender only ever coarsens. Null if asked to refine. */
function rescale(snapshot: Snapshot, scale: number): Map<number, number> | null {
  if (scale > snapshot.scale) return null;
  const step = 2 ** (snapshot.scale - scale);
  const counts = new Map<number, number>();
  for (const [index, count] of snapshot.counts) {
    const coarse = index === zeroIndex ? zeroIndex : Math.floor(index / step);
    counts.set(coarse, (counts.get(coarse) ?? 0) + count);
  }
  return counts;
}

function sameBounds(a: number[] | null, b: number[] | null): boolean {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((bound, index) => bound === b[index]);
}

function sumOf(counts: OtlpInteger[]): number {
  return counts.reduce<number>((sum, count) => sum + otlpNumber(count), 0);
}
