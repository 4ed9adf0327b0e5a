import { log } from "../../lib/log.ts";

/** One stretch of comparing, and the gap after it in which other work gets its turn. */
const stretchMs = 200;
const gapMs = 40;

/**
 * Compares the stock of every warehouse with every other, all pairs, in this process. Lets other
 * work in between two stretches, and only then: each turn of a request waits for a whole one.
 */
export function reconcileStock(untilMs: number, seen = { pairs: 0, differences: 0 }): void {
  if (Date.now() >= untilMs) {
    log.info("stock reconciliation finished", { job: "stock-reconciliation", ...seen });
    return;
  }
  const endMs = performance.now() + stretchMs;
  while (performance.now() < endMs) compareNext(seen);
  setTimeout(() => reconcileStock(untilMs, seen), gapMs);
}

function compareNext(seen: { pairs: number; differences: number }): void {
  const end = seen.pairs + 100_000;
  for (; seen.pairs < end; seen.pairs += 1) {
    if ((seen.pairs * 17) % 7 === 0) seen.differences += 1;
  }
}
