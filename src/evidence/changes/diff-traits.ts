import { type Diff, withoutComment } from "./diff.ts";
import { come, gone, type LineRule } from "./diff-risks.ts";
import { type Effect, effectsOf } from "./effects.ts";
import { literalChanges } from "./literal-changes.ts";
import { nameTraits } from "./name-traits.ts";

/** Something a diff does that is known to hurt, and what it would look like from outside. */
export interface Trait {
  readonly kind: string;
  /** Goes into "removed the LIMIT": verb phrase in the past, our words. */
  readonly phrase: string;
  /** The line that shows it, as written. */
  readonly quote: string;
  readonly effects: readonly Effect[];
  /** 0..3: how often such an edit is the culprit when its effect is seen. */
  readonly risk: number;
}

/** Every risky thing a diff does, most dangerous first. */
export function traitsOf(diff: Diff, about: string): Trait[] {
  const removed = diff.removed.map(withoutComment).filter((line) => line.trim() !== "");
  const added = diff.added.map(withoutComment).filter((line) => line.trim() !== "");
  const words = effectsOf(`${about} ${diff.hunks.map((h) => h.header).join(" ")}`);
  const traits = [
    ...gone.flatMap((rule) => ruleTrait(rule, removed, added, words)),
    ...come.flatMap((rule) => ruleTrait(rule, added, removed, words)),
    ...literalTraits(diff),
    ...conditionTrait(removed, added, words),
    ...loopTrait(diff),
    ...growthTrait(diff, added),
    ...newTableTrait(added, [...removed, ...diff.context]),
    ...nameTraits(diff, removed, added),
  ];
  return traits.sort((a, b) => b.risk - a.risk);
}

function ruleTrait(
  rule: LineRule,
  here: readonly string[],
  there: readonly string[],
  words: readonly Effect[],
): Trait[] {
  const mine = here.filter((line) => rule.pattern.test(line));
  const theirs = there.filter((line) => rule.pattern.test(line));
  if (mine.length <= theirs.length) return [];
  const quote = (mine.find((line) => !theirs.includes(line)) ?? mine[0] ?? "").trim();
  const effects = rule.isGeneric
    ? [...rule.effects, ...words, ...effectsOf(quote)]
    : [...rule.effects];
  return [{ kind: rule.kind, phrase: rule.phrase, quote, effects, risk: rule.risk }];
}

function literalTraits(diff: Diff): Trait[] {
  return diff.hunks.flatMap((hunk) =>
    literalChanges(hunk).map((change) => ({
      kind: `literal-${change.direction}`,
      phrase: `changed ${told(change.name)} from ${clip(change.before)} to ${clip(change.after)}`,
      quote: `${change.name}: ${change.before} -> ${change.after}`,
      effects: change.effects,
      risk: change.risk,
    })),
  );
}

const literalCharsMax = 40;

/** The end of a long line's words: what stands right before the value that changed. */
function told(name: string): string {
  const words = name.split(" ");
  return words.length > 3 ? words.slice(-2).join(" ") : name;
}

/** A long text by its beginning. */
function clip(literal: string): string {
  return literal.length > literalCharsMax ? `${literal.slice(0, literalCharsMax)}…` : literal;
}

/** A condition that came back shorter: something is no longer allowed for. */
function conditionTrait(
  removed: readonly string[],
  added: readonly string[],
  words: readonly Effect[],
): Trait[] {
  const isCondition = (line: string) =>
    /^\s*(\}?\s*else\s+)?(if|while|when|elif|unless)\b/.test(line);
  const tokens = (line: string) =>
    (line.split(/\{|\bthen\b/)[0] ?? "").match(/[A-Za-z_]\w*/g) ?? [];
  for (const before of removed.filter(isCondition)) {
    for (const after of added.filter(isCondition)) {
      const old = new Set(tokens(before));
      const now = new Set(tokens(after));
      const lost = [...old].filter((token) => !now.has(token));
      const kept = [...old].filter((token) => now.has(token));
      if (lost.length === 0 || lost.length + 1 >= kept.length * 2 || now.size >= old.size) continue;
      return [
        {
          kind: "condition-narrowed",
          phrase: `no longer allows for ${lost.join(", ")}`,
          quote: after.trim(),
          effects: [...words, ...effectsOf(`${before} ${after}`)],
          risk: 2.2,
        },
      ];
    }
  }
  return [];
}

const loopPattern =
  /^\s*(for|while)\b|\.(forEach|map|each|flatMap)\(|^\s*for\s+\w+\s+(of|in)\b|Promise\.all\(/;
const remotePattern =
  /\b(client|store|repo\w*|api|session|redis|table|db|conn\w*)\.\w+\s*\(|\b(fetch|load|query|lookup|request)[A-Z]\w*\(|\bawait\b.*\(|\bfetch\(|\.(query|exec|execute|queryrow|get|put|find\w*|fetch\w*|load\w*|list|call|invoke|send|publish|write\w*|save|insert|update\w*|putitem|getitem)\s*\(.*(ctx|sql|client|db|id|key|item|req|await)/i;

/** `ids.map((id) => fetchPrice(id))`: loop and call on one line. */
const callInLine = /(=>|\bfor\b.*[:)]).*\w\(/;

/** A remote call made once per element, where there was none per element before. */
function loopTrait(diff: Diff): Trait[] {
  for (const hunk of diff.hunks) {
    let loopAt = -1;
    let isNewLoop = false;
    for (const [index, line] of hunk.lines.entries()) {
      if (line.sign === "-") continue;
      if (loopPattern.test(line.text)) {
        loopAt = index;
        isNewLoop = line.sign === "+";
      }
      const isInside = loopAt >= 0 && index - loopAt <= 12;
      if (!isInside || line.sign !== "+" || !remotePattern.test(line.text)) continue;
      if (diff.removed.some((old) => old.trim() === line.text.trim())) continue;
      if (index === loopAt && !callInLine.test(line.text)) continue;
      return [
        {
          kind: "call-per-element",
          phrase: isNewLoop
            ? "added a loop that makes one remote call per element"
            : "added a remote call inside a loop",
          quote: line.text.trim(),
          effects: ["amplification", "query", "cpu", "timeout", "connections"],
          risk: 3,
        },
      ];
    }
  }
  return [];
}

const evictPattern =
  /evict|\blru\b|delete\(|\.shift\(|\.pop\(|trim|bounded|ttl|max\w*|clear\(|= nil/i;

/** A collection that outlives the request and only ever grows. */
function growthTrait(diff: Diff, added: readonly string[]): Trait[] {
  if (added.some((line) => evictPattern.test(line))) return [];
  const lived = added.filter((line) =>
    /^(?=\S)(export\s+)?(var|let|const|static|private static|global)?\s*\w+\s*(:[^=]+)?(=\s*(new (Map|Set|Array|WeakRef)|\[\]|\{\}|dict\(|list\(|make\()|\s\[\]|\smap\[)/.test(
      line,
    ),
  );
  const grow = [...added, ...diff.context.filter(() => lived.length > 0)].filter((line) =>
    /append\(|\.push\(|\.add\(|\.set\(|\.put\(|\]\s*=[^=]/.test(line),
  );
  const line = lived[0];
  if (line === undefined || grow.length === 0) return [];
  return [
    {
      kind: "unbounded-growth",
      phrase: "keeps every element in a collection that is never emptied",
      quote: line.trim(),
      effects: ["memory", "cpu", "crash"],
      risk: 3,
    },
  ];
}

/** A statement on a table that the change neither creates nor knew before. */
function newTableTrait(added: readonly string[], before: readonly string[]): Trait[] {
  const pattern = /\b(?:from|join|into|update|table)\s+["'`]?([a-z_][\w.]*)["'`]?/gi;
  const known = before.join("\n").toLowerCase();
  if (added.some((line) => /create\s+table|create_table|createTable/i.test(line))) return [];
  for (const line of added.filter((l) => /\b(select|insert|update|delete)\b/i.test(l))) {
    for (const match of line.matchAll(pattern)) {
      const table = match[1]?.toLowerCase() ?? "";
      if (table.length < 4 || known.includes(table)) continue;
      return [
        {
          kind: "new-table",
          phrase: `reads or writes ${table}, which it does not create`,
          quote: line.trim(),
          effects: ["schema", "missing"],
          risk: 2,
        },
      ];
    }
  }
  return [];
}
