import { checkoutErrors } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, event } from "./steps.ts";

/** The payment provider, outside the system, is down; no change of the shop has to do with it. */
export const providerOutage: Fault = {
  name: "provider-outage",
  folder: "05-early-comet",
  id: "INC-4128",
  title: "Checkouts fail at the storefront",
  alarm: checkoutErrors,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(345, "Say that the card was declined"),
    decoyDeploy(375, "Log the total of an order"),
    {
      ...event(410, (system) => system.providerTrouble({ failing: 0.97, hanging: 0.35 })),
      onset: true,
    },
    decoyFlag(420, "gift-wrap", "Jonas Lind"),
  ],
  truth: {
    kind: "fault",
    services: ["novapay", "payment"],
    resources: ["payment/novapay"],
    blastRadius: ["checkout", "storefront"],
    remediation: "escalate-upstream",
    priority: "P0",
    priorityReason:
      "Practically no order goes through in any country, there is no second provider, and revenue is at zero.",
  },
};
