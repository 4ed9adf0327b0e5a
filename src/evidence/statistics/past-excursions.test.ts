import { describe, expect, it } from "vitest";
import { madePoints, ripple } from "../testing/made-series.ts";
import { chanceInPast } from "./past-excursions.ts";

const step = 60_000;
const noise = ripple(5);
/** A past of `past` minutes and a window of fifteen; `extra` is added to a level of 100. */
const chance = (past: number, extra: (minute: number) => number) => {
  const points = madePoints(past + 15, (i) => 100 + noise(i) + extra(i - past));
  const now = { from: past * step, to: (past + 15) * step };
  return chanceInPast(points, now, { from: 0, to: now.from });
};
const spikeAt =
  (...minutes: number[]) =>
  (minute: number) =>
    minutes.includes(minute) ? 80 : 0;

describe("how often normal time shows as much", () => {
  it("is never, in a long past without anything like it", () => {
    expect(chance(240, spikeAt(5, 6))).toBe(0);
  });

  it("is the share of equally long stretches that do", () => {
    expect(chance(150, spikeAt(5, 6, -20, -21, -50, -51))).toBeGreaterThanOrEqual(0.1);
  });

  it("is not known from a short past that shows nothing like it", () => {
    expect(chance(45, spikeAt(5, 6))).toBeNull();
  });

  it("is known to be common where even a short past shows it", () => {
    expect(chance(45, spikeAt(5, 6, -20, -21, -22))).toBeCloseTo(1 / 3, 5);
  });

  it("is not shown by a past spike, where what is seen now lasts longer", () => {
    const lasts = (minute: number) => (minute >= 3 ? 60 : spikeAt(-20, -21)(minute));
    expect(chance(45, lasts)).toBeNull();
  });
});
