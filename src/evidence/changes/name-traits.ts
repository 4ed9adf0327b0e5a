import type { Diff } from "./diff.ts";
import type { Trait } from "./diff-traits.ts";
import { type Effect, effectsOf } from "./effects.ts";

/** Traits of names and values that others rely on: list entries taken out, one name for another. */
export function nameTraits(
  diff: Diff,
  removed: readonly string[],
  added: readonly string[],
): Trait[] {
  return [...entryTrait(removed, added), ...renameTrait(diff), ...roundingTrait(removed, added)];
}

/** A quoted entry that is gone and that nothing replaces: a scope, a right, a registration. */
function entryTrait(removed: readonly string[], added: readonly string[]): Trait[] {
  const gone = quotedIn(removed);
  const come = quotedIn(added);
  const lost = gone.filter((text) => !come.includes(text));
  const isReplaced = anyQuoted(added).some((text) => !anyQuoted(removed).includes(text));
  const [first] = lost;
  if (first === undefined || isReplaced) return [];
  return [
    {
      kind: "entry-removed",
      phrase: `took ${lost.slice(0, 3).join(", ")} out`,
      quote: first,
      effects: ["missing", "auth", ...effectsOf(first)],
      risk: 1.8,
    },
  ];
}

function anyQuoted(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.match(/"[^"]*"|'[^']*'|`[^`]*`/g) ?? []);
}

function quotedIn(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.match(/"[\w.:/*-]{3,80}"|'[\w.:/*-]{3,80}'/g) ?? []);
}

/** One line back with one name changed, once: whoever relies on the old name finds nothing. */
function renameTrait(diff: Diff): Trait[] {
  const names = (line: string) => line.match(/[A-Za-z_]\w*/g) ?? [];
  for (const hunk of diff.hunks) {
    const before = hunk.lines.filter((line) => line.sign === "-").map((line) => line.text);
    const after = hunk.lines.filter((line) => line.sign === "+").map((line) => line.text);
    if (before.length !== after.length) continue;
    for (const [i, old] of before.entries()) {
      const [was, now] = [names(old), names(after[i] ?? "")];
      if (was.length !== now.length) continue;
      const changed = was.flatMap((name, at) => (name === now[at] ? [] : [[name, now[at] ?? ""]]));
      const [pair] = changed;
      if (changed.length !== 1 || !pair || isUsedTwice(pair[0] ?? "", diff.removed)) continue;
      const effects: Effect[] = ["schema", "missing", "value"];
      const quote = (after[i] ?? "").trim();
      const phrase = `uses ${pair[1]} where ${pair[0]} stood`;
      return [{ kind: "name-replaced", phrase, quote, effects, risk: 1.2 }];
    }
  }
  return [];
}

/** A name replaced everywhere is a tidy rename. */
function isUsedTwice(name: string, lines: readonly string[]): boolean {
  return lines.join("\n").split(new RegExp(`\\b${name}\\b`)).length > 2;
}

function roundingTrait(removed: readonly string[], added: readonly string[]): Trait[] {
  const pattern = /\b(round|floor|ceil|trunc|toFixed|parseInt|parseFloat|Decimal)\b/gi;
  const words = (lines: readonly string[]) => (lines.join(" ").match(pattern) ?? []).sort().join();
  const quote = added.find((line) => new RegExp(pattern, "i").test(line)) ?? removed[0] ?? "";
  if (words(removed) === words(added)) return [];
  const phrase = "changed how numbers are rounded or read";
  return [{ kind: "rounding-changed", phrase, quote: quote.trim(), effects: ["value"], risk: 2 }];
}
