import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madePoints, madeSeries, ripple } from "../testing/made-series.ts";
import { rankCorrelation } from "./correlation.ts";

const span = { from: 0, to: 1e12 };
const noise = ripple(3);
const made = (value: (i: number) => number, from = 0, step = 60_000, count = 40) =>
  madeSeries("a", "m", madePoints(count, value, from, step));
const wave = made((i) => noise(i) + i / 10);

describe("rank correlation", () => {
  it("is 1 with any rising function of itself, and -1 with any falling one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 900 }),
        (power, scale) => {
          const image = (sign: number) =>
            made((i) => sign * scale * (wave.points.values[i]! + 5) ** power);
          expect(rankCorrelation(wave, image(1), span)).toBeCloseTo(1, 6);
          expect(rankCorrelation(wave, image(-1), span)).toBeCloseTo(-1, 6);
        },
      ),
    );
  });

  it("is not made by one spike in common", () => {
    const spiky = (seed: number) => made((i) => (i === 20 ? 1e6 : ripple(seed)(i)));
    expect(Math.abs(rankCorrelation(spiky(1), spiky(2), span))).toBeLessThan(0.5);
  });

  it("is the same either way round, and compares points that are nearest in time", () => {
    const coarse = made((i) => i, 10_000, 120_000, 20);
    const fine = made((i) => i);
    expect(rankCorrelation(coarse, fine, span)).toBeGreaterThan(0.98);
    expect(rankCorrelation(fine, coarse, span)).toBeCloseTo(rankCorrelation(coarse, fine, span), 9);
  });

  it("is not known from fewer than eight points, and says nothing of a constant", () => {
    expect(
      rankCorrelation(
        made((i) => i, 0, 60_000, 7),
        wave,
        span,
      ),
    ).toBeNaN();
    const constant = rankCorrelation(
      made(() => 4),
      wave,
      span,
    );
    expect(constant || 0).toBe(0);
  });
});
