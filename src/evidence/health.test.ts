import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OperationStats } from "../core/rows.ts";
import { healthFinding, serviceHealth } from "./health.ts";
import { periodsOf } from "./metrics/shift.ts";
import { observed, series } from "./testing/observed.ts";

const { window, baseline } = observed();
const periods = periodsOf(window, baseline);

function operation(count: number, errors: number, p95Ms: number, spanKind = "server") {
  const stats = (n: number, failed: number, p95: number) => ({
    ...{ count: n, errors: failed, errorOrigins: failed, meanMs: p95 / 2, p50Ms: p95 / 3 },
    ...{ p95Ms: p95, selfMeanMs: 1, selfP50Ms: 1, selfP95Ms: 1 },
  });
  const made: OperationStats = {
    ...{ service: "web", operation: `op ${spanKind}`, spanKind },
    ...{ window: stats(count, errors, p95Ms), baseline: stats(200, 2, 100) },
  };
  return made;
}

describe("the health of a service", () => {
  it("is the share of failed over all requests, from counters that a service has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (failing) => {
        const seen = observed({
          series: [
            series("web", "requests_total", () => 100),
            series("web", "request_errors", (i) => (i < 60 ? 0 : failing)),
          ],
        });
        const [health] = serviceHealth(seen, periods);
        expect(health?.failedShare).toBeCloseTo(failing / 100, 1);
        expect(health?.baselineFailedShare).toBeCloseTo(0, 6);
      }),
    );
  });

  it("is read from spans where nothing is counted: entry spans, not the calls made behind them", () => {
    const operations = [operation(100, 40, 300), operation(900, 0, 10, "client")];
    const [health] = serviceHealth(observed({ operations }), periods);
    expect(health).toMatchObject({ requests: 100, failedShare: 0.4, baselineFailedShare: 0.01 });
    expect(health?.slowdown).toBeCloseTo(3, 6);
    expect(health?.trafficRatio).toBeCloseTo(1, 6);
  });

  it("is left out where neither says anything", () => {
    expect(serviceHealth(observed({ series: [series("web", "cpu", () => 5)] }), periods)).toEqual(
      [],
    );
  });

  it("reads as one sentence, and carries its numbers for the priority", () => {
    const seen = observed({ operations: [operation(100, 40, 300)] });
    const [health] = serviceHealth(seen, periods);
    if (!health) throw new Error("there is none");
    const finding = healthFinding(health, seen);
    expect(finding.statement).toBe(
      "web: 40% of requests fail (normally 1%), and take 3 times as long",
    );
    expect(finding.facts?.health?.[0]).toMatchObject({ failedShare: 0.4, findings: [finding.key] });
  });

  it("trusts no meter by which everything failed in normal operation too", () => {
    const seen = observed({
      series: [
        series("web", "requests_total", () => 100),
        series("web", "success_rate", () => 0),
        series("web", "latency_p95", (i) => (i < 60 ? 10 : 30)),
      ],
    });
    expect(serviceHealth(seen, periods)).toMatchObject([
      { failedShare: null, baselineFailedShare: null, slowdown: 3 },
    ]);
  });

  it("says in words that nothing fails", () => {
    const none = { requests: 9, baselineFailedShare: 0, trafficRatio: 1, findings: [] };
    const told = (failedShare: number | null, slowdown: number) =>
      healthFinding({ service: "web", ...none, failedShare, slowdown }, observed()).statement;
    expect(told(0, 1)).toBe("web: no request fails, as usual");
    expect(told(0, 3)).toBe("web: no request fails, but they take 3 times as long");
    expect(told(null, 3)).toBe(
      "web: requests take 3 times as long; whether they fail was not counted",
    );
  });
});
