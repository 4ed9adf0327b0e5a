import type { Alarm } from "../../core/alarm.ts";

const wordsMax = 40;
const textCharsMax = 400;

/**
 * What an alarm speaks of: the words of name, metric and summary, without its service and numbers.
 */
export function wordsOf(alarm: Alarm): string[] {
  const own = new Set(split(`${alarm.service ?? ""} ${alarm.resource ?? ""}`));
  const text = `${alarm.name} ${alarm.metric ?? ""} ${alarm.summary.slice(0, textCharsMax)}`;
  return [...new Set(split(text).filter((word) => !own.has(word)))].slice(0, wordsMax);
}

/** How much a word tells: the fewer groups use it, the more. */
export type WordWeight = (word: string) => number;

/** Share of words in common by their weight, 0..1 (weighted Jaccard). */
export function likeness(a: readonly string[], b: readonly string[], weight: WordWeight): number {
  if (a.length === 0 || b.length === 0) return 0;
  const [mine, other] = [new Set(a), new Set(b)];
  let common = 0;
  let all = 0;
  for (const word of new Set([...a, ...b])) {
    const w = weight(word);
    all += w;
    if (mine.has(word) && other.has(word)) common += w;
  }
  return all === 0 ? 0 : common / all;
}

/** `p95` and `http500` say what is watched; longer digits are ids, and digits alone are values. */
const telling = /^\p{L}+\p{N}{0,3}$/u;

function split(text: string): string[] {
  return text
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .flatMap((word) => (telling.test(word) ? word : word.split(/\p{N}+/u)))
    .filter((word) => word.length > 2);
}
