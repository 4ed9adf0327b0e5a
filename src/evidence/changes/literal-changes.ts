import { type DiffLine, type Hunk, withoutComment } from "./diff.ts";
import { type Effect, effectsOf } from "./effects.ts";

/** One line that came back with another number, duration, switch or text in it. */
export interface LiteralChange {
  /** The line's own words, without the literal: `session ttl`. */
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly direction: "lowered" | "raised" | "switched" | "replaced";
  /** after / before; NaN when not numbers. */
  readonly ratio: number;
  /** 0..3, how likely such an edit alone hurts. */
  readonly risk: number;
  readonly effects: readonly Effect[];
}

type Rule = readonly [
  pattern: RegExp,
  lowered: readonly [risk: number, effects: readonly Effect[]],
  raised: readonly [risk: number, effects: readonly Effect[]],
];

/** What each kind of knob does when it goes down or up. First match wins. */
const rules: readonly Rule[] = [
  [/timeout|deadline|max_?wait/i, [2.5, ["timeout"]], [0.8, ["connections", "queue"]]],
  [
    /retr(y|ies)|attempts/i,
    [1, ["timeout", "connectivity"]],
    [1.5, ["amplification", "cpu", "connections"]],
  ],
  [
    /pool|max_?conn|connections|workers?|threads?|replicas|instances|permits|slots?\b|semaphore/i,
    [2.5, ["connections", "timeout", "queue", "cpu", "memory"]],
    [1.2, ["connections", "cpu", "amplification", "memory"]],
  ],
  [
    /concurren|parallel/i,
    [1.5, ["queue", "timeout"]],
    [2, ["connections", "cpu", "amplification"]],
  ],
  [
    /ttl|cache|expir|max_?age|leeway|skew|grace/i,
    [2.5, ["cache", "amplification", "query", "cpu", "auth"]],
    [1, ["cache", "value", "memory"]],
  ],
  [
    /interval|period|poll|every|cron|frequency|tick/i,
    [2, ["amplification", "cpu", "query"]],
    [1, ["queue", "cache"]],
  ],
  [
    /memory|heap|\bcpu\b|quota|capacity/i,
    [2.5, ["memory", "crash", "cpu", "amplification"]],
    [0.5, ["memory"]],
  ],
  [
    /batch|chunk|page|prefetch|size|limit|buffer|flush|max|bytes|depth/i,
    [1.8, ["amplification", "queue", "loss", "timeout", "value"]],
    [1.8, ["memory", "timeout", "cpu", "query"]],
  ],
];

/** Lines of a hunk that came back with only literals changed. */
export function literalChanges(hunk: Hunk): LiteralChange[] {
  const removed = literals(hunk.lines, "-");
  const added = literals(hunk.lines, "+");
  const found: LiteralChange[] = [];
  const taken = new Set<number>();
  for (const before of removed) {
    const at = added.findIndex((line, i) => !taken.has(i) && line.skeleton === before.skeleton);
    if (at < 0) continue;
    taken.add(at);
    const after = added[at];
    const index = before.values.findIndex((value, i) => value !== after?.values[i]);
    const from = before.values[index];
    const to = after?.values[index];
    if (from === undefined || to === undefined || from === to) continue;
    found.push(judge(before.text, hunk, from, to));
  }
  return found;
}

const literalPattern =
  /"(?:[^"\\]|\\.)*"(?!\s*:)|'(?:[^'\\]|\\.)*'|`[^`]*`|\b(?:true|false|on|off)\b|\b\d[\d_]*(?:\.\d+)?(?:\s*\*\s*time\.[A-Z]\w+|[a-zA-Z%]{0,3})\b|(?<=[:=]\s*)[A-Za-z_/][\w./:-]*\s*$/g;

function literals(lines: readonly DiffLine[], sign: "+" | "-") {
  return lines
    .filter((line) => line.sign === sign)
    .map((line) => {
      const text = withoutComment(line.text).trim();
      const values = text.match(literalPattern) ?? [];
      return { text, values, skeleton: text.replace(literalPattern, "#").replace(/\s+/g, " ") };
    })
    .filter((line) => line.values.length > 0 && /[A-Za-z]/.test(line.skeleton));
}

function judge(text: string, hunk: Hunk, before: string, after: string): LiteralChange {
  const [left = text] = text.split(before);
  const name = left.replace(/[^A-Za-z0-9_.-]+/g, " ").trim() || text.slice(0, 40);
  const from = amountOf(before);
  const to = amountOf(after);
  const around = `${text} ${hunk.header} ${hunk.file ?? ""}`;
  if (Number.isFinite(from) && Number.isFinite(to) && from !== to) {
    const direction = to < from ? "lowered" : "raised";
    const ratio = to / from;
    const rule = rules.find(([pattern]) => pattern.test(name)) ?? null;
    const [risk, effects] = rule?.[direction === "lowered" ? 1 : 2] ?? [1.2, effectsOf(around)];
    return { name, before, after, direction, ratio, risk: risk * boldness(ratio), effects };
  }
  if (importPattern.test(text)) {
    return { ...{ name, before, after }, direction: "replaced", ratio: Number.NaN, ...movedImport };
  }
  const isSwitch = /^(true|false|on|off)$/.test(before) && /^(true|false|on|off)$/.test(after);
  return {
    name,
    before,
    after,
    direction: isSwitch ? "switched" : "replaced",
    ratio: Number.NaN,
    risk: isSwitch ? 1.5 : replacedRisk(before, after),
    effects: [
      ...effectsOf(around),
      ...(isSwitch ? switchEffects(text) : placeEffects(before + after)),
    ],
  };
}

/**
 * Where code is found shows when it is loaded: as a missing module or a crash, and as nothing else.
 */
const importPattern = /^\s*(import|from|export .* from|#include|using|use|require)\b|\brequire\(/;
const movedImport = { risk: 0.6, effects: ["missing", "crash"] } as const;

/**
 * A knob turned by a little seldom breaks anything; one turned by a factor of four or more does.
 */
function boldness(ratio: number): number {
  const factor = Math.max(ratio, 1 / ratio);
  if (factor >= 4) return 1.2;
  return factor < 2 ? 0.5 : 1;
}

/** Names and addresses are relied on by others; sentences for people and sizes of boxes are not. */
function replacedRisk(before: string, after: string): number {
  if (/\d(px|em|rem|vh|vw|%)\b|^["']?#[0-9a-f]{3,8}/i.test(before + after)) return 0;
  return /[A-Za-z] +[A-Za-z]/.test(before + after) ? 0.3 : 1.5;
}

/** What switching a protection off would do. */
function switchEffects(text: string): Effect[] {
  return /breaker|limit|throttl|retry|cache/i.test(text)
    ? ["timeout", "amplification", "cpu", "cache"]
    : ["value"];
}

/** A replaced address or name points somewhere else. */
function placeEffects(text: string): Effect[] {
  return /https?:|\/\/|:\d{2,5}\b|\.(com|net|io|local|svc|internal)\b|arn:|region/i.test(text)
    ? ["connectivity", "missing", "auth"]
    : /\*.*\*/.test(text)
      ? ["cpu", "amplification", "query"]
      : ["schema", "missing", "value", "queue"];
}

const scales: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1e3,
  sec: 1e3,
  m: 6e4,
  min: 6e4,
  h: 3.6e6,
  d: 8.64e7,
  k: 1e3,
  kb: 1e3,
  ki: 1024,
  mb: 1e6,
  mi: 1024 ** 2,
  gb: 1e9,
  gi: 1024 ** 3,
};
const goUnits: Record<string, number> = {
  Nanosecond: 1e-6,
  Microsecond: 1e-3,
  Millisecond: 1,
  Second: 1e3,
  Minute: 6e4,
  Hour: 3.6e6,
};

/** A literal as a number in ms, bytes or plain units; NaN when it is none. */
export function amountOf(literal: string): number {
  const text = literal.replace(/["'`_]/g, "").trim();
  const go = /^([\d.]+)\s*\*\s*time\.(\w+)$/.exec(text);
  if (go) return Number(go[1]) * (goUnits[go[2] ?? ""] ?? Number.NaN);
  const plain = /^([\d.]+)\s*([A-Za-z]*)$/.exec(text);
  if (!plain || plain[1] === "") return Number.NaN;
  const unit = plain[2] ?? "";
  if (unit === "") return Number(plain[1]);
  return Number(plain[1]) * (scales[unit.toLowerCase()] ?? Number.NaN);
}
