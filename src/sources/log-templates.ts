/** A masked line and how often it was met. */
export interface MaskedLine {
  readonly masked: string;
  readonly count: number;
}

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
 * The template of each masked line, in the order given. Words that vary between the same neighbours
 * become variables first (two rounds, linear); then lines that differ in one place only become one
 * template when enough different words stand there, as Drain's leaves do, so that "login failed"
 * and "login succeeded" stay two. The result does not depend on the order of the lines.
 */
export function templatesOf(lines: readonly MaskedLine[]): readonly string[] {
  let words = lines.map((line) => collapse(wordsOf(line.masked)));
  for (let round = 0; round < thresholds.rounds; round++) words = mergeSlots(words, lines);
  const joined = words.map((list) => list.join(" "));
  const merged = mergeLeaves([...new Set(joined)]);
  return joined.map((text) => merged.get(text) ?? text);
}

function wordsOf(masked: string): string[] {
  const words = masked.split(/\s+/).filter((word) => word !== "");
  if (words.length <= thresholds.wordsMax) return words;
  return [...words.slice(0, thresholds.wordsMax), variable];
}

/** Neighbouring variables are one: lists of values differ in length only. */
function collapse(words: readonly string[]): string[] {
  const isVariable = (word: string) => /^(?:<\*>[,;|/]?)+$/.test(word);
  return words.filter((word, at) => {
    const before = words[at - 1];
    return !(isVariable(word) && before !== undefined && isVariable(before));
  });
}

/** Words as numbers, so that neighbours can be keys without building strings. */
function numbered(lines: readonly (readonly string[])[]): { ids: Uint32Array[]; size: number } {
  const known = new Map<string, number>();
  const ids = lines.map((words) =>
    Uint32Array.from(words, (word) => {
      const id = known.get(word) ?? known.size + 2;
      known.set(word, id);
      return id;
    }),
  );
  return { ids, size: known.size + 2 };
}

const edge = 0;

function mergeSlots(words: readonly string[][], lines: readonly MaskedLine[]): string[][] {
  const { ids, size } = numbered(words);
  const slots = new Map<number, number>();
  const slotWords = new Map<number, Set<number>>();
  const fans = new Map<number, Map<number, number>>();
  const fanLines = new Map<number, number>();
  const slotOf = (list: Uint32Array, at: number) => {
    const pair = (list[at - 1] ?? edge) * size + (list[at + 1] ?? edge);
    const known = slots.get(pair);
    if (known !== undefined) return known;
    slots.set(pair, slots.size);
    return slots.size - 1;
  };
  for (const [row, list] of ids.entries()) {
    const count = lines[row]?.count ?? 1;
    for (let at = 0; at < list.length; at++) {
      const word = list[at] as number;
      const slot = slotOf(list, at);
      const inSlot = slotWords.get(slot) ?? new Set<number>();
      if (inSlot.size < thresholds.slotWords) slotWords.set(slot, inSlot.add(word));
      const left = list[at - 1] ?? edge;
      const fan = fans.get(left) ?? new Map<number, number>();
      fans.set(left, fan.set(word, (fan.get(word) ?? 0) + count));
      fanLines.set(left, (fanLines.get(left) ?? 0) + count);
    }
  }
  return words.map((list, row) => {
    const own = ids[row] as Uint32Array;
    const merged = list.map((word, at) => {
      const isSlot = (slotWords.get(slotOf(own, at))?.size ?? 0) >= thresholds.slotWords;
      return isSlot || isRareInFan(own, at) ? variable : word;
    });
    return collapse(merged);
  });

  function isRareInFan(list: Uint32Array, at: number): boolean {
    const left = list[at - 1] ?? edge;
    const fan = fans.get(left);
    if (!fan || fan.size <= thresholds.fanWords) return false;
    const share = (fan.get(list[at] as number) ?? 0) / (fanLines.get(left) ?? 1);
    return share < thresholds.fanShare;
  }
}

/** Lines that are equal but for one word, where at least `fillers` words stand in its place. */
function mergeLeaves(templates: readonly string[]): Map<string, string> {
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
  return new Map(
    templates.map((text, row) => {
      const words = split[row] as string[];
      const kept = words.map((word, at) =>
        (fillers.get(blanked(words, at)) ?? 0) >= thresholds.fillers ? variable : word,
      );
      return [text, collapse(kept).join(" ")] as const;
    }),
  );
}
