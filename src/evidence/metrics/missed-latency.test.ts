import { describe, expect, it } from "vitest";
import { sloSchema } from "../../core/objectives.ts";
import type { Series } from "../../core/rows.ts";
import { serviceHealth } from "../health.ts";
import { madePoints, madeSeries } from "../testing/made-series.ts";
import { at, observed } from "../testing/observed.ts";
import { missedLatency } from "./missed-latency.ts";
import { periodsOf } from "./shift.ts";

const slo = sloSchema.parse({
  ...{ name: "pages are fast", service: "web", kind: "latency", target: 0.95 },
  ...{ metric: "page.p95", thresholdMs: 100 },
});

/** Pages take `before` ms for an hour, then `during` ms for half an hour. */
function pages(before: number, during: number): Series {
  const points = madePoints(90, (i) => (i < 60 ? before : during), at(0));
  return madeSeries("web", "page.p95", points, { unit: "ms" });
}

function missed(series: Series) {
  const observations = observed({ series: [series] });
  return missedLatency([slo], observations, periodsOf(observations.window, observations.baseline));
}

describe("missedLatency", () => {
  it("gives how far the objective's own signal rose when it rose above what is allowed", () => {
    expect(missed(pages(15, 180))).toEqual([{ service: "web", slowdown: 12 }]);
  });

  it("says nothing of a rise that the objective allows", () => {
    expect(missed(pages(15, 80))).toEqual([]);
  });

  it("says nothing of an objective that was missed all along", () => {
    expect(missed(pages(150, 180))).toEqual([]);
  });
});

describe("serviceHealth with objectives", () => {
  it("calls a service slow whose promised pages are, though nothing else of it is known", () => {
    const observations = observed({ series: [pages(15, 180)] });
    const health = serviceHealth(
      observations,
      periodsOf(observations.window, observations.baseline),
      [slo],
    );
    expect(health.map(({ service, slowdown }) => ({ service, slowdown }))).toEqual([
      { service: "web", slowdown: 12 },
    ]);
  });
});
