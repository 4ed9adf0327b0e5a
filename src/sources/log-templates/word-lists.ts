import { addPair, pairTable } from "./pair-table.ts";

/** What stands for a variable part. */
export const variable = "<*>";

/** Lines are compared up to this many words. */
const wordsMax = 60;

const allVariable = /^(?:<\*>[,;|/]?)+$/;

/** Words as numbers from 1 on, so that neighbours can be keys without building strings. */
export interface Vocabulary {
  /** No word has a number as great as this. */
  readonly size: number;
  /**
   * The words of a line; neighbouring variables are one, since lists of values differ in length.
   */
  read(text: string): Uint32Array;
  text(words: Uint32Array): string;
  /** Whether a word is nothing but a variable, with or without punctuation. */
  isVariable(word: number): boolean;
}

/** The number of the variable itself. */
export const variableWord = 1;

/** An empty vocabulary, but for the variable. */
export function vocabulary(): Vocabulary {
  const known = new Map([[variable, variableWord]]);
  const words = ["", variable];
  const isVariable = [false, true];
  const buffer = new Uint32Array(wordsMax + 1);
  const idOf = (word: string) => {
    const id = known.get(word);
    if (id !== undefined) return id;
    known.set(word, words.length);
    isVariable.push(word.startsWith(variable) && allVariable.test(word));
    return words.push(word) - 1;
  };
  return {
    get size() {
      return words.length;
    },
    read(text) {
      let length = 0;
      let wasVariable = false;
      for (const part of text.split(" ")) {
        if (length > wordsMax) break;
        const word = part.trim();
        if (word === "") continue;
        const id = idOf(word);
        const isOpen = isVariable[id] as boolean;
        if (isOpen && wasVariable) continue;
        buffer[length] = length === wordsMax ? variableWord : id;
        length += 1;
        wasVariable = isOpen;
      }
      return buffer.slice(0, length);
    },
    text: (ids) => Array.from(ids, (id) => words[id] as string).join(" "),
    isVariable: (word) => isVariable[word] as boolean,
  };
}

/** Lists of words met once or more, each once. */
export interface DistinctLists {
  readonly lists: readonly Uint32Array[];
  readonly counts: Float64Array;
  /** Where each list that was given stands among the distinct ones. */
  readonly place: Uint32Array;
}

/**
 * Each list once with the sum of its counts. Lists are told apart by two sums of 32 bits over
 * (word, place): that two lists share both by chance is less likely than a broken disk.
 */
export function distinctLists(
  lists: readonly Uint32Array[],
  weights: ArrayLike<number>,
): DistinctLists {
  const table = pairTable(lists.length);
  const kept: Uint32Array[] = [];
  const counts = new Float64Array(lists.length);
  const place = new Uint32Array(lists.length);
  for (let row = 0; row < lists.length; row++) {
    const list = lists[row] as Uint32Array;
    const [a, b] = sumsOf(list);
    const at = addPair(table, a, b);
    if (at === kept.length) kept.push(list);
    counts[at] = (counts[at] as number) + (weights[row] as number);
    place[row] = at;
  }
  return { lists: kept, counts: counts.subarray(0, kept.length), place };
}

const salts = [0x9e3779b1, 0x85ebca77] as const;

function sumsOf(list: Uint32Array): [number, number] {
  let a = Math.imul(list.length, 0x27d4eb2f);
  let b = list.length;
  for (let at = 0; at < list.length; at++) {
    a = (a + mixed(list[at] as number, at, salts[0])) | 0;
    b = (b + mixed(list[at] as number, at, salts[1])) | 0;
  }
  return [a >>> 0, b >>> 0];
}

/**
 * The two sums of a list with one place left open, for each place in turn: what lines that are
 * equal but for that place have in common.
 */
export function openSums(list: Uint32Array, take: (at: number, a: number, b: number) => void) {
  const [a, b] = sumsOf(list);
  for (let at = 0; at < list.length; at++) {
    const word = list[at] as number;
    const openA = a - mixed(word, at, salts[0]) + mixed(0, at, salts[0]);
    const openB = b - mixed(word, at, salts[1]) + mixed(0, at, salts[1]);
    take(at, openA >>> 0, openB >>> 0);
  }
}

function mixed(id: number, at: number, salt: number): number {
  let hash = Math.imul(id ^ salt, 0x85ebca6b) ^ Math.imul(at + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), salt);
  return Math.imul(hash ^ (hash >>> 13), 0x2c1b3c6d) ^ (hash >>> 16);
}
