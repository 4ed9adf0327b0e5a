import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madePoints, madeSeries, ripple } from "../testing/made-series.ts";
import { asRate, periodsOf, shiftOf } from "./shift.ts";

const minute = 60_000;
const periods = periodsOf({ from: 60 * minute, to: 90 * minute }, { from: 0, to: 60 * minute });

function stepped(metric: string, before: number, after: number, seed = 1) {
  const noise = ripple(seed);
  const value = (i: number) => (i < 60 ? before : after) * (1 + 0.05 * noise(i));
  return madeSeries("checkout", metric, madePoints(90, value));
}

describe("shiftOf", () => {
  it("measures a known shift and its direction", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        fc.double({ min: 1.5, max: 50, noNaN: true }),
        fc.integer({ min: 1, max: 100 }),
        (before, factor, seed) => {
          const shift = shiftOf(stepped("latency_p95", before, before * factor, seed), periods);
          expect((shift?.during ?? 0) / (shift?.before ?? 1) / factor).toBeCloseTo(1, 1);
          expect(shift?.deviations).toBeGreaterThan(4);
          expect(shift?.isHarmful).toBe(true);
        },
      ),
    );
  });

  it("stays small for pure noise", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
        const shift = shiftOf(stepped("latency_p95", 100, 100, seed), periods);
        expect(Math.abs(shift?.deviations ?? 0)).toBeLessThan(2);
      }),
    );
  });

  it("knows that a fall in availability hurts and a fall in latency does not", () => {
    expect(shiftOf(stepped("availability", 99.9, 80), periods)?.isHarmful).toBe(true);
    expect(shiftOf(stepped("latency_p95", 900, 100), periods)?.isHarmful).toBe(false);
    expect(shiftOf(stepped("memory_free_bytes", 900, 100), periods)?.isHarmful).toBe(true);
  });

  it("takes a burst that comes every quarter of an hour for normal", () => {
    const points = madePoints(90, (i) => (i % 15 < 4 ? 30 : 0.005));
    const shift = shiftOf(madeSeries("worker", "latency_p99", points), {
      ...periods,
      during: { from: 60 * minute, to: 64 * minute },
    });
    expect(Math.abs(shift?.deviations ?? 99)).toBeLessThan(10);
  });

  it("expects the daily cycle where the history shows one", () => {
    const perDay = 144;
    const cycle = (i: number) => 100 + 80 * Math.sin((2 * Math.PI * (i % perDay)) / perDay);
    const points = madePoints(perDay * 4, (i) => cycle(i) + (i % 3), 0, 10 * minute);
    const from = points.times[perDay * 3 + 20]!;
    const shift = shiftOf(
      madeSeries("shop", "latency_p95", points),
      periodsOf({ from, to: from + 120 * minute }, { from: 0, to: from }),
    );
    expect(shift?.isSeasonal).toBe(true);
    expect(Math.abs(shift?.deviations ?? 99)).toBeLessThan(2);
  });

  it("is silent without points on both sides", () => {
    expect(
      shiftOf(
        madeSeries(
          "a",
          "latency",
          madePoints(30, () => 1),
        ),
        periods,
      ),
    ).toBeNull();
  });
});

describe("asRate", () => {
  it("turns a cumulative counter into its increase, over a restart too", () => {
    const values = [0, 5, 10, 15, 20, 25, 30, 35, 40, 2, 7, 12];
    const points = madePoints(values.length, (i) => values[i]!);
    const rate = asRate(madeSeries("a", "errors_total", points));
    expect([...rate.points.values]).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 2, 5, 5]);
  });

  it("leaves a gauge alone, even one that only rises", () => {
    const points = madePoints(20, (i) => i);
    const gauge = madeSeries("a", "queue_total", points, { metricKind: "gauge" });
    expect(asRate(gauge)).toBe(gauge);
  });
});
