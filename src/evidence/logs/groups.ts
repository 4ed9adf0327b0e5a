import { severityRank } from "../../core/query.ts";
import type { LogPattern } from "../../core/rows.ts";

/** Words of the message itself, after the header, that tell one log statement from another. */
const messageWords = 2;
/** Positions looked at for a header of time, level, logger, ids. */
const headerWordsMax = 10;
/** Share of a service's lines that must have the same word at a position of the header. */
const headerShare = 0.6;

/** The same text at two levels is one pattern; the higher level names it. */
export function mergeSeverities(patterns: readonly LogPattern[]): readonly LogPattern[] {
  const found = new Map<string, LogPattern>();
  for (const pattern of patterns) add(found, pattern, pattern.pattern);
  return [...found.values()];
}

/**
 * Where only some requests are traced, lines of the others come without an operation, and how many
 * those are follows the sampling, not the program. Such a rest is counted together with its traced
 * part: all lines of that text.
 */
export function completeUntraced(patterns: readonly LogPattern[]): readonly LogPattern[] {
  const traced = new Map<string, LogPattern[]>();
  for (const pattern of patterns.filter(({ operation }) => operation !== null)) {
    const key = textKey(pattern);
    traced.set(key, [...(traced.get(key) ?? []), pattern]);
  }
  return patterns.map((pattern) => {
    if (pattern.operation !== null) return pattern;
    let whole = pattern;
    for (const part of traced.get(textKey(pattern)) ?? [])
      whole = { ...whole, ...sum(whole, part) };
    return whole;
  });
}

function textKey({ service, pattern }: LogPattern): string {
  return `${service}\u0000${pattern}`;
}

/**
 * Patterns that one log statement of a program wrote with other data each time, as one: what varies
 * with the data of the day must not look like a change of behaviour. Errors stay apart, since their
 * words tell causes. The most frequent variant names the group.
 */
export function logStatements(patterns: readonly LogPattern[]): readonly LogPattern[] {
  const header = headerLengths(patterns);
  const groups = new Map<string, LogPattern>();
  const names = new Map<string, LogPattern>();
  for (const pattern of patterns) {
    const isError = severityRank(pattern.severity) >= severityRank("error");
    const words = pattern.pattern.split(" ");
    const length = (header.get(pattern.service) ?? 0) + messageWords;
    const text = isError ? pattern.pattern : words.slice(0, length).join(" ");
    const key = add(groups, pattern, text);
    const known = names.get(key);
    if (!known || isMoreFrequent(pattern, known)) names.set(key, pattern);
  }
  return [...groups].map(([key, group]) => {
    const named = names.get(key) ?? group;
    return { ...group, pattern: named.pattern, example: named.example, traceId: named.traceId };
  });
}

function isMoreFrequent(a: LogPattern, b: LogPattern): boolean {
  const difference = a.windowCount + a.baselineCount - b.windowCount - b.baselineCount;
  return difference !== 0 ? difference > 0 : a.pattern < b.pattern;
}

/** Words before the message, per service: up to the last position where most lines agree. */
function headerLengths(patterns: readonly LogPattern[]): ReadonlyMap<string, number> {
  const byService = new Map<string, LogPattern[]>();
  for (const pattern of patterns) {
    const list = byService.get(pattern.service);
    if (list) list.push(pattern);
    else byService.set(pattern.service, [pattern]);
  }
  return new Map([...byService].map(([service, list]) => [service, headerLength(list)]));
}

function headerLength(patterns: readonly LogPattern[]): number {
  if (patterns.length < 4) return 1;
  let length = 1;
  for (let at = 0; at < headerWordsMax; at++) {
    const counts = new Map<string, number>();
    let most = 0;
    for (const { pattern } of patterns) {
      const word = pattern.split(" ", at + 1)[at];
      if (word === undefined) continue;
      const count = (counts.get(word) ?? 0) + 1;
      counts.set(word, count);
      most = Math.max(most, count);
    }
    if (most >= headerShare * patterns.length) length = at + 1;
  }
  return length;
}

function add(found: Map<string, LogPattern>, pattern: LogPattern, text: string): string {
  const key = `${pattern.service}\u0000${pattern.operation ?? ""}\u0000${text}`;
  const known = found.get(key);
  if (!known) {
    found.set(key, { ...pattern, pattern: text });
    return key;
  }
  const louder = severityRank(pattern.severity) > severityRank(known.severity) ? pattern : known;
  found.set(key, { ...louder, pattern: text, ...sum(known, pattern) });
  return key;
}

/** How often and when either occurred. */
function sum(a: LogPattern, b: LogPattern) {
  return {
    windowCount: a.windowCount + b.windowCount,
    baselineCount: a.baselineCount + b.baselineCount,
    firstAt: least(a.firstAt, b.firstAt),
    lastAt: -least(-a.lastAt, -b.lastAt),
  };
}

function least(a: number, b: number): number {
  if (Number.isNaN(a)) return b;
  return Number.isNaN(b) ? a : Math.min(a, b);
}
