import { metrics } from "@opentelemetry/api";

const meter = metrics.getMeter("shop.business");
const payments = meter.createCounter("payments", { unit: "{payment}" });
const since = { authorized: 0, all: 0 };

for (const outcome of ["authorized", "declined", "failed"]) payments.add(0, { outcome });

// Declined cards are the customer's business: a success is every charge that got an answer.
meter.createObservableGauge("payment.success_rate", { unit: "1" }).addCallback((result) => {
  if (since.all > 0) result.observe(since.authorized / since.all);
  since.authorized = 0;
  since.all = 0;
});

export function countPayment(outcome: "authorized" | "declined" | "failed"): void {
  payments.add(1, { outcome });
  since.all += 1;
  if (outcome !== "failed") since.authorized += 1;
}
