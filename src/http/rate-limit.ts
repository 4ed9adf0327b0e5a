import type { Clock } from "../core/clock.ts";
import { httpLimits } from "./limits.ts";

/** Lets a caller make `burst` requests at once and `perSecond` after that. */
export interface RateLimit {
  /** 0 when the request may pass, else the seconds to wait. */
  take(caller: string): number;
}

/** Token buckets, one per caller; the callers seen longest ago are forgotten first. */
export function rateLimit(
  clock: Clock,
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(caller) {
      const now = clock.now();
      const known = buckets.get(caller) ?? { tokens: burst, at: now };
      buckets.delete(caller);
      const since = Math.max(0, now - known.at) / 1_000;
      const tokens = Math.min(burst, known.tokens + since * perSecond);
      buckets.set(caller, { tokens: Math.max(0, tokens - 1), at: now });
      if (buckets.size > httpLimits.callersMax) {
        const [oldest] = buckets.keys();
        if (oldest !== undefined) buckets.delete(oldest);
      }
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / perSecond);
    },
  };
}
