import { pairTable } from "./pair-table.ts";

/** What stands for a variable part. */
export const variable = "<*>";

/** Thresholds, after measurements on logs with known templates. */
const thresholds = {
  /** Different words between the same two neighbours that make a slot a variable. */
  slotWords: 40,
  /** Different words after one word, of which a rare one is taken for a variable … */
  fanWords: 80,
  /** … when it has less than this share of that word's lines. */
  fanShare: 0.02,
  /** Different words at one place of otherwise equal lines that make the place a variable. */
  fillers: 8,
  wordsMax: 60,
  rounds: 2,
} as const;

/**
 * The templates of masked lines, met `counts` times, and which of them each line has. Words that
 * vary between the same neighbours become variables first (two rounds, linear); then lines that
 * differ in one place only become one template when enough different words stand there, as in
 * Drain's leaves, so that "login failed" and "login succeeded" stay two. The result does not depend
 * on the order of the lines.
 */
export function clusterLines(masked: readonly string[], counts: readonly number[]): Clusters {
  let distinct = distinctOf(masked, counts);
  let place = distinct.place;
  for (let round = 0; round < thresholds.rounds; round++) {
    const merged = mergeSlots(distinct.texts, distinct.counts);
    const next = distinctOf(merged, distinct.counts);
    place = place.map((at) => next.place[at] as number);
    distinct = next;
  }
  const leaves = distinctOf(mergeLeaves(distinct.texts), distinct.counts);
  return { templates: leaves.texts, place: place.map((at) => leaves.place[at] as number) };
}

/** Templates, and which of them each line has. */
export interface Clusters {
  readonly templates: readonly string[];
  readonly place: Uint32Array;
}

interface Distinct {
  readonly texts: readonly string[];
  readonly counts: readonly number[];
  /** Where each line's text stands among the distinct ones. */
  readonly place: Uint32Array;
}

function distinctOf(lines: readonly string[], weights: readonly number[]): Distinct {
  const known = new Map<string, number>();
  const texts: string[] = [];
  const counts: number[] = [];
  const place = new Uint32Array(lines.length);
  for (let row = 0; row < lines.length; row++) {
    const text = lines[row] as string;
    let at = known.get(text);
    if (at === undefined) {
      at = texts.length;
      known.set(text, at);
      texts.push(text);
      counts.push(0);
    }
    counts[at] = (counts[at] as number) + (weights[row] as number);
    place[row] = at;
  }
  return { texts, counts, place };
}

/** Words of a line; neighbouring variables are one, since lists of values differ in length only. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  let wasVariable = false;
  for (const word of text.split(" ")) {
    if (word === "" || words.length > thresholds.wordsMax) continue;
    const isVariable = word.startsWith(variable) && allVariable.test(word);
    if (isVariable && wasVariable) continue;
    words.push(words.length === thresholds.wordsMax ? variable : word.trim());
    wasVariable = isVariable;
  }
  return words;
}

const allVariable = /^(?:<\*>[,;|/]?)+$/;
const edge = 0;

/** Makes words variables where too many others stand between the same neighbours. */
function mergeSlots(texts: readonly string[], counts: readonly number[]): string[] {
  const words = texts.map(wordsOf);
  const ids = numbered(words);
  const slots = pairTable();
  const fillings = pairTable();
  const fans = pairTable();
  const slotWords = growing();
  const fanWords = growing();
  const fanLines = growing();
  const wordLines = growing();
  for (const [row, list] of ids.entries()) {
    const count = counts[row] as number;
    for (let at = 0; at < list.length; at++) {
      const word = list[at] as number;
      const left = list[at - 1] ?? edge;
      const slot = slots.add(left, list[at + 1] ?? edge);
      const before = fillings.size;
      if (fillings.add(slot, word) === before) slotWords.add(slot, 1);
      const known = fans.size;
      const fan = fans.add(left, word);
      if (fan === known) fanWords.add(left, 1);
      wordLines.add(fan, count);
      fanLines.add(left, count);
    }
  }
  const isRareInFan = (left: number, word: number) =>
    fanWords.get(left) > thresholds.fanWords &&
    wordLines.get(fans.find(left, word)) < thresholds.fanShare * fanLines.get(left);
  return words.map((list, row) => {
    const own = ids[row] as Uint32Array;
    let text = "";
    let wasVariable = false;
    for (let at = 0; at < list.length; at++) {
      const left = own[at - 1] ?? edge;
      const slot = slots.find(left, own[at + 1] ?? edge);
      const isOpen = slotWords.get(slot) >= thresholds.slotWords;
      const word = isOpen || isRareInFan(left, own[at] as number) ? variable : (list[at] as string);
      const isVariable = word.startsWith(variable) && allVariable.test(word);
      if (!(isVariable && wasVariable)) text += text === "" ? word : ` ${word}`;
      wasVariable = isVariable;
    }
    return text;
  });
}

/** Words as numbers from 1 on, so that neighbours can be keys without building strings. */
function numbered(lines: readonly (readonly string[])[]): Uint32Array[] {
  const known = new Map<string, number>();
  return lines.map((words) => {
    const ids = new Uint32Array(words.length);
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as string;
      let id = known.get(word);
      if (id === undefined) {
        id = known.size + 1;
        known.set(word, id);
      }
      ids[at] = id;
    }
    return ids;
  });
}

/** Sums by index, as long as they need to be. */
function growing() {
  let sums = new Float64Array(1 << 16);
  return {
    add(index: number, amount: number) {
      if (index >= sums.length) {
        const longer = new Float64Array(Math.max(index + 1, sums.length * 2));
        longer.set(sums);
        sums = longer;
      }
      sums[index] = (sums[index] as number) + amount;
    },
    get: (index: number) => sums[index] ?? 0,
  };
}

/** Lines that are equal but for one word, where at least `fillers` words stand in its place. */
function mergeLeaves(templates: readonly string[]): string[] {
  const fillers = new Map<string, number>();
  const split = templates.map((text) => text.split(" "));
  const blanked = (words: readonly string[], at: number) =>
    words.map((word, i) => (i === at ? variable : word)).join(" ");
  for (const words of split) {
    for (let at = 0; at < words.length; at++) {
      if (words[at] === variable) continue;
      const key = blanked(words, at);
      fillers.set(key, (fillers.get(key) ?? 0) + 1);
    }
  }
  return split.map((words) => {
    const kept = words.map((word, at) =>
      (fillers.get(blanked(words, at)) ?? 0) >= thresholds.fillers ? variable : word,
    );
    return wordsOf(kept.join(" ")).join(" ");
  });
}
