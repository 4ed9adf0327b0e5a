import { describe, expect, it } from "vitest";
import { sloSchema } from "../../core/objectives.ts";
import { madePoints, madeSeries } from "../testing/made-series.ts";
import { observed } from "../testing/observed.ts";
import { burnRates, sloFindings } from "./burn-rate.ts";

const hour = 3_600_000;
const slo = sloSchema.parse({
  ...{ name: "checkout works", service: "checkout", target: 0.999 },
  ...{ totalMetric: "requests", badMetric: "errors" },
});

/** A day of minutes: 1,000 requests each, a share of them bad in the last hour. */
function events(badShare: number) {
  const times = Float64Array.from({ length: 1440 }, (_, i) => i * 60_000);
  const bad = Float64Array.from(times, (_, i) => (i >= 1380 ? 1000 * badShare : 0));
  return { times, bad, total: new Float64Array(1440).fill(1000) };
}

describe("burnRates", () => {
  it("gives the workbook's figure: 1.44% bad for an hour against 99.9% burns at 14.4", () => {
    const [fast, slow] = burnRates(events(0.0144), slo, 24 * hour);
    expect(fast?.long).toBeCloseTo(14.4, 6);
    expect(fast?.short).toBeCloseTo(14.4, 6);
    expect(fast?.isAlerting).toBe(true);
    expect(slow?.long).toBeCloseTo(2.4, 6);
    expect(slow?.isAlerting).toBe(false);
  });

  it("stops alerting soon after it is over, because the short window is clean", () => {
    const { times, bad, total } = events(0.05);
    const over = bad.map((value, i) => (i >= 1430 ? 0 : value));
    const [fast] = burnRates({ times, bad: over, total }, slo, 24 * hour);
    expect(fast?.long).toBeGreaterThan(14.4);
    expect(fast?.isAlerting).toBe(false);
  });
});

describe("sloFindings", () => {
  it("says how fast the budget burns, in one sentence with its facts", () => {
    const total = madeSeries(
      "checkout",
      "requests",
      madePoints(1440, () => 1000),
    );
    const bad = madeSeries(
      "checkout",
      "errors",
      madePoints(1440, (i) => (i >= 1380 ? 50 : 0)),
    );
    const observations = observed({
      series: [total, bad],
      window: { from: 23 * hour, to: 24 * hour },
      baseline: { from: 0, to: 23 * hour },
    });
    const [finding] = sloFindings([slo], observations);
    expect(finding?.statement).toMatchInlineSnapshot(
      `"checkout works: error budget burns at 50 times the allowed pace over the last 60 min (5 min: 50 times); 93.1% of the budget is left"`,
    );
    expect(finding?.facts?.sloStatus).toMatchObject({
      name: "checkout works",
      burnRate: expect.closeTo(50, 0),
    });
    expect(finding?.facts?.sloStatus?.budgetLeft).toBeCloseTo(0.931, 2);
  });

  it("leaves out an objective without data", () => {
    expect(sloFindings([slo], observed())).toEqual([]);
  });
});
