import type { EpochMs } from "../../core/window.ts";

/**
 * How often each method may be called, per minute and workspace (docs.slack.dev, rate limits: tiers
 * 2, 3 and 4; posts about one a second per channel). A quarter may come at once, the rest evenly, so
 * that no minute ever holds more than the limit.
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

/** A budget that is spent by calls and fills up again with time. */
export interface Bucket {
  readonly name: string;
  readonly size: number;
  readonly perMs: number;
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
    return [whole, this.#bucket(`${method}:${channel}`, postsPerChannel, now, 3)];
  }

  #bucket(name: string, limit: number, now: EpochMs, burst = Math.ceil(limit / 4)): Bucket {
    const known = this.#buckets.get(name);
    if (known) return known;
    if (this.#buckets.size > 2_000) this.#forget(now);
    const perMs = (limit - burst) / 60_000;
    const made: Bucket = { name, size: burst, perMs, tokens: burst, at: now, pausedUntil: 0 };
    this.#buckets.set(name, made);
    return made;
  }

  /** Full buckets remember nothing worth keeping. */
  #forget(now: EpochMs): void {
    for (const [name, bucket] of this.#buckets) {
      if (waitMs(bucket, now) === 0 && bucket.tokens >= bucket.size - 1) this.#buckets.delete(name);
    }
  }
}

/** Milliseconds until a call may be made; refills as a side effect. */
export function waitMs(bucket: Bucket, now: EpochMs): number {
  const grown = bucket.tokens + (now - bucket.at) * bucket.perMs;
  bucket.tokens = Math.min(bucket.size, grown);
  bucket.at = now;
  const paused = Math.max(0, bucket.pausedUntil - now);
  if (bucket.tokens >= 1) return paused;
  return Math.max(paused, Math.ceil((1 - bucket.tokens) / bucket.perMs));
}
