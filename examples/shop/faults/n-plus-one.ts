import { browseWarning } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { badDeploy, decoyDeploy, decoyFlag } from "./steps.ts";

/** A refactoring of the category page asks the database twice per product. */
export const nPlusOne: Fault = {
  name: "n-plus-one",
  folder: "06-faded-canyon",
  id: "INC-4131",
  title: "Category and product pages are slow",
  alarm: browseWarning,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(300, "Name the product in sold-out answers"),
    {
      ...badDeploy(380, {
        service: "catalog",
        file: "services/catalog/listing.ts",
        release: "releases/catalog-n-plus-one/listing.ts",
        title: "Load product card details in one place",
        author: "Priya Raman",
      }),
      onset: true,
    },
    decoyDeploy(425, "Do not tax Gibraltar"),
    decoyFlag(440, "gift-wrap", "Jonas Lind"),
  ],
  truth: {
    kind: "fault",
    services: ["catalog"],
    resources: [],
    blastRadius: ["storefront"],
    remediation: "rollback",
    priority: "P2",
    priorityReason:
      "Category pages are noticeably slower for everyone, but nothing fails and orders are unchanged.",
  },
};
