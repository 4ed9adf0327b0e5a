import type { Alarm } from "../../core/alarm.ts";

const wordsMax = 40;
const textCharsMax = 400;

/** What an alarm speaks of: the words of name, metric and summary, without its service and numbers. */
export function wordsOf(alarm: Alarm): string[] {
  const own = new Set(split(`${alarm.service ?? ""} ${alarm.resource ?? ""}`));
  const text = `${alarm.name} ${alarm.metric ?? ""} ${alarm.summary.slice(0, textCharsMax)}`;
  return [...new Set(split(text).filter((word) => !own.has(word)))].slice(0, wordsMax);
}

/** Share of words in common, 0..1 (Jaccard). */
export function likeness(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const other = new Set(b);
  const common = a.filter((word) => other.has(word)).length;
  return common / (a.length + other.size - common);
}

function split(text: string): string[] {
  return text
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 2);
}
