import { describe, expect, it } from "vitest";
import { madePoints, madeSeries } from "../testing/made-series.ts";
import { drawnSeries } from "./labelled-counters.ts";

/** A running total that grows by `step(i)` per point. */
function total(metric: string, step: (i: number) => number, resource: string | null = null) {
  let sum = 1000;
  const points = madePoints(20, (i) => {
    sum += step(i);
    return sum;
  });
  return madeSeries("shop", metric, points, { resource });
}

const byName = (series: ReturnType<typeof drawnSeries>) =>
  new Map(series.map((item) => [item.metric, Array.from(item.points.values)]));

describe("series of counters and histograms", () => {
  it("draws failures and requests from one counter that is split by status", () => {
    const drawn = byName(
      drawnSeries([
        total("http_requests_total", () => 9, "code=200,method=GET"),
        total("http_requests_total", (i) => (i >= 10 ? 3 : 0), "code=503,method=GET"),
        total("http_requests_total", () => 1, "code=404,method=GET"),
      ]),
    );
    expect([...drawn.keys()].sort()).toEqual(["http_requests_total", "http_requests_total errors"]);
    expect(drawn.get("http_requests_total errors")?.at(0)).toBe(0);
    expect(drawn.get("http_requests_total errors")?.at(-1)).toBe(3);
    expect(drawn.get("http_requests_total")?.at(-1)).toBe(13);
  });

  it("counts the first value of a total that appears late, since nothing was counted before", () => {
    const late = madeSeries(
      "shop",
      "calls_total",
      madePoints(10, (i) => 4 + 2 * i, 600_000),
      {
        resource: "outcome=failure",
      },
    );
    const drawn = byName(drawnSeries([total("calls_total", () => 5, "outcome=success"), late]));
    const errors = drawn.get("calls_total errors") ?? [];
    expect(errors.reduce((sum, value) => sum + value, 0)).toBe(22);
  });

  it("draws the mean of a histogram that is stored as sum and count, without its buckets", () => {
    const drawn = byName(
      drawnSeries([
        total("request_duration_seconds_sum", (i) => (i >= 10 ? 4 : 1)),
        total("request_duration_seconds_count", () => 2),
        total("request_duration_seconds_bucket", () => 2, "le=0.5"),
      ]),
    );
    expect([...drawn.keys()].sort()).toEqual([
      "request_duration_seconds mean",
      "request_duration_seconds_count",
    ]);
    expect(drawn.get("request_duration_seconds mean")?.at(0)).toBe(0.5);
    expect(drawn.get("request_duration_seconds mean")?.at(-1)).toBe(2);
  });

  it("leaves series alone whose labels say nothing of how requests end", () => {
    const pools = ["state=idle", "state=used"].map((resource) =>
      madeSeries(
        "shop",
        "pool_connections",
        madePoints(20, () => 3),
        { resource },
      ),
    );
    expect(drawnSeries(pools)).toEqual(pools);
  });
});
