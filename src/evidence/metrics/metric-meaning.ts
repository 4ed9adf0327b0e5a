import type { Layer } from "../../core/outcome.ts";
import type { Series } from "../../core/rows.ts";

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

const words = {
  latency: set("latency latencies duration durations elapsed rtt delay ttfb"),
  errors: set(
    "error errors err fail failed failure failures failing exception exceptions fault faults 5xx 4xx " +
      "throttle throttled throttles throttling reject rejected rejection rejections timeout timeouts " +
      "oom oomkilled killed crash crashes restart restarts drop dropped drops discarded abort aborted " +
      "abandoned retry retries retransmits unauthorized denied evicted evictions loss lost bad " +
      "deadlock deadlocks unhealthy missing stale panic panics",
  ),
  availability: set(
    "availability available_ratio success successes successful uptime healthy up hit hits",
  ),
  traffic: set(
    "request requests req reqs rps qps tps rpm call calls throughput workload invocation invocations " +
      "operations ops hits rate messages events records traffic queries query transactions",
  ),
  business: set(
    "order orders revenue sale sales checkout checkouts purchase purchases signup signups booking " +
      "bookings conversion conversions payment payments cart carts adoption adoptions subscription " +
      "subscriptions gmv income turnover shipment shipments delivery deliveries login logins",
  ),
  reversed: set("free available remaining idle headroom left spare"),
  share: set("ratio pct percent percentage share utilization utilisation usage"),
  node: set("node host instance machine hypervisor"),
  load: set("load load1 load5 load15"),
};

const resourceWords: readonly (readonly [ResourceKind, ReadonlySet<string>])[] = [
  ["expiry", set("expiry expires expiration expire notafter validity certificate cert")],
  ["pool", set("pool connection connections conn conns slot slots pooled checkedout")],
  [
    "queue",
    set("queue queued backlog depth pending lag inflight outstanding waiting unacked buffer"),
  ],
  ["threads", set("thread threads goroutine goroutines worker workers eventloop fds handles")],
  ["cpu", set("cpu load1 load5 load15 processor throttled_seconds")],
  ["memory", set("memory mem heap rss swap gc jvm workingset oom oomkilled")],
  ["disk", set("disk diskio fs filesystem volume inode inodes storage iops fsio io wal")],
  [
    "network",
    set(
      "network net receive received transmit transmitted rx tx packet packets bandwidth " +
        "socket sockets tcp ingress egress",
    ),
  ],
];

const layerOf: Record<SignalKind, Layer> = {
  latency: "application",
  errors: "application",
  availability: "application",
  traffic: "application",
  resource: "infrastructure",
  business: "business",
  other: "application",
};

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** Lower-case words of a metric name: snake, kebab, dotted and camel case alike. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
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
  const resource = resourceOf(tokens);
  const signal = signalOf(tokens, unit, resource, series.layer);
  return {
    signal,
    resource: signal === "resource" ? resource : null,
    harm: harmOf(signal, tokens, resource),
    layer: series.layer ?? layerOf[signal],
    unit,
    isNode: hasAny(tokens, words.node),
    percentile: percentileOf(tokens),
  };
}

function resourceOf(tokens: readonly string[]): ResourceKind | null {
  for (const [kind, vocabulary] of resourceWords) if (hasAny(tokens, vocabulary)) return kind;
  const loadAverage =
    hasAny(tokens, words.load) && (hasAny(tokens, words.node) || tokens.includes("avg"));
  return loadAverage || tokens.join(" ").includes("load average") ? "cpu" : null;
}

/** Most specific word first: `checkout_errors` are errors, `db_query_latency` is a latency. */
function signalOf(
  tokens: readonly string[],
  unit: string | null,
  resource: ResourceKind | null,
  layer: Layer | null,
): SignalKind {
  if (layer === "business") return "business";
  if (!countsSomething(tokens) && (hasAny(tokens, words.latency) || isTimeOf(tokens, unit))) {
    return resource === "queue" && tokens.includes("lag") ? "resource" : "latency";
  }
  const usage = hasAny(tokens, words.share) || unit === "bytes" || unit === "%";
  if (resource === "expiry") return "resource";
  if (hasAny(tokens, words.errors) && !(resource && usage && !tokens.includes("error"))) {
    return "errors";
  }
  if (resource) return "resource";
  if (hasAny(tokens, words.availability)) return "availability";
  if (hasAny(tokens, words.business) && !hasAny(tokens, words.traffic)) return "business";
  if (hasAny(tokens, words.traffic) || hasAny(tokens, words.load)) return "traffic";
  return "other";
}

/**
 * `request.duration.count`, `request.duration.errors`: the counters that stand beside a histogram.
 */
function countsSomething(tokens: readonly string[]): boolean {
  const last = tokens.at(-1) ?? "";
  return last === "count" || last === "errors" || last === "failures";
}

/** `response_time`, `request_seconds`: a time that something takes. */
function isTimeOf(tokens: readonly string[], unit: string | null): boolean {
  const timed = unit === "ms" || unit === "s" || unit === "us" || unit === "ns";
  const spans = tokens.includes("time") && (timed || tokens.includes("response"));
  const asked = timed && (hasAny(tokens, words.traffic) || percentileOf(tokens) !== null);
  return spans || asked;
}

function harmOf(
  signal: SignalKind,
  tokens: readonly string[],
  resource: ResourceKind | null,
): Meaning["harm"] {
  if (signal === "availability" || signal === "business") return "down";
  if (signal === "latency" || signal === "errors") return "up";
  if (signal !== "resource") return "either";
  if (resource === "expiry") return "down";
  return hasAny(tokens, words.reversed) ? "down" : "up";
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
  "1": "",
};

function unitWord(unit: string): string {
  const lower = unit.toLowerCase();
  return unitNames[lower] ?? (lower === "{request}" ? "" : unit);
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
