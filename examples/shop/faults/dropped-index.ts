import { diffOf } from "../control/releases.ts";
import { browseLatency } from "./alarms.ts";
import type { Fault } from "./fault.ts";
import { decoyDeploy, decoyFlag } from "./steps.ts";

const migration = `-- Drop indexes that the usage report of last month shows as unused.
DROP INDEX IF EXISTS reviews_product_id_idx;
`;

/** A clean-up migration drops an index that every category page needs. */
export const droppedIndex: Fault = {
  name: "dropped-index",
  folder: "02-brisk-lantern",
  id: "INC-4112",
  title: "Category and product pages are slow",
  alarm: browseLatency,
  seconds: { total: 690, baseline: 270 },
  steps: [
    decoyDeploy(330, "Show 48 products on a category page"),
    {
      at: 405,
      role: "guilty",
      onset: true,
      async run(system) {
        const file = "migrations/0043_drop_unused_indexes.sql";
        await system.sql("DROP INDEX IF EXISTS reviews_product_id_idx");
        return {
          kind: "infrastructure",
          service: "postgres",
          ref: "migration/0043",
          title: "Run migration 0043: drop unused indexes",
          author: "Ida Novak",
          files: [file],
          diff: await diffOf(file, null, migration),
        };
      },
    },
    decoyFlag(420, "new-search", "Priya Raman"),
  ],
  truth: {
    kind: "fault",
    services: ["postgres", "catalog"],
    resources: ["postgres/cpu", "postgres/database"],
    blastRadius: ["catalog", "storefront"],
    remediation: "rollback",
    priority: "P2",
    priorityReason:
      "Pages take several times longer for everyone, but they come, and orders go on; the shop is degraded, not failing.",
  },
};
