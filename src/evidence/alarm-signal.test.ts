import { describe, expect, it } from "vitest";
import { alarmFinding } from "./alarm-signal.ts";
import type { DiagnosisContext } from "./context.ts";
import { observed } from "./testing/observed.ts";

const alarm = { fingerprint: "f", metric: "latency.p95", service: "checkout" };
const findingWith = (gaps: { what: string; why: string; effect: string }[]) => {
  const context = { alarm, observations: observed({ gaps }) };
  return alarmFinding({ kind: "unseen" }, context as unknown as DiagnosisContext);
};

describe("an alarm whose signal is not among the series", () => {
  it("is said to have none in the telemetry, when all of it was read", () => {
    expect(findingWith([])?.statement).toBe(
      "The alarm's signal (latency.p95 of checkout) is not in the telemetry",
    );
  });

  it("is a gap and no finding, when metrics could not be read", () => {
    const gap = { what: "metric series", why: "The read was cancelled.", effect: "Unknown." };
    expect(findingWith([gap])).toBeNull();
  });
});
