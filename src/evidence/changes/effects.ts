/**
 * What a fault looks like from outside. Symptoms and diffs are both read into these, so that a
 * change can be asked: would you produce what is seen? Words are those of databases, runtimes,
 * protocols and monitoring in general, never of one system.
 */
export type Effect =
  | "query"
  | "memory"
  | "connections"
  | "cpu"
  | "amplification"
  | "timeout"
  | "auth"
  | "schema"
  | "missing"
  | "crash"
  | "cache"
  | "lock"
  | "disk"
  | "queue"
  | "value"
  | "connectivity"
  | "loss";

const words: readonly (readonly [Effect, RegExp])[] = [
  [
    "query",
    /slow (query|statement)|\b(sql|quer(y|ies))\b|\bdb[_ .](\w+[_ .]){0,3}(query|cpu|latency|duration|statement)|rows?[_ ](examined|scanned|read)|(full|seq\w*|table)[_ -]?scan|select\b.{0,200}\bfrom\b|order by|where\b/i,
  ],
  ["memory", /\boom|out of memory|\bheap|memory|[_ ]rss\b|gc[_ ]pause|garbage|accumulat/i],
  [
    "connections",
    /\bpool|too many (open|connections|clients)|connection.{0,20}(exhaust|limit|slot|leak|pool)|acquir|file descriptor|emfile|idle in transaction|goroutine|[_ ]threads?\b|db[_ ]connections|max_?conn/i,
  ],
  ["cpu", /\bcpu|event[_ ]loop|cpu[_ ]throttl|saturat|spin|busy/i],
  [
    "amplification",
    /throttl|rate[_ -]?limit|\b429\b|quota|too many requests|capacity|(calls|queries|requests|writes|reads|statements)[_ ]per|\bqps\b|retr(y|ies)|fan.?out|consumed|[_ ]count\b|stampede/i,
  ],
  ["timeout", /time[ds]?[_ -]?out|deadline|took too long|etimedout|\b504\b|\b408\b|aborted/i],
  [
    "auth",
    /\b40[13]\b|unauthori[sz]ed|forbidden|token|\bjwt|credential|permission|access ?denied|signature|login|\bauth(n|z|entication)?\b|claims|session|\bscopes?\b/i,
  ],
  [
    "schema",
    /does not exist|no such (table|column)|unknown (column|field)|undefined column|(missing|invalid) column|unmarshal|deseriali[sz]|cannot (parse|decode)|schema|unexpected (token|field|type|end)|decod|type mismatch|migration/i,
  ],
  [
    "missing",
    /not[_ -]?found|\b404\b|no such|missing|unknown|unregistered|keyerror|enoent|does not exist/i,
  ],
  [
    "crash",
    /panic|nil pointer|null ?(pointer|reference)|typeerror|cannot read propert|is not a function|segfault|sigsegv|crash|stack overflow|uncaught|unhandled|attributeerror/i,
  ],
  ["cache", /cache|[_ ]miss|evict|stampede|hit[_ ]ratio/i],
  [
    "lock",
    /deadlock|lock[_ ](wait|time|contention)|obtain lock|contention|serialization failure|mutex|for update/i,
  ],
  ["disk", /no space|\bdisk|enospc|inode/i],
  ["queue", /[_ ]lag\b|backlog|queue|consumer|dead.?letter|\bdlq|unacked|rebalanc|redeliver/i],
  [
    "value",
    // A value may be wrong; "what is wrong?" and "something went wrong" speak of no value.
    /mismatch|incorrect|(?<!\b(?:what(?:'s| is| was)|(?:some|any)thing(?:'s| is)?|went|goes|going|gone) )\bwrong|negative|overflow|\bnan\b|rounding|reconcil|checksum|duplicate|invalid (amount|price|value)/i,
  ],
  [
    "connectivity",
    /refused|connection reset|unreachable|broken pipe|no route|econn|\bdns\b|resolv|\btls|handshake|endpoint|\bhost\b/i,
  ],
  ["loss", /dropp|discard|\blost\b|ingest|buffer (full|overflow)|flush|undelivered/i],
];

/** Every effect that a text speaks of. */
export function effectsOf(text: string): Effect[] {
  const head = text.slice(0, 4_000);
  return words.filter(([, pattern]) => pattern.test(head)).map(([effect]) => effect);
}
