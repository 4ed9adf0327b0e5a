/**
 * Series by the 64-bit hash that the engine calls them, which arrives as two halves: a `Map` would
 * box every key it is asked for.
 */
export interface SeriesKeys {
  /** Index of the series, or -1. */
  find(low: number, high: number): number;
  /** The halves of each key, by index. */
  readonly lows: Int32Array;
  readonly highs: Int32Array;
}

/** A table of keys; their index is their place in the lists. */
export function seriesKeys(lows: Int32Array, highs: Int32Array): SeriesKeys {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, lows.length * 4)));
  const slots = new Int32Array(capacity).fill(-1);
  const find = (low: number, high: number) => {
    // The keys are hashes already, so that a few of their bits spread them well.
    let at = (low ^ high) & (capacity - 1);
    for (let found = slots[at] as number; found >= 0; found = slots[at] as number) {
      if (lows[found] === low && highs[found] === high) return found;
      at = (at + 1) & (capacity - 1);
    }
    return -1 - at;
  };
  for (let index = 0; index < lows.length; index++) {
    const free = find(lows[index] as number, highs[index] as number);
    if (free < 0) slots[-1 - free] = index;
  }
  return { lows, highs, find: (low, high) => Math.max(-1, find(low, high)) };
}

/**
 * Finds the series of rows one after another. Files list their series either one whole series after
 * the other or all series of a minute in the same order each minute: the series of the row before,
 * and the one that followed it last time, are tried first.
 */
export function seriesFinder(keys: SeriesKeys): (low: number, high: number) => number {
  const { lows, highs } = keys;
  const follower = new Int32Array(lows.length).fill(-1);
  let last = -1;
  return (low, high) => {
    if (last >= 0 && lows[last] === low && highs[last] === high) return last;
    const guess = last < 0 ? -1 : (follower[last] as number);
    const isRight = guess >= 0 && lows[guess] === low && highs[guess] === high;
    const which = isRight ? guess : keys.find(low, high);
    if (which < 0) return -1;
    if (last >= 0) follower[last] = which;
    last = which;
    return which;
  };
}
