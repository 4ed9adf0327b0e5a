import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finite, median, quantile, slope, summarise } from "./robust.ts";

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });

describe("quantile", () => {
  it("agrees with sorting, for any sample and any share", () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const at = q * (sorted.length - 1);
        const low = sorted[Math.floor(at)]!;
        const high = sorted[Math.ceil(at)]!;
        const wanted = low + (high - low) * (at - Math.floor(at));
        expect(quantile(values, q)).toBeCloseTo(wanted, 6);
      }),
    );
  });

  it("ignores what is not a number and says so for an empty sample", () => {
    expect(median([Number.NaN, 3, Number.POSITIVE_INFINITY])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe("summarise", () => {
  it("keeps its level when less than half of the points are replaced by anything", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.double({ min: 1e3, max: 1e9 }),
        (bad, value) => {
          const values = Array.from({ length: 20 }, (_, i) => (i < bad ? value : 100 + (i % 3)));
          expect(summarise(values).median).toBeLessThanOrEqual(102);
        },
      ),
    );
  });

  it("sees scatter in a series that is mostly one value", () => {
    const values = Array.from({ length: 100 }, (_, i) => (i % 7 === 0 ? 30 : 0));
    expect(summarise(values).noise).toBeGreaterThan(5);
  });
});

describe("finite", () => {
  it("thins evenly to the wanted number of points", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(finite(values, 10)).toEqual(
      Float64Array.from([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]),
    );
  });
});

describe("slope", () => {
  it("recovers the slope of a line", () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (rate) => {
        expect(slope(Array.from({ length: 10 }, (_, i) => 5 + rate * i))).toBeCloseTo(rate, 6);
      }),
    );
  });
});
