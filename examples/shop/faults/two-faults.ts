import { browseWarning } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { poisonQueue } from "./poison-message.ts";
import { badDeploy, decoyDeploy, decoyFlag, event } from "./steps.ts";

/**
 * Two independent faults within two minutes: a bad release of the catalog, and a job that cannot be
 * read.
 */
export const twoFaults: Fault = {
  name: "two-faults",
  folder: "11-keen-orchard",
  id: "INC-4153",
  title: "Category and product pages are slow",
  alarm: browseWarning,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(305, "Log the total of an order"),
    {
      ...badDeploy(375, {
        service: "catalog",
        file: "services/catalog/listing.ts",
        release: "releases/catalog-n-plus-one/listing.ts",
        title: "Share the product card between pages",
        author: "Mira Okafor",
      }),
      onset: true,
    },
    event(440, poisonQueue),
    decoyFlag(455, "gift-wrap", "Jonas Lind"),
  ],
  truth: {
    kind: "fault",
    services: ["catalog", "worker"],
    resources: ["worker/queue"],
    blastRadius: ["storefront"],
    remediation: "rollback",
    priority: "P2",
    priorityReason:
      "Pages are slower and confirmations stand still, both for everyone, but orders and payments work.",
  },
};
