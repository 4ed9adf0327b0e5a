import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EdgePeriod, EdgeStats } from "../../core/rows.ts";
import { excessTime, medianDeviations } from "./duration-shift.ts";
import { networkGaps } from "./network-gaps.ts";
import { traceShifts } from "./shifts.ts";

function period(calls: number, gap: number): EdgePeriod {
  const durations = { meanMs: 30 + gap, p50Ms: 25 + gap, p95Ms: 60 + gap };
  return {
    ...{ calls, errors: 0, ...durations },
    ...{ gapMeanMs: gap * 1.2, gapP50Ms: gap, gapP95Ms: gap * 3 },
  };
}

function edge(caller: string, callee: string, before: number, after: number): EdgeStats {
  return { caller, callee, window: period(40, after), baseline: period(60, before) };
}

describe("networkGaps", () => {
  it("finds the endpoint all of whose ways became slow, for any delay that matters", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 2000 }), (delay) => {
        const edges = [
          edge("web", "shop", 3, 3),
          edge("web", "basic", 3, 3 + delay),
          edge("shop", "basic", 3, 3 + delay),
          edge("basic", "store", 3, 3 + delay),
          edge("shop", "store", 3, 3),
        ];
        const gaps = networkGaps(traceShifts([], edges).edges);
        expect(gaps.map((gap) => gap.service)).toEqual(["basic"]);
        expect(gaps[0]?.affected).toBe(1);
      }),
    );
  });

  it("is silent when no way became slow", () => {
    expect(networkGaps(traceShifts([], [edge("web", "shop", 3, 3)]).edges)).toEqual([]);
  });
});

describe("medianDeviations", () => {
  it("is not moved by a few slow calls, however slow", () => {
    const usual = { count: 50, mean: 5, median: 3, high: 12 };
    const spiky = { count: 50, mean: 900, median: 3, high: 9000 };
    expect(medianDeviations(spiky, usual)).toBe(0);
    expect(medianDeviations({ ...usual, median: 40 }, usual)).toBeGreaterThan(15);
  });

  it("asks for more calls where normal time has a long tail", () => {
    const tailed = { count: 8, mean: 40, median: 3, high: 220 };
    const now = { count: 8, mean: 110, median: 60, high: 240 };
    const few = medianDeviations(now, tailed);
    const many = medianDeviations({ ...now, count: 800 }, { ...tailed, count: 800 });
    expect(few).toBeLessThan(5);
    expect(many).toBeGreaterThan(15);
  });
});

describe("excessTime", () => {
  it("is the extra time of all calls, less what chance explains", () => {
    const usual = { count: 100, mean: 20, median: 18, high: 40 };
    const now = { count: 100, mean: 120, median: 118, high: 140 };
    expect(excessTime(now, usual)).toBeGreaterThan(9_000);
    expect(excessTime(now, usual)).toBeLessThanOrEqual(10_000);
    expect(excessTime(usual, usual)).toBe(0);
  });
});
