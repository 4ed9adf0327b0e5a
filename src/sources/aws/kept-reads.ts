import { systemClock } from "../../platform/clock.ts";
import type { AwsCalls } from "./answer.ts";
import { AwsStopped } from "./faults.ts";

/** How long a read serves other questions, and how many are kept where nothing else is said. */
const keptMs = 5 * 60_000;
const keptMax = 16;

/** Runs a read, or hands out what the same read (by its key) gave a moment ago. */
export type KeptReads = <T>(calls: AwsCalls, key: string, make: () => Promise<T>) => Promise<T>;

/** What several questions over one window share. A read that fails is not kept. */
export function keptReads(most: number = keptMax): KeptReads {
  const kept = new Map<string, { readonly at: number; readonly found: Promise<unknown> }>();
  return async <T>(calls: AwsCalls, key: string, make: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known && systemClock.now() - known.at < keptMs) {
      try {
        return (await known.found) as T;
      } catch (error) {
        // Whoever began the read has gone; this question goes on by itself.
        if (!(error instanceof AwsStopped) || calls.stop.aborted) throw error;
      }
    }
    const found = make();
    const entry = { at: systemClock.now(), found };
    kept.set(key, entry);
    found.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}
