/**
 * Words and identifiers of a text, normalised so that `ErrTokenExpired`, `token_expired` and
 * "token is expired" meet.
 */
export interface Term {
  /** Parts joined by `_`; plain words are cut to a stem. */
  readonly key: string;
  /** The word as written, for people. */
  readonly text: string;
  /** Two parts or more: a name somebody chose, rarely met by chance. */
  readonly isCompound: boolean;
}

/** Longest text that is split; the rest of a longer one is not looked at. */
const textCharsMax = 20_000;

/** All terms of a text, each once: compound names whole, and the words they are made of. */
export function termsOf(text: string): Map<string, Term> {
  const terms = new Map<string, Term>();
  for (const raw of rawWords(text)) {
    if (raw.includes(".")) {
      terms.set(raw.toLowerCase(), { key: raw.toLowerCase(), text: raw, isCompound: true });
      continue;
    }
    const parts = partsOf(raw);
    if (parts.length >= 2) {
      const key = parts.map(singular).join("_");
      if (key.length >= 5) terms.set(key, { key, text: raw, isCompound: true });
    }
    for (const part of parts) {
      const key = stem(part);
      if (key.length >= 3 && !common.has(part) && !common.has(singular(part))) {
        if (!terms.has(key)) terms.set(key, { key, text: part, isCompound: false });
      }
    }
  }
  return terms;
}

/** How often each raw word occurs: what tells moved code from changed code. */
export function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const raw of rawWords(text)) counts.set(raw, (counts.get(raw) ?? 0) + 1);
  return counts;
}

/** `orderService`, `order_service` and `order-service` as `["order", "service"]`. */
export function partsOf(raw: string): string[] {
  return raw
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== "" && !/^\d+$/.test(part))
    .map((part) => part.toLowerCase());
}

/** Suffixes of names on the public internet; internal ones end in svc, local, internal, … */
export const publicHost =
  /\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|net|org|io|dev|cloud|co|app|ai|eu|us|uk|de|fr|jp|in|cn|br|au|ca|nl|biz|info|gov|edu)\b/gi;

/** Words and names as written, and hosts whole besides. */
function rawWords(text: string): string[] {
  const head = text.slice(0, textCharsMax);
  const words = head.match(/[A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*/g) ?? [];
  return head.includes(".") ? [...words, ...(head.match(publicHost) ?? [])] : words;
}

/** Plural to singular, nothing more. */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.length > 3 && /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Five letters are enough for expired/expiry/expires to meet; plain words weigh little anyway. */
function stem(word: string): string {
  const base = singular(word);
  return base.length > 5 ? base.slice(0, 5) : base;
}

/** Words of logs, code and English too common to tie a change to a symptom. */
const common = new Set(
  `the and for with from that this was are not has have had but its into than then when while will
  can could should would may might must all any each every only one two new old off out per via
  after before above below over under between during about error err failed fail failing failure
  exception warn warning info debug trace log logger message msg status code http https get post
  put delete patch request requests response service services server client handler host port url
  path route api svc returned return returning returns call caller called calling result results
  value values data item items list count total number num size type name key id ref user users
  func function def class const let var val int int64 string str bool boolean true false nil null
  none undefined struct import package public private static void async await else elif switch case
  break continue try catch finally throw throws raise self ctx context background test tests main
  app src lib pkg internal cmd com org www net github golang python java node npm deploy version
  start started starting stop stopped rate ratio seconds sec minute minutes hour pct percent avg
  max min sum p50 p95 p99 duration latency time timestamp now day days line lines file files
  object array map set add added remove removed update updated change changed use used using
  chore feat fix refactor docs style perf build revert merge branch tidy handle handled support
  does exist found default other same more less last first next high low up down top upstream
  downstream unavailable exceeded elevated sustained rising level
  spike observed threshold monitor alert alarm`.split(/\s+/),
);
