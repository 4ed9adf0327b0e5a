import type { DuckDBDataChunk } from "@duckdb/node-api";
import type { Points } from "../../core/frame.ts";
import { doublesOf, halvesOf, listsOf } from "./duck-frame.ts";
import { type SeriesKeys, seriesFinder } from "./series-keys.ts";

/** Values by series and time, for series that nearly all have a sample at nearly every time. */
export interface SeriesGrid {
  /** Takes rows `key, t, value` in any order. */
  take(chunk: DuckDBDataChunk): void;
  /** Takes rows `t, keys, values`, each with what several series had at one time; says how many. */
  takeLists(chunk: DuckDBDataChunk): number;
  /** The points of each series; null when one has two samples at one time: there is no room. */
  points(): readonly Points[] | null;
}

/** Series whose values of one time lie side by side: as many doubles as a cache line holds. */
const lane = 8;

/**
 * An empty grid over all `times`, ascending epoch ms. Values lie as [eight series][time][one of the
 * eight], so that both usual orders of rows (minute by minute, series by series) write to lines
 * that are in the cache already; each block of eight is turned over in place at the end.
 */
export function seriesGrid(times: Float64Array, keys: SeriesKeys): SeriesGrid {
  const width = times.length;
  const count = keys.lows.length;
  const cells = new Float64Array(Math.ceil(count / lane) * lane * width).fill(Number.NaN);
  const find = seriesFinder(keys);
  const rankOf = ranker(times);
  let taken = 0;
  const cellOf = (which: number, rank: number) =>
    ((which >> 3) * width + rank) * lane + (which & 7);
  // Rows mostly list the same series in the same order as the row before, so that these are looked
  // up once: the keys, and the cell at the first time of each, below zero where it is not wanted.
  let known: Buffer = Buffer.alloc(0);
  let firstCells = new Int32Array();
  let wanted = 0;
  const lookUp = (keys: Int32Array) => {
    const bytes = Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);
    if (bytes.equals(known)) return;
    known = bytes;
    firstCells = Int32Array.from({ length: keys.length / 2 }, (_, one) => {
      const which = find(keys[one * 2] as number, keys[one * 2 + 1] as number);
      return which < 0 ? -1 : cellOf(which, 0);
    });
    wanted = firstCells.reduce((sum, cell) => sum + (cell < 0 ? 0 : 1), 0);
  };
  const takeList = (rank: number, keys: Int32Array, values: Float64Array) => {
    lookUp(keys);
    taken += wanted;
    // Below zero: the times changed since they were listed, which leaves fewer values too.
    if (rank < 0) return;
    for (let one = 0; one < values.length; one++) {
      const first = firstCells[one] as number;
      if (first >= 0) cells[first + rank * lane] = values[one] as number;
    }
  };
  return {
    take(chunk) {
      const key = halvesOf(chunk.getColumnVector(0));
      const at = halvesOf(chunk.getColumnVector(1));
      const value = doublesOf(chunk.getColumnVector(2));
      const rows = chunk.rowCount;
      for (let row = 0; row < rows; row++) {
        const which = find(key[row * 2] as number, key[row * 2 + 1] as number);
        if (which < 0) continue;
        const rank = rankOf(at[row * 2] as number, at[row * 2 + 1] as number);
        if (rank >= 0) cells[cellOf(which, rank)] = value[row] as number;
        taken += 1;
      }
    },
    takeLists(chunk) {
      const at = halvesOf(chunk.getColumnVector(0));
      const keys = listsOf(chunk.getColumnVector(1));
      const values = listsOf(chunk.getColumnVector(2));
      const key = halvesOf(keys.items);
      const value = doublesOf(values.items);
      for (let row = 0; row < chunk.rowCount; row++) {
        const rank = rankOf(at[row * 2] as number, at[row * 2 + 1] as number);
        const [from, to] = keys.reach(row);
        takeList(rank, key.subarray(from * 2, to * 2), value.subarray(...values.reach(row)));
      }
      return value.length;
    },
    points() {
      const block = new Float64Array(width * lane);
      for (let start = 0; start < cells.length; start += block.length) {
        block.set(cells.subarray(start, start + block.length));
        for (let one = 0; one < lane; one++) {
          const to = start + one * width;
          for (let rank = 0; rank < width; rank++) {
            cells[to + rank] = block[rank * lane + one] as number;
          }
        }
      }
      const all = Array.from({ length: count }, (_, which) =>
        withoutHoles(times, cells.subarray(which * width, (which + 1) * width)),
      );
      return all.reduce((sum, { values }) => sum + values.length, 0) === taken ? all : null;
    },
  };
}

/** The place of a time among ascending ones, or -1; times come as the halves of microseconds. */
function ranker(times: Float64Array): (low: number, high: number) => number {
  let lastLow = 0;
  let lastHigh = -1;
  let rank = -1;
  return (low, high) => {
    if (low === lastLow && high === lastHigh) return rank;
    lastLow = low;
    lastHigh = high;
    const time = timeOfHalves(low, high);
    rank = times[rank + 1] === time ? rank + 1 : placeIn(times, time);
    return rank;
  };
}

/** Epoch ms of the two halves of whole microseconds. */
export function timeOfHalves(low: number, high: number): number {
  return (high * 4_294_967_296 + (low >>> 0)) / 1000;
}

/** The place of a time in a rising list, or -1. */
export function placeIn(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return times[low] === time ? low : -1;
}

function withoutHoles(times: Float64Array, values: Float64Array): Points {
  const { length } = values;
  let known = 0;
  for (let i = 0; i < length; i++) if (!Number.isNaN(values[i])) known += 1;
  if (known === length) return { times, values };
  const points = { times: new Float64Array(known), values: new Float64Array(known) };
  let to = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    points.times[to] = times[i] as number;
    points.values[to] = value;
    to += 1;
  }
  return points;
}
