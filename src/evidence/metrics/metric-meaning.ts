import type { Layer } from "../../core/outcome.ts";
import type { Series } from "../../core/rows.ts";
import { phrases, resourceWords, words } from "./metric-words.ts";

/**
 * What a metric speaks of. The four golden signals of the SRE book, plus resources and business.
 */
export type SignalKind =
  | "latency"
  | "errors"
  | "availability"
  | "traffic"
  | "resource"
  | "business"
  | "other";

export type ResourceKind =
  | "cpu"
  | "memory"
  | "disk"
  | "network"
  | "pool"
  | "queue"
  | "threads"
  | "instances"
  | "expiry";

/**
 * What a series means: without it a fall in latency would look as bad as a fall in availability.
 */
export interface Meaning {
  readonly signal: SignalKind;
  readonly resource: ResourceKind | null;
  /**
   * Which way hurts. `either` says that a change is worth a look and neither way is bad in itself.
   */
  readonly harm: "up" | "down" | "either";
  readonly layer: Layer;
  /** `ms`, `s`, `%`, `ratio`, `bytes`, … or null when neither unit nor name says. */
  readonly unit: string | null;
  /** Measured on the machine and not on the service: all services of the machine share it. */
  readonly isNode: boolean;
  /** 0.95 for a p95, 0.5 for a median, null for means and sums. */
  readonly percentile: number | null;
}

const layerOf: Record<SignalKind, Layer> = {
  latency: "application",
  errors: "application",
  availability: "application",
  traffic: "application",
  resource: "infrastructure",
  business: "business",
  other: "application",
};

/** Lower-case words of a metric name: snake, kebab, dotted and camel case alike. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([1-5])XX/g, "_$1xx_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

function hasAny(tokens: readonly string[], vocabulary: ReadonlySet<string>): boolean {
  return tokens.some((token) => vocabulary.has(token));
}

const cache = new Map<string, Meaning>();
const cacheMax = 50_000;

/** Reads the meaning of a series from its name, unit and layer. */
export function meaningOf(
  series: Pick<Series, "metric" | "unit" | "layer"> & Partial<Pick<Series, "resource">>,
): Meaning {
  const isSpare = spareState.test(series.resource ?? "");
  const parts = [series.metric, series.unit ?? "", series.layer ?? "", isSpare ? "spare" : ""];
  const key = parts.join("\u0000");
  const known = cache.get(key);
  if (known) return known;
  const read = readMeaning(series);
  const meaning = isSpare && read.signal === "resource" ? { ...read, harm: "down" as const } : read;
  if (cache.size >= cacheMax) cache.clear();
  cache.set(key, meaning);
  return meaning;
}

/** A series per state of a resource, of the part that nobody uses: `connection.state=idle`. */
const spareState = /\bstate=(idle|free|available|unused)\b/i;

function readMeaning(series: Pick<Series, "metric" | "unit" | "layer">): Meaning {
  const tokens = wordsOf(series.metric);
  const unit = series.unit ? unitWord(series.unit) : unitFromName(tokens);
  const name = tokens.join(" ");
  const phrase = phrases.find(({ pattern }) => pattern.test(name));
  const resource = phrase?.resource ?? resourceOf(tokens);
  const signal =
    series.layer === "business" ? "business" : (phrase?.signal ?? signalOf(tokens, unit, resource));
  return {
    signal,
    resource: signal === "resource" ? resource : null,
    harm: phrase?.harm ?? harmOf(signal, tokens, resource),
    layer: series.layer ?? layerOf[signal],
    unit,
    isNode: hasAny(tokens, words.node) && phrase?.resource !== "instances",
    percentile: percentileOf(tokens),
  };
}

function resourceOf(tokens: readonly string[]): ResourceKind | null {
  for (const [kind, vocabulary] of resourceWords) if (hasAny(tokens, vocabulary)) return kind;
  const isMachine = hasAny(tokens, words.node) || tokens.includes("avg");
  return hasAny(tokens, words.load) && isMachine ? "cpu" : null;
}

/** Most specific word first: `checkout_errors` are errors, `db_query_latency` is a latency. */
function signalOf(
  tokens: readonly string[],
  unit: string | null,
  resource: ResourceKind | null,
): SignalKind {
  const isShare = hasAny(tokens, words.share) || unit === "%" || unit === "ratio";
  const isUsage = isShare || unit === "bytes";
  if (resource === "expiry" || (resource === "queue" && hasAny(tokens, words.age))) {
    return "resource";
  }
  if (isLatency(tokens, unit)) return "latency";
  if (hasAny(tokens, words.errors) && !(resource && isUsage && !tokens.includes("error"))) {
    // Packets that are dropped, cycles that are throttled and keys that fall out are no requests.
    return resource && hasAny(tokens, words.ownErrors) ? "resource" : "errors";
  }
  if (hasAny(tokens, words.outcome)) return "business";
  if (resource) return "resource";
  if (hasAny(tokens, words.availability)) {
    return isShareOfGood(tokens, isShare) ? "availability" : "traffic";
  }
  return demandOf(tokens) ?? (hasAny(tokens, words.used) && isUsage ? "resource" : "other");
}

function demandOf(tokens: readonly string[]): SignalKind | null {
  if (hasAny(tokens, words.business) && !hasAny(tokens, words.traffic)) return "business";
  return hasAny(tokens, words.traffic) || hasAny(tokens, words.load) ? "traffic" : null;
}

/** Counts of what went well rise and fall with demand; only their share tells. */
function isShareOfGood(tokens: readonly string[], isShare: boolean): boolean {
  return isShare || tokens.includes("rate") || !hasAny(tokens, words.counted);
}

/**
 * `request.duration.count`, `request.duration.errors`: the counters that stand beside a histogram.
 */
function countsSomething(tokens: readonly string[]): boolean {
  const last = tokens.at(-1) ?? "";
  return last === "count" || last === "errors" || last === "failures";
}

/** `response_time`, `request_seconds`: a time that something takes. */
function isLatency(tokens: readonly string[], unit: string | null): boolean {
  if (countsSomething(tokens)) return false;
  if (hasAny(tokens, words.latency)) return true;
  const timed = unit === "ms" || unit === "s" || unit === "us" || unit === "ns";
  const spans = tokens.includes("time") && (timed || hasAny(tokens, words.timed));
  const isAsked = hasAny(tokens, words.traffic) || tokens.includes("wait");
  const asked = timed && (isAsked || percentileOf(tokens) !== null);
  return spans || asked;
}

function harmOf(
  signal: SignalKind,
  tokens: readonly string[],
  resource: ResourceKind | null,
): Meaning["harm"] {
  if (signal === "availability") return "down";
  if (signal === "business") return hasAny(tokens, words.regretted) ? "up" : "down";
  if (signal === "latency") return "up";
  if (signal !== "resource" && signal !== "errors") return "either";
  if (resource === "expiry") return "down";
  if (signal === "resource" && resource === "network" && isVolume(tokens)) return "either";
  return hasAny(tokens, words.reversed) ? "down" : "up";
}

/** What goes over a network follows demand; only what is lost there, or a full line, hurts. */
function isVolume(tokens: readonly string[]): boolean {
  return (
    !hasAny(tokens, words.errors) && !hasAny(tokens, words.used) && !hasAny(tokens, words.share)
  );
}

function percentileOf(tokens: readonly string[]): number | null {
  for (const token of tokens) {
    const match = /^p(\d{2,3})$/.exec(token) ?? /^(50|75|90|95|99|999)$/.exec(token);
    const digits = match?.[1];
    if (digits) return Number(digits) / 10 ** digits.length;
    if (token === "median") return 0.5;
  }
  return null;
}

const unitNames: Record<string, string> = {
  milliseconds: "ms",
  millisecond: "ms",
  millis: "ms",
  msec: "ms",
  seconds: "s",
  second: "s",
  sec: "s",
  microseconds: "us",
  nanoseconds: "ns",
  percent: "%",
  pct: "%",
  percentage: "%",
  by: "bytes",
  byte: "bytes",
  none: "",
  count: "",
  "1": "",
};

function unitWord(unit: string): string {
  const lower = unit.toLowerCase();
  return unitNames[lower] ?? (/^\{\w+\}$/.test(lower) ? "" : unit);
}

function unitFromName(tokens: readonly string[]): string | null {
  for (const [index, token] of [...tokens.entries()].reverse()) {
    // Requests per second are a rate and no time.
    if (tokens[index - 1] === "per") return null;
    if (["ms", "us", "ns"].includes(token)) return token;
    if (["bytes", "ratio"].includes(token)) return token;
    const named = unitNames[token];
    if (named) return named;
  }
  return null;
}
