import { metrics } from "@opentelemetry/api";
import { query } from "../../lib/db.ts";

/** Depth and age of the queue, read from its table at each export. */
export function watchQueue(): void {
  const meter = metrics.getMeter("shop.worker");
  const depth = meter.createObservableGauge("queue.depth", { unit: "{job}" });
  const age = meter.createObservableGauge("queue.oldest_age", { unit: "s" });
  meter.addBatchObservableCallback(
    async (result) => {
      const [row] = await query<{ depth: number; age: number }>(
        `SELECT count(*)::int AS depth,
                coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS age
           FROM jobs WHERE status = 'waiting'`,
      );
      if (!row) return;
      result.observe(depth, row.depth);
      result.observe(age, row.age);
    },
    [depth, age],
  );
}
