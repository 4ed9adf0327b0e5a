import { addPair, pairTable } from "./pair-table.ts";
import {
  type DistinctLists,
  distinctLists,
  openSums,
  type Vocabulary,
  variable,
  variableWord,
  vocabulary,
} from "./word-lists.ts";

export { variable };

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
  readonly templates: readonly string[];
  readonly place: Uint32Array;
}

/**
 * The templates of masked lines, met `counts` times, and which of them each line has. Words that
 * vary between the same neighbours become variables first (linear); then lines that differ in one
 * place only become one template when enough different words stand there, as in Drain's leaves, so
 * that "login failed" and "login succeeded" stay two. The result does not depend on the order of
 * the lines.
 */
export function clusterLines(masked: readonly string[], counts: readonly number[]): Clusters {
  const words = vocabulary();
  const texts = distinctTexts(masked, counts);
  let found = distinctLists(
    texts.texts.map((text) => words.read(text)),
    texts.counts,
  );
  let place = texts.place.map((at) => found.place[at] as number);
  const replace = (lists: readonly Uint32Array[]) => {
    found = distinctLists(lists, found.counts);
    place = place.map((at) => found.place[at] as number);
  };
  for (let round = 0; round < thresholds.roundsMax; round++) {
    const before = wordCount(found.lists);
    replace(mergeSlots(found, words));
    const isDone = found.lists.length <= thresholds.manyLines || wordCount(found.lists) === before;
    if (round + 1 >= thresholds.rounds && isDone) break;
  }
  replace(mergeLeaves(found.lists, words));
  return { templates: found.lists.map((list) => words.text(list)), place };
}

function wordCount(lists: readonly Uint32Array[]): number {
  return lists.reduce((sum, list) => sum + list.length, 0);
}

function distinctTexts(lines: readonly string[], weights: readonly number[]) {
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

const edge = 0;

/** Makes words variables where too many others stand between the same neighbours. */
function mergeSlots({ lists, counts }: DistinctLists, words: Vocabulary): Uint32Array[] {
  const places = wordCount(lists);
  const slots = pairTable(places / 4);
  const fillings = pairTable(places / 2);
  const fans = pairTable(places / 4);
  // Of each slot, of each word as the left one, of each fan: none can be more than these.
  const slotWords = new Uint32Array(places);
  const fanWords = new Uint32Array(words.size);
  const fanLines = new Float64Array(words.size);
  const leftWords = new Uint32Array(words.size);
  const wordLines = new Float64Array(places);
  // Looking a pair up costs more than all the rest, so that each place keeps what it found.
  const slotOf = new Uint32Array(places);
  const fanOf = new Uint32Array(places);
  let isFanned = false;
  eachPlace(lists, (word, left, right, place, row) => {
    const slot = addPair(slots, left, right);
    const before = fillings.size;
    if (addPair(fillings, slot, word) === before) increase(slotWords, slot, 1);
    const known = fans.size;
    const fan = addPair(fans, left, word);
    if (fan === known) {
      increase(fanWords, left, 1);
      increase(leftWords, word, 1);
      isFanned ||= (fanWords[left] as number) > thresholds.fanWords;
    }
    increase(wordLines, fan, counts[row] as number);
    increase(fanLines, left, counts[row] as number);
    slotOf[place] = slot;
    fanOf[place] = fan;
  });
  const isFree = isFanned ? freeWords(lists, fanOf, fans.size, leftWords, words) : () => false;
  const isOpen = new Uint8Array(places);
  eachPlace(lists, (_word, left, _right, place) => {
    const fan = fanOf[place] as number;
    const isRareInFan =
      isFanned &&
      (fanWords[left] as number) > thresholds.fanWords &&
      (wordLines[fan] as number) < thresholds.fanShare * (fanLines[left] as number) &&
      isFree(fan, left);
    const isWideSlot = (slotWords[slotOf[place] as number] as number) >= thresholds.slotWords;
    if (isWideSlot || isRareInFan) isOpen[place] = 1;
  });
  return opened(lists, isOpen, words);
}

/**
 * Tells free words of a fan from the first words of rare messages ("breaker opened toward"): after
 * a free word goes on what goes on after others too, or it ends there; unless so many words of the
 * fan go on in their own way that they cannot all be messages. `fanOf` has the fan of each place.
 */
function freeWords(
  lists: readonly Uint32Array[],
  fanOf: Uint32Array,
  fans: number,
  leftWords: Uint32Array,
  words: Vocabulary,
): (fan: number, left: number) => boolean {
  const isShared = new Uint8Array(fans);
  eachPlace(lists, (_word, _left, right, place) => {
    const isOpen = right === edge || words.isVariable(right);
    if (isOpen || (leftWords[right] as number) >= thresholds.fillers)
      isShared[fanOf[place] as number] = 1;
  });
  const ownWay = new Uint32Array(words.size);
  const isCounted = new Uint8Array(fans);
  eachPlace(lists, (_word, left, _right, place) => {
    const fan = fanOf[place] as number;
    if (isShared[fan] === 0 && isCounted[fan] === 0) increase(ownWay, left, 1);
    isCounted[fan] = 1;
  });
  return (fan, left) => isShared[fan] === 1 || (ownWay[left] as number) > thresholds.fanWords;
}

/** `place` counts the words of all lists, in their order. */
function eachPlace(
  lists: readonly Uint32Array[],
  take: (word: number, left: number, right: number, place: number, row: number) => void,
): void {
  let place = 0;
  for (let row = 0; row < lists.length; row++) {
    const list = lists[row] as Uint32Array;
    for (let at = 0; at < list.length; at++) {
      const left = at > 0 ? (list[at - 1] as number) : edge;
      const right = at + 1 < list.length ? (list[at + 1] as number) : edge;
      take(list[at] as number, left, right, place, row);
      place += 1;
    }
  }
}

/** Lists with their open places made variables, of which neighbours become one. */
function opened(lists: readonly Uint32Array[], isOpen: Uint8Array, words: Vocabulary) {
  let place = 0;
  return lists.map((list) => {
    const start = place;
    place += list.length;
    let first = 0;
    while (first < list.length && (list[first] === variableWord || isOpen[start + first] === 0)) {
      first += 1;
    }
    // Mostly nothing changes, since neighbours in a list are one already.
    if (first === list.length) return list;
    const out = new Uint32Array(list.length);
    let length = 0;
    let wasVariable = false;
    for (let at = 0; at < list.length; at++) {
      const word = isOpen[start + at] === 1 ? variableWord : (list[at] as number);
      const isVariable = words.isVariable(word);
      if (!(isVariable && wasVariable)) out[length++] = word;
      wasVariable = isVariable;
    }
    return length === list.length ? out : out.slice(0, length);
  });
}

/** Lines that are equal but for one word, where at least `fillers` words stand in its place. */
function mergeLeaves(lists: readonly Uint32Array[], words: Vocabulary): Uint32Array[] {
  const places = wordCount(lists);
  const frames = pairTable(places / 2);
  const fillers = new Uint32Array(places);
  const frameOf = new Int32Array(places).fill(-1);
  let start = 0;
  for (const list of lists) {
    openSums(list, (at, a, b) => {
      if (list[at] === variableWord) return;
      const frame = addPair(frames, a, b);
      increase(fillers, frame, 1);
      frameOf[start + at] = frame;
    });
    start += list.length;
  }
  const isOpen = Uint8Array.from(frameOf, (frame) =>
    frame >= 0 && (fillers[frame] as number) >= thresholds.fillers ? 1 : 0,
  );
  return opened(lists, isOpen, words);
}

function increase(sums: Uint32Array | Float64Array, index: number, amount: number): void {
  sums[index] = (sums[index] as number) + amount;
}
