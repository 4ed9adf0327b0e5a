import type { Imagined } from "./imagined.ts";

const innocent = {
  ...{ minute: 2, kind: "deploy" as const, service: "search", ref: "search@7.6.0" },
  title: "Rename a variable",
  diff: "--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1 +1 @@\n-const hit = first(hits);\n+const best = first(hits);\n",
};

/** Nothing is wrong, and something goes off or somebody asks. */
export const healthyIncidents: readonly Imagined[] = [
  {
    name: "flapping-threshold",
    fault: {},
    alarm: { service: "web", measure: "meanMs", threshold: 0.105, summary: "web latency flaps" },
    services: [],
  },
  {
    name: "innocent-deploy",
    fault: {},
    alarm: { service: "search", measure: "meanMs", threshold: 0.2, summary: "search latency" },
    changes: [innocent],
    services: [],
  },
  {
    name: "asked-after-deploy",
    fault: {},
    alarm: { summary: "Is everything all right after the deploy of search?" },
    changes: [innocent],
    services: [],
  },
  {
    name: "complaint",
    fault: {},
    alarm: { summary: "Users report that the shop is slow" },
    services: [],
  },
  {
    name: "complaint-without-baseline",
    fault: {},
    alarm: { service: "web", summary: "web is degraded" },
    without: ["baseline"],
    services: [],
  },
  {
    name: "quiet-logs-only",
    fault: {},
    alarm: { service: "orders", summary: "orders: errors reported" },
    without: ["metrics", "spans"],
    services: [],
  },
];
