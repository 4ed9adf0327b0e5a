import type { Clock } from "../../core/clock.ts";

const callersMax = 10_000;

export interface RateLimit {
  /** Seconds to wait, or 0 when the request may go on. */
  take(caller: string): number;
}

/** One token bucket per caller: `burst` at once from rest, then `perSecond`. */
export function rateLimit(burst: number, perSecond: number, clock: Clock): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(caller) {
      const now = clock.now();
      const bucket = buckets.get(caller) ?? { tokens: burst, at: now };
      const refilled = bucket.tokens + ((now - bucket.at) / 1_000) * perSecond;
      const tokens = Math.min(burst, refilled);
      const granted = tokens >= 1;
      // Last used goes last, so that the oldest can be forgotten when there are too many.
      buckets.delete(caller);
      buckets.set(caller, { tokens: granted ? tokens - 1 : tokens, at: now });
      const oldest = buckets.keys().next().value;
      if (buckets.size > callersMax && oldest !== undefined) buckets.delete(oldest);
      return granted ? 0 : Math.max(1, Math.ceil((1 - tokens) / perSecond));
    },
  };
}
