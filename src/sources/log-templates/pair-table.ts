/**
 * Pairs of unsigned 32-bit numbers to 0, 1, 2 … in the order they are first met: a hash table in
 * typed arrays, which costs a fraction of a `Map` with joined keys.
 */
export interface PairTable {
  readonly size: number;
  /** The number of a pair, given out at its first use. */
  add(a: number, b: number): number;
  /** The number of a pair, or -1. */
  find(a: number, b: number): number;
}

/** An empty table with room for about as many pairs as are expected; it grows with more. */
export function pairTable(expected: number): PairTable {
  let capacity = 2 ** Math.ceil(Math.log2(Math.max(64, expected * 2)));
  let slots = new Int32Array(capacity).fill(-1);
  // The two of a pair side by side, so that one look into memory brings both.
  let pairs = new Uint32Array(capacity);
  let size = 0;

  const place = (a: number, b: number) => {
    let at = hashOf(a, b) & (capacity - 1);
    for (let found = slots[at] as number; found >= 0; found = slots[at] as number) {
      if (pairs[found * 2] === a && pairs[found * 2 + 1] === b) return at;
      at = (at + 1) & (capacity - 1);
    }
    return at;
  };
  const grow = () => {
    capacity *= 2;
    slots = new Int32Array(capacity).fill(-1);
    const longer = new Uint32Array(capacity);
    longer.set(pairs);
    pairs = longer;
    for (let index = 0; index < size; index++) {
      slots[place(pairs[index * 2] as number, pairs[index * 2 + 1] as number)] = index;
    }
  };
  return {
    get size() {
      return size;
    },
    add(a, b) {
      const at = place(a, b);
      const found = slots[at] as number;
      if (found >= 0) return found;
      slots[at] = size;
      pairs[size * 2] = a;
      pairs[size * 2 + 1] = b;
      size += 1;
      if (size === capacity / 2) grow();
      return size - 1;
    },
    find: (a, b) => slots[place(a, b)] as number,
  };
}

function hashOf(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
