import type { Tool } from "../../core/tool.ts";
import { silentLogger } from "../../platform/logger.ts";
import type { McpParts } from "../parts.ts";
import { type FakeAnalyst, fakeAnalyst, fakeRunbooks } from "./fake-analyst.ts";
import { fakeTools } from "./fake-tools.ts";

/** The door's parts with a clock that moves only while something waits. */
export function fakeParts(
  change: Partial<McpParts> = {},
  tools: readonly Tool[] = fakeTools,
): McpParts & { analyst: FakeAnalyst } {
  let now = Date.parse("2026-03-01T10:00:00Z");
  const clock = { now: () => now };
  let number = 0;
  return {
    clock,
    ids: { next: (prefix) => `${prefix}_${++number}` },
    logger: silentLogger,
    version: "0.0.0",
    demos: [{ name: "pool", title: "Checkout is slow", capture: "examples/incidents/pool" }],
    isDemo: false,
    markdown: async (report) => `# ${report.title}\n\n${report.summary}\n`,
    names: {
      services: async () => ["checkout", "payment", "storefront"],
      metrics: async () => ["latency_p95", "errors"],
    },
    pause: async (ms) => {
      now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    runbooks: async () => fakeRunbooks,
    ...change,
    analyst: (change.analyst as FakeAnalyst) ?? fakeAnalyst(tools, clock),
  };
}
