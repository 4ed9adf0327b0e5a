import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { priorityLevels, ratings } from "../core/priority.ts";
import { assessPriority } from "./assess.ts";
import type { PriorityFacts } from "./facts.ts";
import { matrix } from "./matrix.ts";
import { defaultPrioritySettings, prioritySettingsSchema } from "./settings.ts";

const unknown = { state: "unknown", because: "not asked" } as const;
const measured = <T>(value: T, ...evidence: string[]) =>
  ({ state: "measured", value, evidence }) as const;

const orders = (lostShare: number, lostText: string | null = null) => ({
  kpi: "orders",
  lostShare,
  surelyLostShare: lostShare,
  lostText,
  isExcess: false,
  isDelayed: false,
  evidence: ["E2"],
});

const calm: PriorityFacts = {
  isHealthy: false,
  failingShare: measured(0),
  slowdown: measured(1),
  affected: ["storefront"],
  kpis: measured([orders(0, null)]),
  unavailable: measured({ service: "checkout", failedShare: 0, slowdown: 1, isSecondary: false }),
  isPeakHour: unknown,
  spread: { affected: 1, known: 6 },
  regulated: [],
  dataLoss: unknown,
  securityBreach: unknown,
  regulatedBreach: unknown,
};

const checkoutDown = { service: "checkout", failedShare: 1, slowdown: 1, isSecondary: false };

function assess(facts: Partial<PriorityFacts>) {
  return assessPriority({ ...calm, ...facts }, defaultPrioritySettings);
}

describe("the matrix", () => {
  it("is the table of the design, cell by cell", () => {
    const rows = ratings.map((impact) => ratings.map((severity) => matrix[impact][severity]));
    expect(rows).toEqual([
      ["P0", "P0", "P1", "P1"],
      ["P0", "P1", "P1", "P2"],
      ["P1", "P2", "P2", "P3"],
      ["P2", "P2", "P3", "P3"],
    ]);
  });

  it("can be set cell by cell, and bounds that rise are refused", () => {
    const settings = prioritySettingsSchema.parse({ matrix: { low: { low: "P2" } } });
    expect(settings.matrix.low.low).toBe("P2");
    expect(settings.matrix.high.low).toBe("P2");
    const wrong = { thresholds: { kpiLost: { critical: 0.1, high: 0.2 } } };
    expect(prioritySettingsSchema.safeParse(wrong).success).toBe(false);
    expect(prioritySettingsSchema.safeParse({ userfacing: [] }).success).toBe(false);
  });
});

describe("assessPriority", () => {
  it("says P0 when nobody can pay", () => {
    const priority = assess({
      failingShare: measured(0.35, "E1"),
      kpis: measured([orders(0.97, "−1,240 EUR")], "E2"),
      unavailable: measured(checkoutDown, "E3"),
    });
    expect(priority).toMatchObject({ level: "P0", impact: "critical", severity: "critical" });
    expect(priority.respondWithin).toBe("15 minutes");
    expect(priority.factors.map((item) => `${item.name}: ${item.statement}`)).toEqual([
      "users: 35% of requests fail at storefront, which users see.",
      "revenue and brand: “orders” is 97% below what was expected (−1,240 EUR).",
      "legal and compliance: No affected service is marked as regulated.",
      "availability: 100% of requests to checkout, a core function, fail.",
      "safety: No sign of data loss; services that suffer: 1 of 6.",
      "peak hour: Whether it is peak hour is not known (not asked).",
      "security: Whether security is affected is not known (not asked).",
    ]);
    expect(priority.factors.map((item) => item.evidence)).toEqual([
      ...[["E1"], ["E2"], [], ["E3"], []],
      ...[[], []],
    ]);
  });

  it("says P1 when the checkout of one country is broken", () => {
    const priority = assess({
      failingShare: measured(0.06),
      kpis: measured([orders(0.22, null)]),
      unavailable: measured({ ...checkoutDown, failedShare: 0.2 }),
    });
    expect(priority).toMatchObject({ level: "P1", impact: "high", severity: "high" });
  });

  it("says P2 when everything is much slower but orders go on", () => {
    const priority = assess({
      slowdown: measured(9),
      unavailable: measured({ ...checkoutDown, failedShare: 0, slowdown: 12 }),
    });
    expect(priority).toMatchObject({ level: "P2", impact: "medium", severity: "medium" });
    const unknownOrders = assess({
      slowdown: measured(9),
      kpis: unknown,
      unavailable: measured({ ...checkoutDown, failedShare: 0, slowdown: 12 }),
    });
    expect(unknownOrders.level).toBe("P1");
  });

  it("says P2 when work behind a queue stands still and nothing is lost", () => {
    const mails = { ...orders(1), kpi: "confirmations", isDelayed: true };
    const worker = { service: "worker", failedShare: 1, slowdown: 1, isSecondary: true };
    const priority = assess({ kpis: measured([orders(0), mails]), unavailable: measured(worker) });
    expect(priority).toMatchObject({ level: "P2", impact: "medium", severity: "high" });
    expect(priority.factors[1]?.statement).toContain("late rather than lost");
  });

  it("rates a loss by what is lost beyond doubt", () => {
    const few = { ...orders(0.41), surelyLostShare: 0.01 };
    expect(assess({ kpis: measured([few]) }).factors[1]?.rating).toBe("low");
  });

  it("says P1 when most tries fail and yet more orders than ever go through", () => {
    const turnedAway = {
      failingShare: measured(0.6),
      unavailable: measured({ ...checkoutDown, failedShare: 0.6 }),
    };
    expect(assess(turnedAway)).toMatchObject({ level: "P1", impact: "high", severity: "high" });
    expect(assess({ ...turnedAway, kpis: measured([orders(0.4)]) }).level).toBe("P0");
  });

  it("takes a rise of abandoned carts for a sign, not for a loss", () => {
    const carts = { ...orders(4), kpi: "abandoned carts", isExcess: true };
    const [, revenue] = assess({ kpis: measured([carts]) }).factors;
    expect(revenue).toMatchObject({ rating: "medium" });
    expect(revenue?.statement).toContain("above what was expected");
  });

  it("says P3 for a slower secondary function", () => {
    const recommendations = {
      service: "recommendations",
      failedShare: 0,
      slowdown: 3,
      isSecondary: true,
    };
    expect(assess({ unavailable: measured(recommendations) }).level).toBe("P3");
  });

  it("says P3 when nothing is wrong", () => {
    const priority = assess({ isHealthy: true });
    expect(priority).toMatchObject({ level: "P3", impact: "low", severity: "low" });
  });

  it("never counts unknown impact as low", () => {
    const priority = assess({
      failingShare: unknown,
      slowdown: unknown,
      kpis: unknown,
      unavailable: unknown,
    });
    expect(priority).toMatchObject({ level: "P2", impact: "medium", severity: "medium" });
    expect(priority.factors.map((item) => item.state)).toEqual([
      "unknown",
      "assumed",
      "assumed",
      "unknown",
      "measured",
      "unknown",
      "unknown",
    ]);
  });

  it("estimates unknown revenue from the share of failing requests, and says so", () => {
    const priority = assess({
      failingShare: measured(0.4),
      kpis: unknown,
      unavailable: measured(checkoutDown),
    });
    expect(priority.level).toBe("P0");
    const revenue = priority.factors.find((item) => item.name === "revenue and brand");
    expect(revenue).toMatchObject({ state: "assumed", rating: "high" });
  });

  it.each(["dataLoss", "securityBreach", "regulatedBreach"] as const)(
    "lets a measured %s override upward",
    (name) => {
      expect(assess({ [name]: measured(true, "E9") }).level).toBe("P0");
      expect(assess({ isHealthy: true, [name]: measured(true, "E9") }).level).toBe("P0");
    },
  );

  it("does not let words in telemetry override", () => {
    const suspected = { state: "assumed", value: true, because: "logs say so" } as const;
    expect(assess({ dataLoss: suspected }).level).toBe("P3");
  });

  it("never becomes less urgent when more requests fail or more is lost", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const level = (failing: number, lost: number, down: number) =>
      priorityLevels.indexOf(
        assess({
          failingShare: measured(failing),
          kpis: measured([orders(lost, null)]),
          unavailable: measured({ ...checkoutDown, failedShare: down }),
        }).level,
      );
    fc.assert(
      fc.property(share, share, share, share, share, share, (a, b, c, d, e, f) => {
        const [low, high] = [
          [Math.min(a, b), Math.min(c, d), Math.min(e, f)],
          [Math.max(a, b), Math.max(c, d), Math.max(e, f)],
        ] as [[number, number, number], [number, number, number]];
        expect(level(...high)).toBeLessThanOrEqual(level(...low));
      }),
    );
  });
});
