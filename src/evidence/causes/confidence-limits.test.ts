import { describe, expect, it } from "vitest";
import type { DiagnosisContext } from "../context.ts";
import { contestedLimit, sharedLimit } from "./confidence-limits.ts";
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
    graph: {
      callees: new Map(edges.map(([from, to]) => [from, new Set([to])])),
      callers: new Map(edges.map(([from, to]) => [to, new Set([from])])),
    },
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

describe("sharedLimit", () => {
  const saying = (service: string, pattern: string, kind = "new") =>
    scored(service, {
      kind: "log",
      log: { kind, pattern: { pattern } } as NonNullable<Sign["log"]>,
    });
  const [cart, users, orders] = ["cart", "users", "orders"].map((service) =>
    saying(service, "token rejected: <*>"),
  ) as [ServiceScore, ServiceScore, ServiceScore];
  const others = mapped([["web", "search"]]);

  it("holds each of several that newly say the same", () => {
    expect(sharedLimit(cart, [cart, users, orders], others)).toBe(0.6);
  });

  it("holds nobody for two that do, for another line, or for a line that is merely rarer", () => {
    expect(sharedLimit(cart, [cart, users], others)).toBe(1);
    expect(sharedLimit(cart, [cart, users, saying("orders", "disk full")], others)).toBe(1);
    const rarer = saying("orders", "token rejected: <*>", "fewer");
    expect(sharedLimit(cart, [cart, users, rarer], others)).toBe(1);
  });

  it("counts no caller, which may repeat what it was told", () => {
    expect(sharedLimit(cart, [cart, users, orders], mapped([["orders", "cart"]]))).toBe(1);
  });
});
