import type { Meaning, ResourceKind, SignalKind } from "./metric-meaning.ts";

/** The words of metric names by what they tell; a name is split at case and punctuation. */
export const words = {
  latency: set("latency latencies duration durations elapsed rtt delay ttfb mrt"),
  errors: set(
    "error errors err fail failed failure failures failing exception exceptions fault faults 5xx 4xx " +
      "500 502 503 504 throttle throttled throttles throttling reject rejected rejection rejections " +
      "timeout timeouts oom oomkilled killed crash crashes restart restarts drop dropped drops " +
      "discarded abort aborted abandoned retry retries retrans retransmit retransmits " +
      "retransmitted retransmission retransmissions unauthorized denied evicted " +
      "evictions loss lost bad deadlock deadlocks unhealthy missing stale panic panics declined " +
      "decline declines exceeded mismatch mismatches invalid malformed corrupt corrupted null nulls " +
      "duplicate duplicates unavailable hang hung",
  ),
  /** Errors of a resource itself rather than of requests, when beside a resource's word. */
  ownErrors: set("packet packets tcp net network nic throttled throttling throttle cfs keys"),
  availability: set(
    "availability available_ratio success successes successful succee uptime healthy up hit hits",
  ),
  counted: set("num count counter total hit hits requests events"),
  traffic: set(
    "request requests req reqs rps qps tps rpm call calls throughput workload invocation invocations " +
      "operations ops hits rate messages events records traffic queries query transactions counter " +
      "2xx 3xx",
  ),
  business: set(
    "order orders revenue sale sales checkout checkouts purchase purchases signup signups booking " +
      "bookings conversion conversions payment payments cart carts adoption adoptions subscription " +
      "subscriptions gmv income turnover shipment shipments delivery deliveries login logins " +
      "visitors pageviews users",
  ),
  /** What a company earns or loses by, whatever word follows: `conversion_rate`. */
  outcome: set(
    "conversion conversions revenue gmv sales turnover approval approvals abandonment bounce refund " +
      "refunds chargeback chargebacks churn cancellation cancellations complaint complaints coupon " +
      "coupons discount discounts redemption redemptions basket",
  ),
  /** Outcomes that a company wants few of. */
  regretted: set(
    "abandonment bounce refund refunds chargeback chargebacks churn cancellation cancellations " +
      "complaint complaints coupon coupons discount discounts redemption redemptions",
  ),
  reversed: set(
    "free freeable available avail remaining idle headroom left spare credit credits balance",
  ),
  share: set("ratio pct perc percent percentage share utilization utilisation usage util"),
  used: set("used usage utilization utilisation util saturation"),
  /** Words beside `time` that make it a duration and no point in time. */
  timed: set("response result service wait avg average mean processing ping query request"),
  age: set("lag age behind freshness staleness"),
  node: set("node host instance machine hypervisor"),
  load: set("load load1 load5 load15"),
};

/** The first that a name has a word of tells what runs short. */
export const resourceWords: readonly (readonly [ResourceKind, ReadonlySet<string>])[] = [
  ["expiry", set("expiry expires expiration expire notafter validity certificate cert")],
  [
    "pool",
    set(
      "pool connection connections conn conns slot slots pooled checkedout socket sockets sess " +
        "session sessions clients",
    ),
  ],
  [
    "queue",
    set(
      "queue queued backlog depth pending lag inflight outstanding waiting unacked buffer age behind " +
        "freshness staleness locks blocked",
    ),
  ],
  [
    "threads",
    set(
      "thread threads goroutine goroutines worker workers eventloop fds handles concurrent " +
        "concurrency",
    ),
  ],
  ["cpu", set("cpu gpu load1 load5 load15 processor throttled_seconds cfs")],
  ["memory", set("memory mem heap rss swap gc fgc fgct ygc jvm workingset oom oomkilled")],
  [
    "disk",
    set(
      "disk disks dsk diskio localdisk fs filesystem volume inode inodes storage iops fsio io wal",
    ),
  ],
  [
    "network",
    set(
      "network net receive received transmit transmitted rx tx packet packets bandwidth tcp ingress " +
        "egress",
    ),
  ],
];

/** A name as words, that together say something else than each of them. */
interface Phrase {
  readonly pattern: RegExp;
  readonly signal: SignalKind;
  readonly resource?: ResourceKind;
  readonly harm: Meaning["harm"];
}

/** Names of widespread exporters and clouds, and those that are short for something. */
export const phrases: readonly Phrase[] = [
  // Kubernetes, load balancers and container services count what runs and what does not.
  {
    pattern: /\bun ?healthy (host|node|target)|replicas unavailable|waiting reason|\bnot ready\b/,
    ...{ signal: "resource", resource: "instances", harm: "up" },
  },
  {
    pattern:
      /healthy (host|node|target)|replicas (available|ready)|status ready|(running|ready) (task|pod|replica)/,
    ...{ signal: "resource", resource: "instances", harm: "down" },
  },
  // What an objective may still spend is no share of requests.
  { pattern: /\bburn rate|error budget/, signal: "other", harm: "either" },
  { pattern: /under ?replicated|terminated reason/, signal: "errors", harm: "up" },
  { pattern: /^on off state$/, signal: "availability", harm: "down" },
  // Clouds: what waits in a queue, and what a burst may still use.
  {
    pattern: /messages (not )?(visible|ready|unacknowledged|delayed)|\bdlq\b|dead ?letter/,
    ...{ signal: "resource", resource: "queue", harm: "up" },
  },
  { pattern: /messages? (sent|received|deleted|in)\b/, signal: "traffic", harm: "either" },
  { pattern: /cpu (surplus )?credit balance/, signal: "resource", resource: "cpu", harm: "down" },
  { pattern: /burst balance/, signal: "resource", resource: "disk", harm: "down" },
  { pattern: /system load|load average/, signal: "resource", resource: "cpu", harm: "up" },
  // What a pipeline delivers is what its owners live by.
  {
    pattern: /\b(rows?|records|files) (loaded|written|ingested|delivered|count)\b|partition rows/,
    ...{ signal: "business", harm: "down" },
  },
  // Single letters of dashboards: response time, success and response rate, counts.
  { pattern: /^(rt|mrt|avg time)$/, signal: "latency", harm: "up" },
  { pattern: /^(sr|rr)$/, signal: "availability", harm: "down" },
  { pattern: /^(cnt|num|count)$/, signal: "traffic", harm: "either" },
];

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
