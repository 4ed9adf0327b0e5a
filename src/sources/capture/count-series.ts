import type { Points } from "../../core/frame.ts";
import { lengthMs, type Window } from "../../core/window.ts";

/** Bins of equal length over the window and the baseline, each counted from its own start. */
export interface Bins {
  /** Starts of all bins that the recording covers, ascending. */
  readonly starts: Float64Array;
  /** SQL for the start of the bin that a time in ms belongs to; NULL outside the periods. */
  sql(ms: string): string;
}

/** Most bins of one period; a finer step is made coarser until it fits. */
const binsMax = 5_000;

/**
 * Lays out bins. A last bin that its period cuts short is left out, since its count would look like
 * a fall; so are bins outside the recording, where zero would mean nothing.
 */
export function binsOf(
  window: Window,
  baseline: Window | undefined,
  wantedStepMs: number,
  recorded: { readonly firstAt: number; readonly lastAt: number },
): Bins {
  const periods = baseline ? [window, baseline] : [window];
  const longest = Math.max(...periods.map(lengthMs));
  const stepMs = Math.max(1, wantedStepMs, Math.ceil(longest / binsMax));
  const starts = new Set<number>();
  for (const period of periods) {
    const count = Math.max(1, Math.floor(lengthMs(period) / stepMs));
    for (let i = 0; i < count; i++) {
      const start = period.from + i * stepMs;
      if (start + stepMs > recorded.firstAt && start <= recorded.lastAt) starts.add(start);
    }
  }
  const startIn = (ms: string, from: number) =>
    `${from} + floor((${ms} - ${from}) / ${stepMs}) * ${stepMs}`;
  return {
    starts: Float64Array.from(starts).sort(),
    sql: (ms) =>
      `CASE ${periods
        .map(
          ({ from, to }) => `WHEN ${ms} >= ${from} AND ${ms} < ${to}
    THEN ${startIn(ms, from)}`,
        )
        .join(" ")} END`,
  };
}

/** Counts per key and bin as series with a point for every bin, zero where nothing was counted. */
export function countSeries(
  rows: number,
  keyOf: (row: number) => string,
  bin: Float64Array,
  count: Float64Array,
  bins: Bins,
): Map<string, Points> {
  const place = new Map(Array.from(bins.starts, (start, at) => [start, at] as const));
  const series = new Map<string, Points>();
  for (let row = 0; row < rows; row++) {
    const at = place.get(bin[row] as number);
    if (at === undefined) continue;
    const key = keyOf(row);
    const known = series.get(key);
    const points = known ?? { times: bins.starts, values: new Float64Array(bins.starts.length) };
    if (!known) series.set(key, points);
    points.values[at] = count[row] as number;
  }
  return series;
}
