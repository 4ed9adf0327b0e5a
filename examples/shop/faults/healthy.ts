import { checkoutLatency } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag } from "./steps.ts";

/** Nothing is wrong: one slow checkout crossed a threshold that is set too close to normal. */
export const healthy: Fault = {
  name: "healthy",
  folder: "03-copper-valley",
  id: "INC-4119",
  title: "Slowest checkouts above 900 ms",
  alarm: {
    ...checkoutLatency,
    name: "Checkout p99 high",
    metric: "storefront.checkout.duration.p99",
    threshold: 900,
    points: 1,
    severity: "warning",
    summary: (observed) => `Checkout p99 is ${Math.round(observed)} ms (threshold 900 ms).`,
  },
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(285, "Name the order in authorization warnings"),
    decoyFlag(320, "gift-wrap", "Jonas Lind"),
    decoyDeploy(345, "Poll the queue every second"),
  ],
  truth: {
    kind: "false-alarm",
    services: [],
    resources: [],
    blastRadius: [],
    remediation: "monitor",
    priority: "P3",
    priorityReason:
      "A single ten-second value within the normal spread; errors, orders and revenue are as before.",
  },
};
