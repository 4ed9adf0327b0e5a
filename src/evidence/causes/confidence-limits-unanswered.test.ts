import { describe, expect, it } from "vitest";
import type { OperationStats } from "../../core/rows.ts";
import { buildCallGraph } from "../call-graph.ts";
import type { DiagnosisContext } from "../context.ts";
import { observed } from "../testing/observed.ts";
import { unansweredLimit } from "./confidence-limits.ts";
import type { ServiceScore } from "./service-ranking.ts";

const failing = (kind: "error-origin" | "log") =>
  ({
    ...{ service: "checkout", score: 0.9, explainedBy: null },
    signs: [
      { kind, service: "checkout", resource: null, strength: 0.8, isOwn: true, finding: "f" },
    ],
  }) satisfies ServiceScore;

/** Half an hour after an hour of normal time; checkout calls payment. */
const limit = (calls: { before: number; now: number }, isChanged = false, kind = failing) => {
  const { before, now } = calls;
  const payment = { service: "payment", window: { count: now }, baseline: { count: before } };
  const observations = observed({ operations: [payment as OperationStats] });
  const graph = buildCallGraph([{ from: "checkout", to: "payment", kind: "call" }], []);
  const context = { observations, graph } as unknown as DiagnosisContext;
  return unansweredLimit(kind("error-origin"), context, isChanged);
};

describe("a service that fails where it calls another", () => {
  it("is in doubt, when hardly a call reaches the other any more", () => {
    expect(limit({ before: 200, now: 20 })).toBeLessThanOrEqual(0.7);
  });

  it("is not, when calls arrive as usual, or too few to miss any", () => {
    expect(limit({ before: 200, now: 90 })).toBe(1);
    expect(limit({ before: 8, now: 0 })).toBe(1);
  });

  it("is not, when a change of its own is guilty, or nothing fails there", () => {
    expect(limit({ before: 200, now: 0 }, true)).toBe(1);
    expect(limit({ before: 200, now: 0 }, false, () => failing("log"))).toBe(1);
  });
});
