import fc from "fast-check";
import { expect, it } from "vitest";
import { binsOf } from "./count-series.ts";

const recorded = { firstAt: 0, lastAt: 10_000 };

it("starts bins at the start of each period and drops one that is cut short", () => {
  const { starts } = binsOf({ from: 1_050, to: 1_290 }, { from: 500, to: 700 }, 100, recorded);
  expect([...starts]).toEqual([500, 600, 1_050, 1_150]);
});

it("leaves out bins outside the recording", () => {
  const bins = binsOf({ from: 0, to: 1_000 }, undefined, 100, { firstAt: 250, lastAt: 600 });
  expect([...bins.starts]).toEqual([200, 300, 400, 500, 600]);
});

it("never lays out more bins than it can hold, in ascending order", () => {
  const period = fc.record({ from: fc.nat(1e12), length: fc.integer({ min: 1, max: 1e12 }) });
  fc.assert(
    fc.property(period, fc.integer({ min: 1, max: 1e6 }), ({ from, length }, step) => {
      const window = { from, to: from + length };
      const { starts } = binsOf(window, undefined, step, { firstAt: 0, lastAt: 1e13 });
      expect(starts.length).toBeGreaterThan(0);
      expect(starts.length).toBeLessThanOrEqual(5_000);
      expect(starts.every((at, i) => i === 0 || at > (starts[i - 1] as number))).toBe(true);
    }),
  );
});
