import { describe, expect, it } from "vitest";
import { series } from "../testing/observed.ts";
import { isTurnedAway, withTurnedAway } from "./turned-away.ts";

describe("requests that a limit turned away", () => {
  it.each([
    ["Throttles", true],
    ["ThrottledRequests", true],
    ["http_requests_rejected_total", true],
    ["Errors", false],
  ])("are known by the name of their count: %s", (metric, isSo) => {
    expect(isTurnedAway({ metric })).toBe(isSo);
  });

  it("come on top of requests and failures where there are more of them than requests", () => {
    const { failed, requests } = withTurnedAway(
      series("fn", "Errors", () => 1),
      series("fn", "Invocations", () => 40),
      series("fn", "Throttles", (i) => (i < 60 ? 0 : 60)),
    );
    expect(failed.points.values[70]! / requests!.points.values[70]!).toBeCloseTo(0.61, 2);
    expect(failed.points.values[10]! / requests!.points.values[10]!).toBeCloseTo(1 / 40, 2);
  });

  it("are among the requests elsewhere, and the failures are at least as many", () => {
    const requests = series("api", "requests", () => 100);
    const joined = withTurnedAway(
      series("api", "errors", () => 5),
      requests,
      series("api", "rejected", (i) => (i < 60 ? 0 : 60)),
    );
    expect(joined.requests).toBe(requests);
    expect(joined.failed.points.values[70]!).toBeGreaterThan(58);
    expect(joined.failed.points.values[10]!).toBeLessThan(5.2);
  });
});
