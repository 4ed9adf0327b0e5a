import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankSum } from "./rank-sum.ts";

const sample = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 });
const of = (values: readonly number[]) => Float64Array.from(values);

describe("the rank sum", () => {
  it("is the published deviate of a known example", () => {
    // Two samples of five without overlap: U = 0, mean 12.5, variance 22.9.
    expect(rankSum(of([1, 2, 3, 4, 5]), of([6, 7, 8, 9, 10]))).toBeCloseTo(2.611, 3);
  });

  it("changes its sign, and nothing else, when the samples change places", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(rankSum(of(a), of(b))).toBeCloseTo(-rankSum(of(b), of(a)), 9);
      }),
    );
  });

  it("does not depend on the scale", () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const scaled = (values: readonly number[]) => of(values.map((value) => 3 * value + 7));
        expect(rankSum(scaled(a), scaled(b))).toBeCloseTo(rankSum(of(a), of(b)), 9);
      }),
    );
  });

  it("says nothing of an empty sample or of equal values", () => {
    expect(rankSum(of([]), of([1]))).toBe(0);
    expect(rankSum(of([2, 2]), of([2, 2, 2]))).toBe(0);
  });
});
