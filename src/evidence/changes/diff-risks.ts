import type { Effect } from "./effects.ts";

/** A line pattern that, on one side of a diff only, is known to hurt. */
export interface LineRule {
  readonly kind: string;
  readonly phrase: string;
  readonly pattern: RegExp;
  readonly effects: readonly Effect[];
  readonly risk: number;
  /** Also count the effects that the surrounding words speak of. */
  readonly isGeneric?: boolean;
}

/** Protections whose loss hurts: matched in removed lines more often than in added ones. */
export const gone: readonly LineRule[] = [
  {
    kind: "limit-removed",
    phrase: "removed a limit",
    pattern:
      /\bLIMIT\s+[\d:$?@%{]|\.limit\(|\bTOP\s+\d|\.take\(|page_?size|max_?(rows|results|items|entries|depth|length|bytes|conc|conn)|\blru\b|\bmax:\s*\d/i,
    effects: ["query", "memory", "cpu", "timeout"],
    risk: 3,
  },
  {
    kind: "release-removed",
    phrase: "removed a release of a resource",
    pattern:
      /\.(close|release|end|dispose|unlock|free|destroy|disconnect|done|stop|putconn|cancel)\s*\(|\bfinally\b|\bdefer\b|\busing\s*\(|^\s*(async )?with\s+\S/i,
    effects: ["connections", "memory", "lock", "timeout"],
    risk: 3,
  },
  {
    kind: "index-removed",
    phrase: "removed an index",
    pattern: /create\s+(unique\s+)?index|add_?index|@index|index:\s*true/i,
    effects: ["query", "cpu", "lock", "timeout"],
    risk: 3,
  },
  {
    kind: "brake-removed",
    phrase: "removed a brake on repeated calls",
    pattern:
      /backoff|jitter|debounce|throttl|rate_?limit|limiter|semaphore|breaker|bulkhead|\brand(om)?\b/i,
    effects: ["amplification", "cpu", "timeout", "connections", "cache"],
    risk: 2.5,
  },
  {
    kind: "cache-removed",
    phrase: "removed a cache",
    pattern: /cache|memoi|\blru\b/i,
    effects: ["cache", "amplification", "query", "cpu", "timeout"],
    risk: 2.2,
  },
  {
    kind: "batch-removed",
    phrase: "removed a batched call",
    pattern:
      /batch|bulk|get_?many|multi_?get|\bmget\b|\bIN\s*\(|= ?ANY\s*\(|preload|eager|select_related|\bJOIN\b|dataloader/i,
    effects: ["amplification", "query", "cpu", "timeout", "connections"],
    risk: 2.5,
  },
  {
    kind: "acknowledgement-removed",
    phrase: "no longer confirms work that is done",
    pattern: /\.(ack|nack|commit|flush)\s*\(/i,
    effects: ["queue", "loss", "lock"],
    risk: 2.5,
  },
  {
    kind: "environment-removed",
    phrase: "no longer reads a setting of the environment",
    pattern: /process\.env\.(\w+)|getenv|os\.environ|\bENV\[/,
    effects: ["connectivity", "missing", "auth", "crash"],
    risk: 1.8,
  },
  {
    kind: "check-removed",
    phrase: "removed a check",
    pattern:
      /^\s*(if|unless|assert|require|guard|elif|else if|when)\b|valid|verify|saniti[sz]e|\?\.|\?\?|\bcatch\b|\bexcept\b|\brescue\b/i,
    effects: ["crash"],
    risk: 1.8,
    isGeneric: true,
  },
  {
    kind: "allowance-removed",
    phrase: "removed a named constant",
    pattern: /^\s*(export\s+)?(const|let|var|static|final|[A-Z][A-Z0-9_]+\s*=)\b.*=.*\d/,
    effects: [],
    risk: 1.8,
    isGeneric: true,
  },
  {
    kind: "grant-removed",
    phrase: "removed a permission, route or registration",
    pattern: /grant|allow|permission|\brole|scope|register|\.use\(|actions?:|policy|secret|env:/i,
    effects: ["auth", "missing"],
    risk: 1.8,
    isGeneric: true,
  },
];

/** Dangers that arrive: matched in added lines more often than in removed ones. */
export const come: readonly LineRule[] = [
  {
    kind: "index-dropped",
    phrase: "drops an index",
    pattern: /drop\s+index|drop_?index|remove_?index/i,
    effects: ["query", "cpu", "lock", "timeout"],
    risk: 3,
  },
  {
    kind: "schema-changed",
    phrase: "changes the schema under running code",
    pattern: /drop\s+(column|table)|rename\s+(column|table|to)|alter\s+(table|column)|not\s+null/i,
    effects: ["schema", "missing", "lock"],
    risk: 2.5,
  },
  {
    kind: "scan-forced",
    phrase: "makes the database read more rows",
    pattern:
      /like\s+['"]%|\bilike\b|\blower\s*\(|::text|\bcast\s*\(|to_char\(|(?<!new )\bdate\(\w+\)\s*[<>=]|order by random|select \*|count\(\*\)/i,
    effects: ["query", "cpu", "timeout"],
    risk: 2,
  },
  {
    kind: "lock-added",
    phrase: "takes a lock",
    pattern:
      /for update|\.lock\(|\bsynchronized\b|lock table|serializable|advisory_?lock|mutex|\btx\(|transaction\(/i,
    effects: ["lock", "timeout", "connections"],
    risk: 1.8,
  },
  {
    kind: "blocking-added",
    phrase: "blocks the thread",
    pattern: /\w+Sync\(|\bsleep\s*\(|while\s*\(?\s*(true|1)\b|pbkdf|scrypt|bcrypt|new RegExp/i,
    effects: ["cpu", "timeout", "connections"],
    risk: 1.8,
  },
  {
    kind: "registered-forever",
    phrase: "registers something that is never removed",
    pattern: /addEventListener|\.on\(['"]|setInterval\(|subscribe\(|\bgo func\b|new Thread/i,
    effects: ["memory", "connections", "cpu"],
    risk: 1.5,
  },
  {
    kind: "verbosity-raised",
    phrase: "writes more logs",
    pattern: /log_?level.*(debug|trace)|\b(debug|trace|verbose)\b/i,
    effects: ["disk", "loss", "cpu"],
    risk: 1.2,
  },
  {
    kind: "traffic-denied",
    phrase: "lets less traffic through",
    pattern:
      /kind:\s*NetworkPolicy|policyTypes|\b(?:in|e)gress:\s*\[\]|\bdeny[-_ ](?:all|in|e)|"Deny"/i,
    effects: ["connectivity", "timeout", "auth"],
    risk: 2.2,
  },
  {
    kind: "wait-added",
    phrase: "calls something remote",
    pattern:
      /\bfetch\(|axios|requests\.|http\.(get|post|new)|client\.\w+\(|\.(execute|invoke|query\w*)\(\s*[^)\s]/i,
    effects: ["timeout", "amplification", "connectivity"],
    risk: 1,
  },
];
