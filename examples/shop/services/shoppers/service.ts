/** People: they arrive when they like, look around, sometimes buy, and lose patience. */
import { setTimeout as pause } from "node:timers/promises";
import { addressOf } from "../../lib/peers.ts";
import { journey } from "./journey.ts";

interface Crowd {
  /** Visits per second, on average. */
  visitsPerSecond: number;
  /** Share of visitors who come for one product on sale: short visit, sure to buy. */
  bargainHunters: number;
  /** Feed pages per second that a price-comparison partner fetches, each with a new cursor. */
  feedPagesPerSecond: number;
}

const crowd: Crowd = {
  visitsPerSecond: Number(process.env.SHOP_VISITS_PER_SECOND ?? 1.2),
  bargainHunters: 0,
  feedPagesPerSecond: 0,
};

process.on("message", (message: { crowd?: Partial<Crowd> }) => {
  Object.assign(crowd, message.crowd);
});
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => undefined);
process.send?.({ ready: true });

const visitsMax = 400;
let visits = 0;
void partner();

for (;;) {
  await pause(exponential(1000 / Math.max(0.01, crowd.visitsPerSecond * tide())));
  if (visits >= visitsMax) continue;
  visits += 1;
  void journey(addressOf("storefront"), Math.random() < crowd.bargainHunters).finally(() => {
    visits -= 1;
  });
}

async function partner(): Promise<void> {
  let cursor = 0;
  for (;;) {
    await pause(crowd.feedPagesPerSecond > 0 ? exponential(1000 / crowd.feedPagesPerSecond) : 500);
    if (crowd.feedPagesPerSecond === 0) continue;
    cursor += 1;
    const url = `${addressOf("storefront")}/feed?partner=pricescout&cursor=${cursor}`;
    void fetch(url, { signal: AbortSignal.timeout(5_000) })
      .then((response) => response.arrayBuffer())
      .catch(() => undefined);
  }
}

/** Traffic drifts: up to a sixth more or less over about seven minutes. */
function tide(): number {
  return 1 + 0.16 * Math.sin(Date.now() / 67_000);
}

function exponential(mean: number): number {
  return -mean * Math.log(1 - Math.random());
}
