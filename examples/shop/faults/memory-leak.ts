import { storefrontErrors } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, event } from "./steps.ts";

/**
 * A cache without a bound has been in the catalog for long. A partner starts to ask for feed pages
 * that are all different, the heap fills, the process dies and is started again, and so on.
 */
export const memoryLeak: Fault = {
  name: "memory-leak",
  folder: "08-hollow-river",
  id: "INC-4140",
  title: "Storefront answers with errors from time to time",
  alarm: storefrontErrors,
  seconds: { total: 780, baseline: 270 },
  steps: [
    decoyDeploy(320, "Log released reservations"),
    { ...event(360, (system) => system.crowd({ feedPagesPerSecond: 6 })), onset: true },
    decoyFlag(400, "new-search", "Priya Raman"),
    decoyDeploy(440, "Show amount and status of a charge to support"),
  ],
  truth: {
    kind: "fault",
    services: ["catalog"],
    resources: ["catalog/memory"],
    blastRadius: ["checkout", "storefront"],
    remediation: "restart",
    priority: "P1",
    priorityReason:
      "Every few minutes the whole shop fails for some seconds, for everyone, carts and orders included; it comes back by itself but will not stop.",
  },
};
