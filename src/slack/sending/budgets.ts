import type { EpochMs } from "../../core/window.ts";

/**
 * How often each method may be called, per minute and workspace (docs.slack.dev, rate limits: tiers
 * 2, 3 and 4; posts about one a second per channel).
 */
const perMinute: Readonly<Record<string, number>> = {
  "chat.startStream": 20,
  "chat.stopStream": 20,
  "chat.appendStream": 100,
  "chat.update": 50,
  "chat.postMessage": 300,
  "chat.postEphemeral": 100,
  "reactions.add": 50,
  "reactions.remove": 50,
  "agents.sessions.setStatus": 50,
  "assistant.threads.setStatus": 60,
};
const otherwise = 50;
const postsPerChannel = 50;

/** A minute and what the way to Slack may take longer for one call than for another. */
const windowMs = 62_000;
/** Part of a minute's calls that what is not final may use; the rest is kept for what is. */
const passingShare = 0.8;

/** Calls of the last minute, and what passing states have left of theirs. */
export interface Bucket {
  readonly name: string;
  readonly limit: number;
  /** Times of the calls within the window, oldest first. */
  readonly calls: EpochMs[];
  /** Passing states are spread evenly: a quarter of their share may come at once. */
  readonly burst: number;
  tokens: number;
  at: EpochMs;
  /** Slack said to wait until then. */
  pausedUntil: EpochMs;
}

export class Budgets {
  readonly #buckets = new Map<string, Bucket>();

  /** The budgets that a call spends from. */
  of(method: string, channel: string | null, now: EpochMs): Bucket[] {
    const whole = this.#bucket(method, perMinute[method] ?? otherwise, now);
    if (method !== "chat.postMessage" || channel === null) return [whole];
    return [whole, this.#bucket(`${method}:${channel}`, postsPerChannel, now)];
  }

  #bucket(name: string, limit: number, now: EpochMs): Bucket {
    const known = this.#buckets.get(name);
    if (known) return known;
    if (this.#buckets.size > 2_000) this.#forget(now);
    const burst = name.includes(":") ? 3 : Math.ceil(limit / 4);
    const made = { name, limit, calls: [], burst, tokens: burst, at: now, pausedUntil: 0 };
    this.#buckets.set(name, made);
    return made;
  }

  /** What was not used for a minute remembers nothing worth keeping. */
  #forget(now: EpochMs): void {
    for (const [name, bucket] of this.#buckets) {
      if ((bucket.calls.at(-1) ?? 0) <= now - windowMs) this.#buckets.delete(name);
    }
  }
}

/**
 * Milliseconds until a call of this rank may be made: 0 is final, the others are passing states.
 */
export function waitMs(bucket: Bucket, rank: 0 | 1 | 2, now: EpochMs): number {
  while ((bucket.calls[0] ?? now) <= now - windowMs) bucket.calls.shift();
  refill(bucket, now);
  const most = Math.floor(bucket.limit * shareOf(bucket, rank));
  const oldest = bucket.calls[bucket.calls.length - most];
  const window = oldest === undefined ? 0 : oldest + windowMs - now;
  const isEven = isChannel(bucket) || rank > 0;
  const even = isEven && bucket.tokens < 1 ? Math.ceil((1 - bucket.tokens) / rateOf(bucket)) : 0;
  return Math.max(0, bucket.pausedUntil - now, window, even);
}

/** Notes that a call was made. */
export function spend(bucket: Bucket, now: EpochMs): void {
  bucket.calls.push(now);
  refill(bucket, now);
  bucket.tokens = Math.max(0, bucket.tokens - 1);
}

/** About how long one more call waits for each that is ahead of it. */
export function everyMs(bucket: Bucket, rank: 0 | 1 | 2): number {
  return windowMs / (bucket.limit * shareOf(bucket, rank));
}

/** A channel's posts are limited by the second: no post of any rank may come much sooner. */
function isChannel(bucket: Bucket): boolean {
  return bucket.name.includes(":");
}

function shareOf(bucket: Bucket, rank: 0 | 1 | 2): number {
  return isChannel(bucket) || rank === 0 ? 1 : passingShare;
}

function rateOf(bucket: Bucket): number {
  return (bucket.limit * shareOf(bucket, 1)) / windowMs;
}

function refill(bucket: Bucket, now: EpochMs): void {
  const grown = bucket.tokens + Math.max(0, now - bucket.at) * rateOf(bucket);
  bucket.tokens = Math.min(bucket.burst, grown);
  bucket.at = now;
}
