import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import type { Observations, Series } from "../core/rows.ts";
import { diagnose } from "./diagnose.ts";
import { at, errorLog, observed, series } from "./testing/observed.ts";

const question = (summary: string): Alarm => ({
  ...{ fingerprint: "q", sender: "question", name: summary, service: null, resource: null },
  ...{ metric: null, threshold: null, observed: null, severity: null, state: "firing" },
  ...{ firedAt: at(89), summary, labels: {}, link: null, raw: null },
});

const estate = (more: Series[] = []): Series[] => [
  ...["web", "shop", "store"].flatMap((name) => [
    series(name, "latency_ms", () => 100, "ms"),
    series(name, "error_ratio", () => 0.01, "ratio"),
    series(name, "requests", () => 500),
  ]),
  ...more,
];

const ask = (text: string, parts: Partial<Observations>) =>
  diagnose({ observations: observed(parts), alarm: question(text), kpis: [], slos: [] }).diagnosis;

describe("an open question", () => {
  const open = "Is everything fine?";

  it("is answered with “nothing is wrong” when much was read and all of it is normal", () => {
    const diagnosis = ask(open, { series: estate() });
    expect(diagnosis.isHealthy).toBe(true);
    expect(diagnosis.hypotheses[0]).toMatchObject({ causeKind: "nothing-wrong" });
    expect(diagnosis.hypotheses[0]?.mechanism).toContain("no signal left its normal range");
    expect(diagnosis.hypotheses[0]?.confidence).toBeLessThanOrEqual(0.75);
  });

  it("is not, when something left its normal range or fails anew", () => {
    const slow = estate([series("pay", "latency_ms", (i) => (i < 60 ? 80 : 900), "ms")]);
    expect(ask(open, { series: slow }).isHealthy).toBe(false);
    const failing = { series: estate(), logPatterns: [errorLog("pay", "card refused by bank")] };
    expect(ask(open, failing).isHealthy).toBe(false);
  });

  it("is not, when hardly anything was read: silence means something only where one listened", () => {
    expect(ask(open, { series: estate().slice(0, 3) }).isHealthy).toBe(false);
    expect(ask(open, {}).isHealthy).toBe(false);
  });

  it("is not one when people complain: what they saw is harm, even if no signal shows it", () => {
    const complaints = ["Users report slow bookings", "checkout is down", "決済が遅い"];
    for (const text of complaints) {
      expect(ask(text, { series: estate() }).isHealthy).toBe(false);
    }
  });
});
