import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at, observed, series } from "../testing/observed.ts";
import { movementsOf } from "./movements.ts";

const only = (value: (minute: number) => number, metric = "latency_ms") =>
  movementsOf(observed({ series: [series("web", metric, value, "ms")] }));

describe("movements", () => {
  it("are dated at the step, for any minute and height that matters", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 82 }),
        fc.integer({ min: 3, max: 400 }),
        (from, by) => {
          const [found] = only((i) => (i < from ? 100 : 100 * by));
          expect(found).toMatchObject({ service: "web", isHarmful: true, isTimely: true });
          expect(Math.abs((found?.onset.at ?? 0) - at(from))).toBeLessThanOrEqual(2 * 60_000);
        },
      ),
    );
  });

  it("are harmful only in the direction that hurts", () => {
    const [fall] = only((i) => (i < 65 ? 1000 : 100));
    expect(fall).toMatchObject({ isHarmful: false });
    const [lost] = only((i) => (i < 65 ? 99.9 : 40), "availability");
    expect(lost).toMatchObject({ isHarmful: true });
  });

  it("are not timely when they were over and done long before the window", () => {
    const [early] = only((i) => (i < 20 ? 100 : 900));
    expect(early?.isTimely).toBe(false);
  });

  it("are none where nothing moves, strongest first where several do", () => {
    expect(only(() => 100)).toEqual([]);
    const both = [
      series("a", "latency_ms", (i) => (i < 65 ? 100 : 160), "ms"),
      series("b", "latency_ms", (i) => (i < 65 ? 100 : 1600), "ms"),
    ];
    expect(movementsOf(observed({ series: both })).map(({ service }) => service)).toEqual([
      "b",
      "a",
    ]);
  });
});
