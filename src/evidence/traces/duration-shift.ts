/** Durations of one period, as aggregate answers carry them. */
export interface Durations {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** 95th percentile. */
  readonly high: number;
}

/** Scatter of a mean is never taken below this share of it, nor below 0.1 ms. */
const floorShare = 0.05;
const floorMs = 0.1;
/** A tail is never thought thinner than this: no period is that well known. */
const tailMin = 0.005;

/**
 * Extra time over normal, in ms summed over the calls of now: difference of the means less two
 * standard errors, with the scatter read from median and 95th percentile. 0 within the noise.
 */
export function excessTime(now: Durations, usual: Durations): number {
  const error = Math.hypot(
    spread(now) / Math.sqrt(now.count),
    spread(usual) / Math.sqrt(usual.count),
    floorShare * usual.mean,
    floorMs,
  );
  const excess = (now.mean - usual.mean - 2 * error) * now.count;
  return Number.isFinite(excess) ? Math.max(0, excess) : 0;
}

function spread({ high, median }: Durations): number {
  return Math.max(0, high - median) / 1.645;
}

/**
 * How far the median rose, in standard deviations of a median: where it lies in the distribution of
 * normal time (between median and 95th percentile, on a log scale) against the half of the calls
 * that a median leaves above it. A few slow calls, however slow, do not move it. 0 when it did not
 * rise.
 */
export function medianDeviations(now: Durations, usual: Durations): number {
  const low = Math.max(floorMs, usual.median) * (1 + floorShare) + floorMs;
  const x = Math.max(floorMs, now.median);
  if (!(x > low)) return 0;
  const high = Math.max(usual.high, low * 1.1);
  const way = Math.log(x / low) / Math.log(high / low);
  const tail = Math.max(tailMin, way <= 1 ? 0.5 - 0.45 * way : 0.05 / way ** 3);
  const count = (now.count * usual.count) / (now.count + usual.count);
  return (0.5 - tail) / Math.sqrt((tail * (1 - tail)) / count);
}
