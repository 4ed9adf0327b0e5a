import type { Points } from "../core/frame.ts";
import type { Layer } from "../core/outcome.ts";
import type { Engine, Stop } from "./capture-engine.ts";
import { doublesOf } from "./duck-frame.ts";

/** A series before its points are read. */
export interface SeriesSpec {
  /** What the points query calls it. */
  readonly key: number;
  /** Rows it has in the files; an upper bound of its points. */
  readonly samples: number;
  readonly service: string;
  readonly metric: string;
  readonly resource: string | null;
  readonly unit: string | null;
  readonly metricKind: string | null;
  readonly layer: Layer;
}

/**
 * Streams `key, at, value` rows (all DOUBLE, none NULL) into one pair of arrays and cuts them into
 * series in ascending time. Samples of one series at one time become their mean.
 */
export async function seriesPoints(
  engine: Engine,
  sql: string,
  series: readonly SeriesSpec[],
  stop: Stop,
): Promise<readonly Points[]> {
  const offsets = new Float64Array(series.length + 1);
  const index = new Map<number, number>();
  for (const [at, spec] of series.entries()) {
    offsets[at + 1] = (offsets[at] ?? 0) + spec.samples;
    index.set(spec.key, at);
  }
  const total = offsets[series.length] ?? 0;
  const times = new Float64Array(total);
  const values = new Float64Array(total);
  const next = offsets.slice();
  await engine.stream(sql, stop, (chunk) => {
    const keys = doublesOf(chunk.getColumnVector(0));
    const at = doublesOf(chunk.getColumnVector(1));
    const value = doublesOf(chunk.getColumnVector(2));
    for (let row = 0; row < chunk.rowCount; row++) {
      const which = index.get(keys[row] as number);
      if (which === undefined) continue;
      const slot = next[which] as number;
      next[which] = slot + 1;
      times[slot] = at[row] as number;
      values[slot] = value[row] as number;
    }
  });
  return series.map((_, at) => {
    const from = offsets[at] as number;
    return inOrder(times.subarray(from, next[at]), values.subarray(from, next[at]));
  });
}

/** Sorts by time where needed and averages samples of the same time. */
function inOrder(times: Float64Array, values: Float64Array): Points {
  let isRising = true;
  for (let i = 1; i < times.length && isRising; i++) {
    isRising = (times[i] as number) > (times[i - 1] as number);
  }
  if (isRising) return { times, values };
  const order = Uint32Array.from(times.keys()).sort(
    (a, b) => (times[a] as number) - (times[b] as number),
  );
  const outTimes: number[] = [];
  const outValues: number[] = [];
  let same = 0;
  for (const at of order) {
    const time = times[at] as number;
    const value = values[at] as number;
    const last = outTimes.length - 1;
    if (last >= 0 && outTimes[last] === time) {
      same += 1;
      outValues[last] = (outValues[last] as number) + (value - (outValues[last] as number)) / same;
    } else {
      outTimes.push(time);
      outValues.push(value);
      same = 1;
    }
  }
  return { times: Float64Array.from(outTimes), values: Float64Array.from(outValues) };
}
