import { metrics } from "@opentelemetry/api";

const meter = metrics.getMeter("shop.business");
const attempts = meter.createCounter("checkout.attempts", { unit: "{order}" });
const completed = meter.createCounter("checkout.completed", { unit: "{order}" });
const placed = meter.createCounter("orders.placed", { unit: "{order}" });
const failed = meter.createCounter("orders.failed", { unit: "{order}" });
const revenue = meter.createCounter("revenue", { unit: "EUR" });

for (const country of ["DE", "FR", "GB", "NL", "US"]) {
  attempts.add(0, { country });
  completed.add(0, { country });
  placed.add(0, { country });
  revenue.add(0, { country });
}

// An attempt is counted when it ends, together with how it ended: else those under way would look
// like failures in every interval.

export function orderPlaced(country: string, totalCents: number): void {
  attempts.add(1, { country });
  completed.add(1, { country });
  placed.add(1, { country });
  revenue.add(totalCents / 100, { country });
}

export function orderFailed(country: string, reason: string): void {
  attempts.add(1, { country });
  // A declined card or a sold-out product is an answer; only our own faults are not.
  if (reason === "declined" || reason === "sold-out") completed.add(1, { country });
  failed.add(1, { country, reason });
}
