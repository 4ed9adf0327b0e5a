import { checkoutErrors } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { badDeploy, decoyDeploy, decoyFlag } from "./steps.ts";

/** A release keeps one database connection for each declined card, until there are none left. */
export const connectionLeak: Fault = {
  name: "connection-leak",
  folder: "04-drifting-pine",
  id: "INC-4123",
  title: "Checkouts fail at the storefront",
  alarm: checkoutErrors,
  seconds: { total: 780, baseline: 270 },
  onsetLog: "timeout exceeded when trying to connect",
  steps: [
    badDeploy(285, {
      service: "payment",
      file: "services/payment/ledger.ts",
      release: "releases/payment-connection-leak/ledger.ts",
      title: "Keep declined charges out of the ledger",
      author: "Ana Duarte",
    }),
    decoyDeploy(400, "Start the country counters at zero"),
    decoyDeploy(455, "Show five reviews on the product page"),
    decoyFlag(490, "new-search", "Priya Raman"),
  ],
  truth: {
    kind: "fault",
    services: ["payment"],
    resources: ["payment/db-pool"],
    blastRadius: ["checkout", "storefront"],
    remediation: "rollback",
    priority: "P0",
    priorityReason:
      "Nobody can buy any more: all payments fail, and cards are charged without an order being kept.",
  },
};
