import { describe, expect, it } from "vitest";
import type { LogPattern, OperationStats, Series } from "../core/rows.ts";
import { withoutSilence } from "./silence.ts";
import { at, errorLog, observed, series } from "./testing/observed.ts";

/** Recorded until that minute. */
function until(end: number, whole: Series): Series {
  const { times, values } = whole.points;
  return { ...whole, points: { times: times.subarray(0, end), values: values.subarray(0, end) } };
}

const busy = (service: string) => series(service, "requests", () => 10);

function oldLine(service: string): LogPattern {
  const line = { ...errorLog(service, "order placed"), severity: "INFO" };
  return { ...line, windowCount: 0, baselineCount: 40, firstAt: at(1), lastAt: at(58) };
}

function calls(service: string): OperationStats {
  const none = { count: 0, errors: 0, errorOrigins: 0, meanMs: 0, p50Ms: 0, p95Ms: 0 };
  const stats = { ...none, selfMeanMs: 0, selfP50Ms: 0, selfP95Ms: 0 };
  const identity = { service, operation: "GET /", spanKind: "server" };
  return { ...identity, window: stats, baseline: { ...stats, count: 30 } };
}

describe("signals of which nothing was recorded in the window", () => {
  it("are left out and said, with the time of the last record", () => {
    const seen = observed({
      series: [until(55, busy("web")), until(50, busy("store"))],
      logPatterns: [oldLine("web"), oldLine("store")],
      logVolume: [until(59, busy("web")), until(59, busy("store"))],
      operations: [calls("web"), calls("store")],
      spanSeries: [until(57, busy("web")), until(57, busy("store"))],
    });
    const { series: metrics, logPatterns, spanSeries, gaps } = withoutSilence(seen);
    expect({ metrics, logPatterns, spanSeries }).toEqual({
      metrics: [],
      logPatterns: [],
      spanSeries: [],
    });
    expect(gaps.map(({ signal, why }) => `${signal}: ${why}`)).toEqual([
      "metrics: no service has any; the last before it are of 2026-01-05 10:54 UTC",
      "logs: no service has any; the last before it are of 2026-01-05 10:58 UTC",
      "traces: no service has any; the last before it are of 2026-01-05 10:56 UTC",
    ]);
  });

  it("stay where one of several services fell silent: that one may be down", () => {
    const seen = observed({
      series: [until(60, busy("web")), busy("store")],
      logPatterns: [oldLine("web"), errorLog("store", "web did not answer")],
    });
    expect(withoutSilence(seen)).toEqual(seen);
  });

  it("stay where only one service ever spoke", () => {
    const seen = observed({ series: [until(60, busy("web"))], logPatterns: [oldLine("web")] });
    expect(withoutSilence(seen)).toEqual(seen);
  });

  it("stay where records are so rare that none is chance", () => {
    const rare = (service: string) => ({ ...oldLine(service), baselineCount: 4 });
    const seen = observed({ logPatterns: [rare("web"), rare("store")] });
    expect(withoutSilence(seen)).toEqual(seen);
  });

  it("are said to have nothing to compare with where normal time has no calls at all", () => {
    const fresh = (service: string): OperationStats => {
      const { window, baseline, ...rest } = calls(service);
      return { ...rest, window: baseline, baseline: window };
    };
    const { gaps, operations } = withoutSilence(observed({ operations: [fresh("a"), fresh("b")] }));
    expect(gaps.map(({ what }) => what)).toEqual(["traces of normal time"]);
    expect(operations).toHaveLength(2);
    const partly = observed({ operations: [fresh("a"), calls("b")] });
    expect(withoutSilence(partly).gaps).toEqual([]);
  });

  it("are judged one by one: logs that end are a gap while metrics go on", () => {
    const seen = observed({
      series: [busy("web"), busy("store")],
      logPatterns: [oldLine("web"), oldLine("store")],
      logVolume: [until(59, busy("web"))],
    });
    const { series: metrics, logPatterns, gaps } = withoutSilence(seen);
    expect(metrics).toHaveLength(2);
    expect(logPatterns).toEqual([]);
    expect(gaps.map(({ signal }) => signal)).toEqual(["logs"]);
  });
});
