/**
 * Pairs of unsigned 32-bit numbers to 0, 1, 2 … in the order they are first met: a hash table in
 * typed arrays, which costs a fraction of a `Map` with joined keys. Plain functions over it, since
 * closures of its own for each of many tables would never stay compiled.
 */
export interface PairTable {
  size: number;
  capacity: number;
  /** The number of the pair at each place, -1 where there is none. */
  slots: Int32Array;
  /** The two of a pair side by side, so that one look into memory brings both. */
  pairs: Uint32Array;
}

/** An empty table with room for about as many pairs as are expected; it grows with more. */
export function pairTable(expected: number): PairTable {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(64, expected * 2)));
  const slots = new Int32Array(capacity).fill(-1);
  return { size: 0, capacity, slots, pairs: new Uint32Array(capacity) };
}

/** The number of a pair, given out at its first use. */
export function addPair(table: PairTable, a: number, b: number): number {
  const { slots, pairs } = table;
  const at = placeOf(table, a, b);
  const found = slots[at] as number;
  if (found >= 0) return found;
  const index = table.size;
  slots[at] = index;
  pairs[index * 2] = a;
  pairs[index * 2 + 1] = b;
  table.size = index + 1;
  if (table.size === table.capacity / 2) grow(table);
  return index;
}

function placeOf({ slots, pairs, capacity }: PairTable, a: number, b: number): number {
  let at = hashOf(a, b) & (capacity - 1);
  for (let found = slots[at] as number; found >= 0; found = slots[at] as number) {
    if (pairs[found * 2] === a && pairs[found * 2 + 1] === b) return at;
    at = (at + 1) & (capacity - 1);
  }
  return at;
}

function grow(table: PairTable): void {
  const { size, pairs } = table;
  table.capacity *= 2;
  table.slots = new Int32Array(table.capacity).fill(-1);
  table.pairs = new Uint32Array(table.capacity);
  table.pairs.set(pairs);
  for (let index = 0; index < size; index++) {
    const at = placeOf(table, pairs[index * 2] as number, pairs[index * 2 + 1] as number);
    table.slots[at] = index;
  }
}

function hashOf(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
