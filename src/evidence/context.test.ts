import { expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import { buildContext } from "./context.ts";
import { at, errorLog, observed, series } from "./testing/observed.ts";

const alarm: Alarm = {
  ...{ fingerprint: "a1", sender: "test", name: "slow", service: "web", resource: null },
  ...{ metric: null, threshold: null, observed: null, severity: "high", state: "firing" },
  ...{ firedAt: at(70), summary: "web is slow", labels: {}, link: null, raw: null },
};

it("takes no line for rarer because the window reaches past the last record", () => {
  const everyHalfMinute = { windowCount: 60, baselineCount: 120, firstAt: at(0) };
  const line = { ...errorLog("web", "order placed"), severity: "INFO", ...everyHalfMinute };
  const observations = observed({
    window: { from: at(60), to: at(600) },
    series: [series("web", "requests", () => 10)],
    logPatterns: [line],
  });
  expect(buildContext({ observations, alarm, kpis: [], slos: [] }).logs).toEqual([]);
});
