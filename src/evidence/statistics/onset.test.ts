import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madePoints, ripple } from "../testing/made-series.ts";
import { findExcursion } from "./excursion.ts";
import { findOnset } from "./onset.ts";

const stepCase = fc.record({
  at: fc.integer({ min: 20, max: 100 }),
  level: fc.double({ min: 1, max: 1000, noNaN: true }),
  factor: fc.double({ min: 1.6, max: 20, noNaN: true }),
  seed: fc.integer({ min: 1, max: 1000 }),
});

describe("findOnset", () => {
  it("places a step exactly, whatever its size and place", () => {
    fc.assert(
      fc.property(stepCase, ({ at, level, factor, seed }) => {
        const noise = ripple(seed);
        const points = madePoints(120, (i) => level * ((i < at ? 1 : factor) + 0.03 * noise(i)));
        const onset = findOnset(points);
        expect(onset?.at).toBe(at * 60_000);
        expect(onset?.interval.from).toBeLessThanOrEqual(at * 60_000);
        expect(onset?.interval.to).toBeGreaterThanOrEqual(at * 60_000);
        expect(onset?.levelAfter).toBeGreaterThan(level);
      }),
    );
  });

  it("places a fall as well as a rise", () => {
    const points = madePoints(60, (i) => (i < 40 ? 100 : 20) + (i % 3));
    expect(findOnset(points)).toMatchObject({ at: 40 * 60_000, isRamp: false });
    expect(findOnset(points)?.strength).toBeLessThan(-3);
  });

  it("traces a slow climb back to where it began", () => {
    const points = madePoints(120, (i) => 100 + Math.max(0, i - 60) * 5 + (i % 4));
    const onset = findOnset(points);
    expect(onset?.isRamp).toBe(true);
    expect(Math.abs((onset?.at ?? 0) / 60_000 - 60)).toBeLessThanOrEqual(4);
  });

  it("finds nothing in noise", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
        const noise = ripple(seed);
        expect(findOnset(madePoints(120, (i) => 100 + 5 * noise(i)))).toBeNull();
      }),
    );
  });
});

describe("findExcursion", () => {
  it("finds a stretch that came and went, with both ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 3, max: 30 }),
        fc.integer({ min: 1, max: 500 }),
        (from, length, seed) => {
          const noise = ripple(seed);
          const inside = (i: number) => i >= from && i < from + length;
          const points = madePoints(120, (i) => 10 + (inside(i) ? 15 : 0) + noise(i));
          const found = findExcursion(points, "up");
          expect(found?.window).toEqual({ from: from * 60_000, to: (from + length) * 60_000 });
          expect(found?.isOver).toBe(true);
        },
      ),
    );
  });

  it("looks only in the direction that was asked for", () => {
    const points = madePoints(40, (i) => (i >= 20 && i < 30 ? 0 : 100) + (i % 2));
    expect(findExcursion(points, "down")?.window.from).toBe(20 * 60_000);
    expect(Math.abs(findExcursion(points, "up")?.strength ?? 0)).toBeLessThan(3);
  });

  it("averages a long series down and still finds the stretch", () => {
    const points = madePoints(5000, (i) => (i >= 3000 && i < 3600 ? 9 : 1), 0, 1000);
    const found = findExcursion(points, "up");
    expect(Math.abs((found?.window.from ?? 0) / 1000 - 3000)).toBeLessThan(50);
  });
});
