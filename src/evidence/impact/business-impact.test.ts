import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kpiSchema } from "../../core/objectives.ts";
import { periodsOf } from "../metrics/shift.ts";
import { madePoints, madeSeries, ripple } from "../testing/made-series.ts";
import { at, observed } from "../testing/observed.ts";
import { kpiFindings } from "./business-impact.ts";

const kpi = kpiSchema.parse({
  ...{ name: "Orders", metric: "orders", service: "shop", unit: "orders" },
  ...{ valuePerUnit: 40, currency: "EUR" },
});

/** 200 orders a minute with some noise; a share of them is missing from minute 60 on. */
function shop(missing: number, seed = 1) {
  const noise = ripple(seed);
  const value = (i: number) => 200 * (1 + 0.05 * noise(i)) * (i < 60 ? 1 : 1 - missing);
  return observed({ series: [madeSeries("shop", "orders", madePoints(90, value, at(0)))] });
}

function measured(missing: number, seed = 1) {
  const observations = shop(missing, seed);
  const periods = periodsOf(observations.window, observations.baseline);
  return kpiFindings([kpi], observations, periods)[0];
}

describe("kpiFindings", () => {
  it("covers a known loss with its interval", () => {
    let covered = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (missing, seed) => {
          const loss = measured(missing, seed)?.facts?.kpiLoss;
          const [low, high] = loss?.lostInterval ?? [Number.NaN, Number.NaN];
          const truth = 200 * 30 * missing;
          runs++;
          if (low <= truth && truth <= high) covered++;
          expect(Math.abs((loss?.lost ?? 0) - truth)).toBeLessThan(200);
        },
      ),
      { numRuns: 200 },
    );
    expect(covered / runs).toBeGreaterThan(0.8);
  });

  it("states the loss in units and money", () => {
    const finding = measured(0.4);
    expect(finding?.statement).toMatchInlineSnapshot(
      `"Orders: 3,623 orders instead of 6,057 orders expected since 11:00, 2,434 orders lost (2,332 orders to 2,536 orders)"`,
    );
    expect(finding?.facts?.kpiLoss).toMatchObject({ currency: "EUR" });
    expect(finding?.facts?.kpiLoss?.lostValue).toBeCloseTo(2400 * 40, -4);
  });

  it("calls noise normal", () => {
    expect(measured(0)?.statement).toMatch(/^Orders is as expected/);
  });

  it("counts a rise as the loss where down is good", () => {
    const reversed = { ...kpi, direction: "down-is-good" as const };
    const observations = shop(-0.5);
    const periods = periodsOf(observations.window, observations.baseline);
    const [finding] = kpiFindings([reversed], observations, periods);
    expect(finding?.facts?.kpiLoss?.lost).toBeGreaterThan(2500);
  });
});
