import { checkoutLatency } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, event } from "./steps.ts";

/** A deal site links to one product: many times the usual visitors, most of them sure to buy. */
export const flashSale: Fault = {
  name: "flash-sale",
  folder: "10-jolly-summit",
  id: "INC-4149",
  title: "Checkout is slow",
  alarm: checkoutLatency,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(315, "Start the country counters at zero"),
    decoyDeploy(370, "Return the quantity with the stock check"),
    {
      ...event(400, (system) => system.crowd({ visitsPerSecond: 8, bargainHunters: 0.9 })),
      onset: true,
    },
    decoyFlag(415, "new-search", "Priya Raman"),
  ],
  truth: {
    kind: "fault",
    services: ["checkout"],
    resources: ["checkout/slots"],
    blastRadius: ["storefront"],
    remediation: "scale",
    priority: "P1",
    priorityReason:
      "More orders than ever go through, but a large share of buyers waits for seconds or is turned away at the busiest hour, and that revenue is lost.",
  },
};
