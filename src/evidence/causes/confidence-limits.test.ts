import { describe, expect, it } from "vitest";
import type { DiagnosisContext } from "../context.ts";
import { contestedLimit } from "./confidence-limits.ts";
import type { ServiceScore } from "./service-ranking.ts";
import type { Sign } from "./signs.ts";

const sign = (service: string, parts: Partial<Sign>): Sign => ({
  ...{ kind: "metric", service, resource: null, strength: 0.9, isOwn: false, finding: "f" },
  ...parts,
});
const scored = (service: string, parts: Partial<Sign>): ServiceScore => ({
  ...{ service, score: 0.5, explainedBy: null },
  signs: [sign(service, parts)],
});
const mapped = (edges: readonly (readonly [string, string])[]) =>
  ({
    graph: { callees: new Map(edges.map(([from, to]) => [from, new Set([to])])) },
  }) as unknown as DiagnosisContext;

const failing = scored("api", {});
const short = scored("db", { kind: "resource", isOwn: true });

describe("contestedLimit", () => {
  it("holds a caller whose callee runs short, and nobody beside it", () => {
    expect(contestedLimit(failing, [failing, short], mapped([["api", "db"]]))).toBe(0.6);
    expect(contestedLimit(failing, [failing, short], mapped([["db", "api"]]))).toBe(1);
  });

  it("without a map holds what shows nothing of its own beside any that runs short", () => {
    expect(contestedLimit(failing, [failing, short], mapped([]))).toBe(0.6);
    expect(contestedLimit(short, [short, scored("web", {})], mapped([]))).toBe(1);
  });
});
