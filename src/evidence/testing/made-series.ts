import type { Points } from "../../core/frame.ts";
import type { Series } from "../../core/rows.ts";

/** Repeatable noise in -1..1, so that a failing property can be run again. */
export function ripple(seed: number): (index: number) => number {
  return (index) => {
    let x = (seed * 374_761_393 + index * 668_265_263) | 0;
    x = Math.imul(x ^ (x >>> 13), 1_274_126_177);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Points one minute apart from `from` on. */
export function madePoints(
  count: number,
  value: (index: number) => number,
  from = 0,
  stepMs = 60_000,
): Points {
  return {
    times: Float64Array.from({ length: count }, (_, i) => from + i * stepMs),
    values: Float64Array.from({ length: count }, (_, i) => value(i)),
  };
}

/** Without resource, unit, kind and layer, as from data that says nothing about itself. */
export function madeSeries(
  service: string,
  metric: string,
  points: Points,
  parts: Partial<Series> = {},
): Series {
  const identity = { resource: null, unit: null, metricKind: null, layer: null };
  return { service, metric, ...identity, points, ...parts };
}
