import { addPair, type PairTable, pairTable } from "./pair-table.ts";

/** What stands for a variable part. */
export const variable = "<*>";

/** Lines are compared up to this many words. */
const wordsMax = 60;

/**
 * Masked lines as the words between their spaces, each word as a hash of 64 bits: lines are
 * hundreds of thousands, and to make strings of all their words costs more than to cluster them.
 */
export interface HashedLines {
  /**
   * The lower and the upper half of the hash of each word, lines one behind the other. The lowest
   * bit tells a word that is nothing but variables, with or without punctuation; `<*>` itself is 1.
   */
  readonly halves: Uint32Array;
  /** Where each line begins, counted in words; one more for the end of the last. */
  readonly starts: Uint32Array;
  /** Looked up for the few lines that stand for a template. */
  text(line: number): string;
}

/** The words of a masked line, in the order of their hashes. */
export function wordsOf(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

const onlyVariables = /^(?:<\*>[,;|/]?)+$/;

/** Masked lines that are strings already. */
export function hashedLines(texts: readonly string[]): HashedLines {
  const words = texts.map(wordsOf);
  const starts = new Uint32Array(texts.length + 1);
  for (const [line, list] of words.entries()) {
    starts[line + 1] = (starts[line] as number) + list.length;
  }
  const halves = Uint32Array.from(words.flat().flatMap(halvesOf));
  return { halves, starts, text: (line) => texts[line] as string };
}

function halvesOf(word: string): readonly [low: number, high: number] {
  if (word === variable) return [1, 0];
  let low = word.length;
  let high = 0;
  for (let at = 0; at < word.length; at++) {
    low = mixed(word.charCodeAt(at) ^ low, at, salts[0]);
    high = mixed(word.charCodeAt(at) ^ high, at, salts[1]);
  }
  return [((low & ~1) | (onlyVariables.test(word) ? 1 : 0)) >>> 0, high >>> 0];
}

/** Lists of words as numbers, one behind the other. */
export interface WordLists {
  readonly words: Uint32Array;
  /** Where each list begins; one more for the end of the last. */
  readonly starts: Uint32Array;
}

/** What stands before the first and after the last word of a list. */
export const edge = 0;

/** The number of the variable itself. */
export const variableWord = 1;

/** Words as numbers from 1 on: what was hashed to `pairs[n - 1]` is number `n`. */
export type Vocabulary = PairTable;

/** A vocabulary that knows the variable. */
export function vocabulary(expected: number): Vocabulary {
  const words = pairTable(expected);
  addPair(words, 1, 0);
  return words;
}

/** Whether a word is nothing but variables. */
export function isVariable(words: Vocabulary, word: number): boolean {
  return ((words.pairs[(word - 1) * 2] as number) & 1) === 1;
}

/**
 * The words of some of the lines; neighbouring variables are one, since lists of values differ in
 * length. What follows after so many words is a variable.
 */
export function numbered(
  { halves, starts }: HashedLines,
  lines: ArrayLike<number>,
  words: Vocabulary,
): WordLists {
  let most = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as number;
    const length = (starts[line + 1] as number) - (starts[line] as number);
    most += Math.min(length, wordsMax + 1);
  }
  const out = new Uint32Array(most);
  const from = new Uint32Array(lines.length + 1);
  let end = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as number;
    const stop = starts[line + 1] as number;
    const first = end;
    let wasVariable = false;
    for (let place = starts[line] as number; place < stop; place++) {
      const low = halves[place * 2] as number;
      const isOpen = (low & 1) === 1;
      if (isOpen && wasVariable) continue;
      if (end - first === wordsMax) {
        out[end++] = variableWord;
        break;
      }
      out[end++] = addPair(words, low, halves[place * 2 + 1] as number) + 1;
      wasVariable = isOpen;
    }
    from[at + 1] = end;
  }
  return { words: out.subarray(0, end), starts: from };
}

/**
 * A list as text again, out of the text of a line that it was made of: its words are those of the
 * line in their order, but for those that became variables.
 */
export function textOfList(
  list: Uint32Array,
  { halves, starts, text }: HashedLines,
  line: number,
  words: Vocabulary,
): string {
  const texts = wordsOf(text(line));
  const start = starts[line] as number;
  let at = 0;
  const numberAt = (place: number) =>
    addPair(words, halves[place * 2] as number, halves[place * 2 + 1] as number) + 1;
  return Array.from(list, (word) => {
    if (word === variableWord) return variable;
    while (at < texts.length && numberAt(start + at) !== word) at += 1;
    return texts[at++] ?? variable;
  }).join(" ");
}

/** Lists of words met once or more, each once. */
export interface DistinctLists extends WordLists {
  readonly counts: Float64Array;
  /** Where each list that was given stands among the distinct ones. */
  readonly place: Uint32Array;
}

/**
 * Each list once with the sum of its counts. Lists are told apart by two sums of 32 bits over
 * (word, place): that two lists share both by chance is less likely than a broken disk.
 */
export function distinctLists(lists: WordLists, weights: ArrayLike<number>): DistinctLists {
  const size = lists.starts.length - 1;
  const table = pairTable(size);
  const words = new Uint32Array(lists.words.length);
  const starts = new Uint32Array(size + 1);
  const counts = new Float64Array(size);
  const place = new Uint32Array(size);
  let end = 0;
  for (let row = 0; row < size; row++) {
    const from = lists.starts[row] as number;
    const to = lists.starts[row + 1] as number;
    const before = table.size;
    const at = addPair(
      table,
      sumOf(lists.words, from, to, salts[0]),
      sumOf(lists.words, from, to, salts[1]),
    );
    if (at === before) {
      for (let one = from; one < to; one++) words[end++] = lists.words[one] as number;
      starts[at + 1] = end;
    }
    counts[at] = (counts[at] as number) + (weights[row] as number);
    place[row] = at;
  }
  return {
    words: words.subarray(0, end),
    starts: starts.subarray(0, table.size + 1),
    counts: counts.subarray(0, table.size),
    place,
  };
}

const salts = [0x9e3779b1, 0x85ebca77] as const;

function sumOf(words: Uint32Array, from: number, to: number, salt: number): number {
  let sum = Math.imul(to - from, 0x27d4eb2f);
  for (let at = from; at < to; at++) sum = (sum + mixed(words[at] as number, at - from, salt)) | 0;
  return sum >>> 0;
}

/**
 * The two sums of a list with one place left open, for each place in turn: what lines that are
 * equal but for that place have in common.
 */
export function openSums(
  words: Uint32Array,
  from: number,
  to: number,
  take: (place: number, a: number, b: number) => void,
): void {
  const [saltA, saltB] = salts;
  const a = sumOf(words, from, to, saltA);
  const b = sumOf(words, from, to, saltB);
  for (let place = from; place < to; place++) {
    const word = words[place] as number;
    const at = place - from;
    const openA = a - mixed(word, at, saltA) + mixed(edge, at, saltA);
    const openB = b - mixed(word, at, saltB) + mixed(edge, at, saltB);
    take(place, openA >>> 0, openB >>> 0);
  }
}

function mixed(id: number, at: number, salt: number): number {
  let hash = Math.imul(id ^ salt, 0x85ebca6b) ^ Math.imul(at + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), salt);
  return Math.imul(hash ^ (hash >>> 13), 0x2c1b3c6d) ^ (hash >>> 16);
}
