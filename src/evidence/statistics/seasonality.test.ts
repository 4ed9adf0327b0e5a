import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { madePoints, ripple } from "../testing/made-series.ts";
import { phaseLevel } from "./seasonality.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** A Monday, so that the weekend of a made week is where one expects it. */
const monday = Date.UTC(2026, 0, 5);
const step = hour / 2;

/** Points of whole days; `level` knows the day (0 is Monday) and the hour. */
function days(count: number, level: (day: number, hour: number) => number, seed = 1) {
  const noise = ripple(seed);
  const value = (i: number) => {
    const at = i * step;
    return level(Math.floor(at / day) % 7, (at % day) / hour) * (1 + 0.01 * noise(i));
  };
  return madePoints((count * day) / step, value, monday, step);
}

/** What is expected two hours after the start of a day's hour, with the hour before it as lead. */
function expectedAt(points: ReturnType<typeof days>, dayIndex: number, hours: number) {
  const from = monday + dayIndex * day + hours * hour;
  const during = { from, to: from + 2 * hour };
  return phaseLevel(points, { during, local: [{ from: from - 2 * hour, to: from }] });
}

const office = (top: number) => (hours: number) => (hours >= 9 && hours < 17 ? top : 10);

describe("the level of the same time of earlier cycles", () => {
  it("is the daily one, for any height of the day", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 5000 }),
        fc.integer({ min: 1, max: 99 }),
        (top, seed) => {
          const points = days(5, (_, hours) => office(top)(hours), seed);
          const level = expectedAt(points, 4, 9);
          expect(level).not.toBeNull();
          expect(Math.abs((level ?? 0) / top - 1)).toBeLessThan(0.1);
        },
      ),
    );
  });

  it("is the weekly one where days differ: a Saturday is compared with Saturdays", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 3000 }), (top) => {
        const level = (weekday: number, hours: number) => (weekday >= 5 ? 10 : office(top)(hours));
        const points = days(21, level);
        expect(expectedAt(points, 19, 9) ?? 10).toBeLessThan(12);
        expect((expectedAt(points, 14, 9) ?? 0) / top).toBeGreaterThan(0.9);
      }),
    );
  });

  it("moves with how busy today is, at most by a factor of two", () => {
    const growth = (weekday: number) => (weekday === 4 ? 1.5 : 1);
    const points = days(5, (weekday, hours) => office(100)(hours) * growth(weekday));
    expect(expectedAt(points, 4, 9) ?? 0).toBeGreaterThan(135);
    expect(expectedAt(points, 4, 9) ?? 0).toBeLessThan(165);
  });

  it("is not known from less than two cycles, nor where nothing recurs", () => {
    const flat = days(10, () => 100);
    expect(expectedAt(flat, 8, 9)).toBeNull();
    const short = days(2, (_, hours) => office(100)(hours));
    expect(expectedAt(short, 1, 9)).toBeNull();
  });
});
