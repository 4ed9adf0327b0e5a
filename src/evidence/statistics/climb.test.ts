import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findClimb } from "./climb.ts";

const points = (values: readonly number[]) => ({
  times: Float64Array.from(values, (_, i) => i * 60_000),
  values: Float64Array.from(values),
});

describe("a climb", () => {
  it("is dated to its bend, whatever level, rate and place", () => {
    const bend = fc.integer({ min: 10, max: 60 });
    const rate = fc.double({ min: 0.5, max: 50, noNaN: true });
    fc.assert(
      fc.property(bend, rate, fc.integer({ min: 0, max: 1000 }), (start, slope, level) => {
        const noise = (i: number) => Math.sin(i * 1.7) * slope;
        const climb = findClimb(
          points(
            Array.from({ length: 90 }, (_, i) => level + Math.max(0, i - start) * slope + noise(i)),
          ),
        );
        expect(Math.abs((climb?.at ?? 0) / 60_000 - start)).toBeLessThanOrEqual(4);
        expect(climb?.explained).toBeGreaterThan(0.9);
      }),
    );
  });

  it("ends where a restart gives everything back", () => {
    const climb = findClimb(
      points(Array.from({ length: 90 }, (_, i) => (i < 80 ? 200 + Math.max(0, i - 20) * 5 : 60))),
    );
    expect(climb?.at).toBe(20 * 60_000);
  });

  it("fits a step no better than two levels do", () => {
    const step = findClimb(points(Array.from({ length: 90 }, (_, i) => (i < 45 ? 1 : 9))));
    expect(step?.explained).toBeLessThan(step?.explainedByStep ?? 0);
  });

  it("is not seen in a flat or a short series", () => {
    expect(findClimb(points(Array.from({ length: 90 }, () => 5)))).toBeNull();
    expect(findClimb(points([1, 2, 3]))).toBeNull();
  });
});
