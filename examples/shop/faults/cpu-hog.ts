import { browseWarning } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag, event } from "./steps.ts";

/** The scheduled stock comparison runs inside the inventory service and leaves it little time. */
export const cpuHog: Fault = {
  name: "cpu-hog",
  folder: "12-lunar-thicket",
  id: "INC-4158",
  title: "Product pages are slow",
  alarm: browseWarning,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(325, "Open the office category"),
    {
      ...event(390, (system) => system.operate("inventory", "/reconcile", { forMs: 420_000 })),
      onset: true,
    },
    decoyFlag(405, "new-search", "Priya Raman"),
    decoyDeploy(435, "Do not tax Gibraltar"),
  ],
  truth: {
    kind: "fault",
    services: ["inventory"],
    resources: ["inventory/cpu", "inventory/event-loop"],
    blastRadius: ["checkout", "storefront"],
    remediation: "reschedule",
    priority: "P2",
    priorityReason:
      "Product pages are several times slower for everyone and checkouts slower, but they succeed and orders are unchanged.",
  },
};
