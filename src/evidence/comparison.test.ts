import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import type { Series } from "../core/rows.ts";
import { matchServices } from "./call-graph.ts";
import { chooseComparison } from "./comparison.ts";
import { chanceInPast } from "./statistics/past-excursions.ts";
import { madePoints, madeSeries, ripple } from "./testing/made-series.ts";
import { at, minute } from "./testing/observed.ts";

const alarm: Alarm = {
  ...{ fingerprint: "a1", sender: "test", name: "slow", service: "checkout", resource: null },
  ...{ metric: "latency_p95", threshold: 1, observed: 2, severity: "high", state: "firing" },
  ...{ firedAt: at(50), summary: "checkout is slow", labels: {}, link: null, raw: null },
};
const window = { from: at(0), to: at(90) };

function choose(series: readonly Series[], baseline: { from: number; to: number } | null = null) {
  return chooseComparison({ alarm, window, baseline, series, spanSeries: [], logVolume: [] });
}

describe("chooseComparison", () => {
  it("splits the window where the alarm's own signal left its level", () => {
    const points = madePoints(90, (i) => (i < 40 ? 100 : 400) + (i % 5), at(0));
    const chosen = choose([madeSeries("checkout", "latency_p95", points)]);
    expect(chosen.window).toEqual({ from: at(40), to: at(90) });
    expect(chosen.baseline).toEqual({ from: at(-90), to: at(39) });
    expect(chosen.onset?.isAlarmSignal).toBe(true);
  });

  it("splits halfway to the alarm when no signal shows an onset", () => {
    const chosen = choose([
      madeSeries(
        "checkout",
        "latency_p95",
        madePoints(90, () => 5, at(0)),
      ),
    ]);
    expect(chosen.baseline).toEqual({ from: at(-90), to: at(25) });
    expect(chosen.onset).toBeNull();
  });

  it("compares with the time before an onset that lies before the window", () => {
    const points = madePoints(180, (i) => (i < 60 ? 100 : 400) + (i % 5), at(-90));
    const chosen = choose([madeSeries("checkout", "latency_p95", points)]);
    expect(chosen.window).toEqual(window);
    expect(chosen.baseline).toEqual({ from: at(-270), to: at(-31) });
  });

  it("keeps normal time that was given, and adds a little before it", () => {
    const chosen = choose([], { from: at(-300), to: at(0) });
    expect(chosen.window).toEqual(window);
    expect(chosen.baseline).toEqual({ from: at(-390), to: at(0) });
  });
});

describe("chanceInPast", () => {
  const noise = ripple(7);
  const wobbling = (i: number) => 100 + 10 * noise(i);

  it("is small for what normal time never showed, and large for its everyday wobble", () => {
    const past = { from: 0, to: 500 * minute };
    const now = { from: 500 * minute, to: 520 * minute };
    const fault = madePoints(520, (i) => wobbling(i) + (i > 508 ? 60 : 0));
    expect(chanceInPast(fault, now, past)).toBe(0);
    expect(chanceInPast(madePoints(520, wobbling), now, past)).toBeGreaterThan(0.1);
  });

  it("does not judge by a past that is too short", () => {
    const points = madePoints(60, wobbling);
    const now = { from: 40 * minute, to: 60 * minute };
    expect(chanceInPast(points, now, { from: 0, to: 40 * minute })).toBeNull();
  });
});

describe("matchServices", () => {
  it("prefers the exact name, else takes every decorated form of it", () => {
    const known = ["cart", "cart-7d9f", "cart_AWS::ECS", "cartography"];
    expect(matchServices("cart", known)).toEqual(["cart"]);
    expect(matchServices("Cart", known.slice(1))).toEqual(["cart-7d9f", "cart_AWS::ECS"]);
    expect(matchServices(null, known)).toEqual([]);
  });
});
