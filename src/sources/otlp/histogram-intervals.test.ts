import fc from "fast-check";
import { expect, test } from "vitest";
import {
  distribution,
  explicitSnapshot,
  merge,
  quantile,
  subtract,
} from "./histogram-intervals.ts";

const bounds = [1, 2, 5, 10, 20, 50, 100];
const values = fc.array(fc.double({ min: 0, max: 200, noNaN: true }), {
  minLength: 1,
  maxLength: 80,
});

test("an estimated quantile is in the bucket of the true one", () => {
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, q) => {
      const sorted = [...all].sort((a, b) => a - b);
      const truth = sorted[Math.max(0, Math.ceil(q * all.length) - 1)] ?? 0;
      const estimate = quantile(merge([distribution(explicitSnapshot(point(all)))]), q);
      const upper = bounds.find((bound) => truth <= bound) ?? Math.max(...all);
      const lower = bounds.findLast((bound) => bound < truth) ?? 0;
      expect(estimate).toBeGreaterThanOrEqual(lower);
      expect(estimate).toBeLessThanOrEqual(upper);
    }),
  );
});

test("intervals add up to the whole", () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const before = explicitSnapshot(point(first));
      const now = explicitSnapshot(point([...first, ...second]));
      const between = subtract(now, before);
      expect(between?.count).toBe(second.length);
      const counted = between && distribution(between).buckets.reduce((n, b) => n + b.count, 0);
      expect(counted).toBe(second.length);
    }),
  );
});

test("merging parts gives the same quantiles as counting together", () => {
  fc.assert(
    fc.property(values, values, fc.constantFrom(0.5, 0.95, 0.99), (a, b, q) => {
      const apart = [a, b].map((part) => distribution(explicitSnapshot(point(part))));
      const together = distribution(explicitSnapshot(point([...a, ...b])));
      expect(quantile(merge(apart), q)).toBeCloseTo(quantile(merge([together]), q), 6);
    }),
  );
});

function point(all: number[]) {
  const bucketCounts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of all) {
    const found = bounds.findIndex((bound) => value <= bound);
    const index = found < 0 ? bounds.length : found;
    bucketCounts[index] = (bucketCounts[index] ?? 0) + 1;
  }
  const sum = all.reduce((total, value) => total + value, 0);
  return { count: all.length, sum, max: Math.max(...all), bucketCounts, explicitBounds: bounds };
}
