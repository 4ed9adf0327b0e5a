import { log } from "../../lib/log.ts";

const warehouses = 220;
const positions = 500_000;

/**
 * Compares the stock of every warehouse with every other, all pairs, in this process. Lets other
 * work in between two rows of the comparison, and only then.
 */
export function reconcileStock(untilMs: number, row = 0): void {
  if (Date.now() >= untilMs) {
    log.info("stock reconciliation finished", { job: "stock-reconciliation" });
    return;
  }
  comparePairs(row);
  setTimeout(() => reconcileStock(untilMs, row + 1), 25);
}

function comparePairs(row: number): number {
  let differences = 0;
  for (let other = 0; other < warehouses * positions; other += 1) {
    differences += (row * 31 + other * 17) % 7 === 0 ? 1 : 0;
  }
  return differences;
}
