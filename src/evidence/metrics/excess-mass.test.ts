import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Series } from "../../core/rows.ts";
import { buildCallGraph } from "../call-graph.ts";
import { madePoints, madeSeries } from "../testing/made-series.ts";
import { errorMass, latencyMass } from "./excess-mass.ts";
import { redSignals } from "./red-signals.ts";
import { periodsOf } from "./shift.ts";

const minute = 60_000;
const periods = periodsOf({ from: 60 * minute, to: 90 * minute }, { from: 0, to: 60 * minute });
const graph = buildCallGraph([
  { from: "web", to: "shop", kind: "call" },
  { from: "shop", to: "store", kind: "call" },
  { from: "shop", to: "mail", kind: "call" },
]);

/**
 * A service that answers `requests` a minute, `before` ms before the incident and `after` ms in it.
 */
function service(name: string, requests: number, before: number, after: number): Series[] {
  const wobble = (i: number) => 1 + 0.01 * (i % 3);
  return [
    madeSeries(
      name,
      "requests",
      madePoints(90, () => requests),
    ),
    madeSeries(
      name,
      "latency_average",
      madePoints(90, (i) => (i < 60 ? before : after) * wobble(i)),
    ),
  ];
}

describe("latencyMass", () => {
  it("compares seconds with milliseconds", () => {
    const inSeconds = service("web", 100, 0.11, 0.41).map((item) => ({ ...item, unit: "Seconds" }));
    const inMs = service("shop", 100, 100, 400).map((item) => ({ ...item, unit: "Milliseconds" }));
    const [first, second] = latencyMass(redSignals([...inSeconds, ...inMs]), graph, periods);
    expect(first?.service).toBe("shop");
    expect(second?.total).toBeCloseTo(first?.total ?? 0, -4);
  });

  it("lays the loss at the service that makes it, however loud its callers are", () => {
    fc.assert(
      fc.property(fc.double({ min: 30, max: 5000, noNaN: true }), (extra) => {
        const all = [
          ...service("web", 100, 300, 300 + 2 * extra),
          ...service("shop", 200, 100, 100 + extra),
          ...service("store", 200, 40, 40 + extra),
          ...service("mail", 20, 50, 50),
        ];
        const masses = latencyMass(redSignals(all), graph, periods);
        expect(masses[0]?.service).toBe("store");
        const total = masses.reduce((sum, mass) => sum + mass.self, 0);
        expect((masses[0]?.self ?? 0) / total).toBeGreaterThan(0.6);
      }),
    );
  });

  it("blames whoever began to call something that was never called before", () => {
    const fresh = [
      madeSeries(
        "mail",
        "requests",
        madePoints(90, (i) => (i < 60 ? 0 : 50)),
      ),
      madeSeries(
        "mail",
        "latency_average",
        madePoints(30, () => 400, 60 * minute),
      ),
    ];
    const all = [
      ...service("web", 100, 300, 500),
      ...service("shop", 100, 100, 300),
      ...service("store", 100, 40, 40),
      ...fresh,
    ];
    const [first] = latencyMass(redSignals(all), graph, periods);
    expect(first?.service).toBe("shop");
    expect(first?.byNewCallee).toEqual(["mail"]);
  });

  it("finds no loss where nothing changed", () => {
    const all = [...service("web", 100, 300, 300), ...service("shop", 100, 100, 100)];
    const masses = latencyMass(redSignals(all), graph, periods);
    expect(masses.every((mass) => mass.total < 1)).toBe(true);
  });
});

describe("errorMass", () => {
  it("counts failing requests from availability in percent", () => {
    const failing = (name: string, after: number) => [
      madeSeries(
        name,
        "requests",
        madePoints(90, () => 100),
      ),
      madeSeries(
        name,
        "availability",
        madePoints(90, (i) => (i < 60 ? 100 : after)),
      ),
    ];
    const all = [...failing("web", 90), ...failing("shop", 90), ...failing("store", 90)];
    const masses = errorMass(redSignals(all), graph, periods);
    expect(masses[0]).toMatchObject({ service: "store", self: expect.closeTo(300, 0) });
    expect(masses.slice(1).every((mass) => mass.self < 1)).toBe(true);
  });
});
