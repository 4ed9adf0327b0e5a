import { addPair, pairTable } from "./pair-table.ts";
import {
  type DistinctLists,
  distinctLists,
  edge,
  type HashedLines,
  isVariable,
  numbered,
  openSums,
  textOfList,
  type Vocabulary,
  variableWord,
  vocabulary,
  type WordLists,
} from "./word-lists.ts";

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
  rounds: 2,
  /** A list of free words opens one word a round: more rounds where so many lines are left. */
  roundsMax: 10,
  manyLines: 1_000,
} as const;

/** Templates, and which of them each line has. */
export interface Clusters {
  readonly size: number;
  readonly place: Uint32Array;
  /** A template in words; made when it is asked for, since few are shown. */
  text(template: number): string;
}

/**
 * The templates of some of the masked lines, met `counts` times, and which of them each has. Words
 * that vary between the same neighbours become variables first (linear); then lines that differ in
 * one place only become one template when enough different words stand there, as in Drain's leaves,
 * so that "login failed" and "login succeeded" stay two. The result does not depend on the order of
 * the lines.
 */
export function clusterLines(
  hashed: HashedLines,
  lines: ArrayLike<number>,
  counts: ArrayLike<number>,
): Clusters {
  const words = vocabulary(lines.length);
  let found = distinctLists(numbered(hashed, lines, words), counts);
  const { place } = found;
  /** False where that changes nothing. */
  const open = (isOpen: Uint8Array) => {
    const lists = opened(found, isOpen, words);
    if (lists === found) return false;
    found = distinctLists(lists, found.counts);
    for (const [at, list] of place.entries()) place[at] = found.place[list] as number;
    return true;
  };
  for (let round = 0; round < thresholds.roundsMax; round++) {
    const before = found.words.length;
    if (!open(variableSlots(found, words))) break;
    const isDone = sizeOf(found) <= thresholds.manyLines || found.words.length === before;
    if (round + 1 >= thresholds.rounds && isDone) break;
  }
  open(variableLeaves(found));
  return { size: sizeOf(found), place, text: textReader(found, place, hashed, lines, words) };
}

function sizeOf({ starts }: WordLists): number {
  return starts.length - 1;
}

/** Tells a list as a text, out of the first line that has it. */
function textReader(
  { words: all, starts }: WordLists,
  place: Uint32Array,
  hashed: HashedLines,
  lines: ArrayLike<number>,
  words: Vocabulary,
): (list: number) => string {
  const lineOf = new Uint32Array(starts.length);
  for (let at = place.length - 1; at >= 0; at--) lineOf[place[at] as number] = lines[at] as number;
  return (list) =>
    textOfList(all.subarray(starts[list], starts[list + 1]), hashed, lineOf[list] as number, words);
}

/** The words before and after each place, and the list it is in. */
function neighbours({ words, starts }: WordLists) {
  const left = new Uint32Array(words.length);
  const right = new Uint32Array(words.length);
  const row = new Uint32Array(words.length);
  for (let list = 0; list + 1 < starts.length; list++) {
    const from = starts[list] as number;
    const last = (starts[list + 1] as number) - 1;
    for (let at = from; at <= last; at++) {
      left[at] = at > from ? (words[at - 1] as number) : edge;
      right[at] = at < last ? (words[at + 1] as number) : edge;
      row[at] = list;
    }
  }
  return { left, right, row };
}

/** Places where too many words stand between the same neighbours. */
function variableSlots(lists: DistinctLists, words: Vocabulary): Uint8Array {
  const { words: all, counts } = lists;
  const places = all.length;
  const { left, right, row } = neighbours(lists);
  const slots = pairTable(places / 4);
  const fillings = pairTable(places / 2);
  const fans = pairTable(places / 4);
  // Of each slot, of each word as the left one, of each fan: none can be more than these.
  const slotWords = new Uint32Array(places);
  const fanWords = new Uint32Array(words.size + 1);
  const fanLines = new Float64Array(words.size + 1);
  const leftWords = new Uint32Array(words.size + 1);
  const wordLines = new Float64Array(places);
  // Looking a pair up costs more than all the rest, so that each place keeps what it found.
  const slotOf = new Uint32Array(places);
  const fanOf = new Uint32Array(places);
  let isFanned = false;
  for (let place = 0; place < places; place++) {
    const word = all[place] as number;
    const before = left[place] as number;
    const slot = addPair(slots, before, right[place] as number);
    // Words of a slot that is wide already need not be told apart.
    if ((slotWords[slot] as number) < thresholds.slotWords) {
      const filled = fillings.size;
      if (addPair(fillings, slot, word) === filled) increase(slotWords, slot, 1);
    }
    const known = fans.size;
    const fan = addPair(fans, before, word);
    if (fan === known) {
      increase(fanWords, before, 1);
      increase(leftWords, word, 1);
      isFanned ||= (fanWords[before] as number) > thresholds.fanWords;
    }
    const count = counts[row[place] as number] as number;
    increase(wordLines, fan, count);
    increase(fanLines, before, count);
    slotOf[place] = slot;
    fanOf[place] = fan;
  }
  const isFree = isFanned
    ? freeWords(left, right, fanOf, fans.size, leftWords, words)
    : () => false;
  const isOpen = new Uint8Array(places);
  for (let place = 0; place < places; place++) {
    const fan = fanOf[place] as number;
    const before = left[place] as number;
    const isRareInFan =
      isFanned &&
      (fanWords[before] as number) > thresholds.fanWords &&
      (wordLines[fan] as number) < thresholds.fanShare * (fanLines[before] as number) &&
      isFree(fan, before);
    const isWideSlot = (slotWords[slotOf[place] as number] as number) >= thresholds.slotWords;
    if (isWideSlot || isRareInFan) isOpen[place] = 1;
  }
  return isOpen;
}

/**
 * Tells free words of a fan from the first words of rare messages ("breaker opened toward"): after
 * a free word goes on what goes on after others too, or it ends there; unless so many words of the
 * fan go on in their own way that they cannot all be messages. `fanOf` has the fan of each place.
 */
function freeWords(
  left: Uint32Array,
  right: Uint32Array,
  fanOf: Uint32Array,
  fans: number,
  leftWords: Uint32Array,
  words: Vocabulary,
): (fan: number, left: number) => boolean {
  const isShared = new Uint8Array(fans);
  for (let place = 0; place < right.length; place++) {
    const after = right[place] as number;
    const isOpen = after === edge || isVariable(words, after);
    if (isOpen || (leftWords[after] as number) >= thresholds.fillers) {
      isShared[fanOf[place] as number] = 1;
    }
  }
  const ownWay = new Uint32Array(leftWords.length);
  const isCounted = new Uint8Array(fans);
  for (let place = 0; place < left.length; place++) {
    const fan = fanOf[place] as number;
    if (isShared[fan] === 0 && isCounted[fan] === 0) increase(ownWay, left[place] as number, 1);
    isCounted[fan] = 1;
  }
  return (fan, before) => isShared[fan] === 1 || (ownWay[before] as number) > thresholds.fanWords;
}

/** Lists with their open places made variables, of which neighbours become one. */
function opened<Lists extends WordLists>(lists: Lists, isOpen: Uint8Array, words: Vocabulary) {
  const { words: all, starts } = lists;
  if (!all.some((word, place) => isOpen[place] === 1 && word !== variableWord)) return lists;
  const out = new Uint32Array(all.length);
  const from = new Uint32Array(starts.length);
  let end = 0;
  for (let list = 0; list + 1 < starts.length; list++) {
    let wasVariable = false;
    const stop = starts[list + 1] as number;
    for (let place = starts[list] as number; place < stop; place++) {
      const word = isOpen[place] === 1 ? variableWord : (all[place] as number);
      const isVariableWord = isVariable(words, word);
      if (!(isVariableWord && wasVariable)) out[end++] = word;
      wasVariable = isVariableWord;
    }
    from[list + 1] = end;
  }
  return { words: out.subarray(0, end), starts: from };
}

/** Places where lists that are equal but for one word have at least `fillers` words. */
function variableLeaves({ words, starts }: WordLists): Uint8Array {
  const places = words.length;
  const frames = pairTable(places / 2);
  const fillers = new Uint32Array(places);
  const frameOf = new Int32Array(places).fill(-1);
  for (let list = 0; list + 1 < starts.length; list++) {
    openSums(words, starts[list] as number, starts[list + 1] as number, (place, a, b) => {
      if (words[place] === variableWord) return;
      const frame = addPair(frames, a, b);
      increase(fillers, frame, 1);
      frameOf[place] = frame;
    });
  }
  const isOpen = new Uint8Array(places);
  for (let place = 0; place < places; place++) {
    const frame = frameOf[place] as number;
    if (frame >= 0 && (fillers[frame] as number) >= thresholds.fillers) isOpen[place] = 1;
  }
  return isOpen;
}

function increase(sums: Uint32Array | Float64Array, index: number, amount: number): void {
  sums[index] = (sums[index] as number) + amount;
}
