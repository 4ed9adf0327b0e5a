import { setImmediate } from "node:timers/promises";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { numbers, type Points } from "../../core/frame.ts";
import type { Layer } from "../../core/outcome.ts";
import { doublesOf, halvesOf } from "./duck-frame.ts";
import type { Engine, Stop } from "./engine.ts";
import { placeIn, type SeriesGrid, seriesGrid, timeOfHalves } from "./series-grid.ts";
import { type SeriesKeys, seriesFinder, seriesKeys } from "./series-keys.ts";

/** A series before its points are read. */
export interface SeriesSpec {
  /** What the points query calls it: the lower and the upper 32 bits of a hash. */
  readonly key: readonly [low: number, high: number];
  /** Rows it has in the files; an upper bound of its points. */
  readonly samples: number;
  readonly service: string;
  readonly metric: string;
  readonly resource: string | null;
  readonly unit: string | null;
  readonly metricKind: string | null;
  readonly layer: Layer;
}

/** What is asked for points: rows `key, t, value`, and the times that occur among them. */
export interface PointsQuery {
  /** `key` of 64 bits, `t` in whole microseconds as BIGINT, `value` DOUBLE; none NULL. */
  readonly rows: string;
  /** One column `t`, epoch ms, each time once. */
  readonly times: string;
  /** The same rows in a form that crosses over faster, where there is one. */
  readonly blocks?: Blocks;
}

/**
 * Rows as lists, one for each time: a chunk of rows holds 2,048 of them and costs a trip to another
 * thread, a chunk of lists holds millions.
 */
export interface Blocks {
  /** Rows `t, keys, values` of what lies at these places of the files. */
  sql(from: number, to: number): string;
  /** No place is this great. */
  readonly end: number;
  /** How many values there are in all. */
  readonly values: number;
}

/** Fewer samples are not worth a look at their times first. */
const gridSamplesMin = 40_000;
const gridTimesMax = 50_000;

/**
 * The points of series in ascending time; samples of one series at one time become their mean.
 * Where nearly every series has a sample at nearly every time, values go straight to their place
 * in a grid of series by times; else they are gathered and ordered afterwards.
 */
export async function seriesPoints(
  engine: Engine,
  query: PointsQuery,
  series: readonly SeriesSpec[],
  stop: Stop,
): Promise<readonly Points[]> {
  const keys = seriesKeys(
    Int32Array.from(series, (spec) => spec.key[0]),
    Int32Array.from(series, (spec) => spec.key[1]),
  );
  const total = series.reduce((sum, spec) => sum + spec.samples, 0);
  if (total >= gridSamplesMin) {
    const listed = await engine.query(`${query.times} LIMIT ${gridTimesMax + 1}`, stop);
    const grid = numbers(listed, "t").slice().sort();
    if (grid.length <= gridTimesMax && grid.length * series.length <= total * 1.5) {
      const cells = () => seriesGrid(grid, keys);
      const filled = query.blocks
        ? await filledByBlocks(engine, query.blocks, cells, stop)
        : await filledByRows(engine, query.rows, cells(), stop);
      const points = filled?.points();
      if (points) return points;
    }
  }
  return await gathered(engine, query.rows, series, keys, stop);
}

/**
 * Places in one block, eight of DuckDB's row groups: two blocks must fit into memory with the grid.
 */
const blockPlaces = 983_040;

/** Null where rows are missing: their places are not known, or the file has changed. */
async function filledByBlocks(
  engine: Engine,
  blocks: Blocks,
  emptyGrid: () => SeriesGrid,
  stop: Stop,
): Promise<SeriesGrid | null> {
  // The engine reads the next block while this thread is busy with the one before.
  const begin = async (from: number) => {
    const reading =
      from < blocks.end ? engine.chunks(blocks.sql(from, from + blockPlaces), stop) : nothingLeft;
    reading.catch(() => undefined);
    await setImmediate();
    return { reading };
  };
  let next = await begin(0);
  const grid = emptyGrid();
  let seen = 0;
  try {
    for (let to = blockPlaces; seen < blocks.values; to += blockPlaces) {
      const chunks = await next.reading;
      next = await begin(to);
      for (const chunk of chunks) seen += grid.takeLists(chunk);
      if (to >= blocks.end) break;
    }
  } finally {
    await next.reading.catch(() => undefined);
  }
  return seen === blocks.values ? grid : null;
}

const nothingLeft: Promise<readonly DuckDBDataChunk[]> = Promise.resolve([]);

async function filledByRows(
  engine: Engine,
  rows: string,
  grid: SeriesGrid,
  stop: Stop,
): Promise<SeriesGrid> {
  await engine.stream(rows, stop, grid.take);
  return grid;
}

async function gathered(
  engine: Engine,
  sql: string,
  series: readonly SeriesSpec[],
  keys: SeriesKeys,
  stop: Stop,
): Promise<readonly Points[]> {
  const offsets = new Float64Array(series.length + 1);
  for (const [at, spec] of series.entries()) offsets[at + 1] = (offsets[at] ?? 0) + spec.samples;
  const total = offsets[series.length] ?? 0;
  const times = new Float64Array(total);
  const values = new Float64Array(total);
  const next = offsets.slice();
  const find = seriesFinder(keys);
  await engine.stream(sql, stop, (chunk) => {
    const key = halvesOf(chunk.getColumnVector(0));
    const at = halvesOf(chunk.getColumnVector(1));
    const value = doublesOf(chunk.getColumnVector(2));
    const rows = chunk.rowCount;
    for (let row = 0; row < rows; row++) {
      const which = find(key[row * 2] as number, key[row * 2 + 1] as number);
      if (which < 0) continue;
      const slot = next[which] as number;
      next[which] = slot + 1;
      times[slot] = timeOfHalves(at[row * 2] as number, at[row * 2 + 1] as number);
      values[slot] = value[row] as number;
    }
  });
  let grid: Float64Array = new Float64Array();
  return series.map((_, at) => {
    const from = offsets[at] as number;
    const to = next[at] as number;
    const points = inOrder(times.subarray(from, to), values.subarray(from, to), grid);
    grid = points.times;
    return points;
  });
}

/**
 * Points in ascending time. Series are mostly sampled at the same times, so those of the series
 * before are tried first: then nothing is sorted, and the times are held once for all.
 */
function inOrder(times: Float64Array, values: Float64Array, grid: Float64Array): Points {
  if (isRising(times)) return { times: isSame(times, grid) ? grid : times, values };
  const onGrid = placed(times, values, grid);
  if (onGrid) return { times: grid, values: onGrid };
  const own = times.slice().sort();
  const sorted = isRising(own) ? placed(times, values, own) : null;
  return sorted ? { times: own, values: sorted } : averaged(times, values);
}

function isRising(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i++) {
    if ((times[i] as number) <= (times[i - 1] as number)) return false;
  }
  return true;
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The values in the order of a rising grid, or null unless each time of it occurs exactly once. */
function placed(times: Float64Array, values: Float64Array, grid: Float64Array) {
  const { length } = grid;
  if (times.length !== length) return null;
  const first = grid[0] as number;
  const perMs = (length - 1) / Math.max(1, (grid[length - 1] as number) - first);
  const out = new Float64Array(length);
  const isTaken = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    const time = times[i] as number;
    let rank = Math.round((time - first) * perMs);
    if (grid[rank] !== time) rank = placeIn(grid, time);
    if (rank < 0 || isTaken[rank] === 1) return null;
    isTaken[rank] = 1;
    out[rank] = values[i] as number;
  }
  return out;
}

/** Sorts by time and takes the mean of samples at the same time. */
function averaged(times: Float64Array, values: Float64Array): Points {
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
