/**
 * Statistics that a few odd points cannot move. Everything here works on typed arrays and allocates
 * at most one scratch copy per call, because an incident may bring 20,000 series.
 */

/** Level and scatter of a sample. `noise` is on the scale of a standard deviation. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  readonly noise: number;
  readonly low: number;
  readonly high: number;
}

/** 1 / 0.6745: makes the median absolute deviation estimate a normal standard deviation. */
const madToSigma = 1.4826;
/** Distance between the 10th and 90th percentile of a standard normal. */
const decileSpan = 2.563;
/** Points that are enough for a median and a scatter; longer samples are thinned evenly. */
const samplePointsMax = 200;

/** The k-th smallest (from 0) of `values[0..length)`, reordering them. Hoare's selection. */
function select(values: Float64Array, length: number, k: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swap = values[i]!;
        values[i] = values[j]!;
        values[j] = swap;
        i++;
        j--;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** Finite values only, thinned evenly to at most `max`. */
export function finite(values: ArrayLike<number>, max = Number.POSITIVE_INFINITY): Float64Array {
  const step = values.length > max ? values.length / max : 1;
  const kept = new Float64Array(Math.min(values.length, Math.ceil(values.length / step)));
  let count = 0;
  for (let at = 0; at < values.length && count < kept.length; at += step) {
    const value = values[Math.floor(at)]!;
    if (Number.isFinite(value)) kept[count++] = value;
  }
  return kept.subarray(0, count);
}

/** Quantile `q` in 0..1, interpolated; NaN for an empty sample. */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sample = finite(values);
  return quantileInPlace(sample, q);
}

function quantileInPlace(sample: Float64Array, q: number): number {
  if (sample.length === 0) return Number.NaN;
  const position = Math.min(1, Math.max(0, q)) * (sample.length - 1);
  const below = Math.floor(position);
  const low = select(sample, sample.length, below);
  if (below === position) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let i = below + 1; i < sample.length; i++) if (sample[i]! < high) high = sample[i]!;
  return low + (high - low) * (position - below);
}

/** Of the finite values; NaN when there are none. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Median and scatter. The scatter is the larger of the median absolute deviation and the distance
 * of the outer deciles: the first alone is zero for a series that is mostly one value, and would
 * make every rare but ordinary excursion look like a fault.
 */
export function summarise(values: ArrayLike<number>): Summary {
  const sample = finite(values, samplePointsMax);
  const count = sample.length;
  if (count === 0) return { count, median: Number.NaN, noise: Number.NaN, low: NaN, high: NaN };
  const middle = quantileInPlace(sample, 0.5);
  const low = quantileInPlace(sample, 0.1);
  const high = quantileInPlace(sample, 0.9);
  for (let i = 0; i < count; i++) sample[i] = Math.abs(sample[i]! - middle);
  const mad = quantileInPlace(sample, 0.5) * madToSigma;
  return { count, median: middle, noise: Math.max(mad, (high - low) / decileSpan), low, high };
}

/** Least-squares slope of values over their index; 0 for fewer than two points. */
export function slope(values: ArrayLike<number>): number {
  const n = values.length;
  if (n < 2) return 0;
  const middle = (n - 1) / 2;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  let above = 0;
  let below = 0;
  for (let i = 0; i < n; i++) {
    above += (i - middle) * (values[i]! - mean);
    below += (i - middle) ** 2;
  }
  return above / below;
}
