import { describe, expect, it } from "vitest";
import type { Alarm } from "../core/alarm.ts";
import type { Kpi } from "../core/objectives.ts";
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

describe("an alarm whose signal moved and stayed short of its threshold", () => {
  const alarm = (threshold: number): Alarm => ({
    ...question("web is slow"),
    ...{ sender: "cloudwatch", service: "web", metric: "latency_ms", threshold },
  });
  const kpis: Kpi[] = ["orders", "carts"].map((metric) => ({
    ...{ name: metric, service: "shop", metric, direction: "up-is-good", unit: metric },
  }));
  const kept = kpis.map(({ metric }) => series("shop", metric, () => 40));
  const moved = (factor: number) => [
    ...estate().filter((item) => item.service !== "web"),
    series("web", "latency_ms", (i) => (i < 60 ? 100 : 100 * factor), "ms"),
    series("web", "error_ratio", () => 0.01, "ratio"),
  ];
  const judge = (threshold: number, seen: Series[], measured = kpis) =>
    diagnose({
      ...{ observations: observed({ series: seen }), alarm: alarm(threshold) },
      ...{ kpis: measured, slos: [] },
    });

  it("is a false alarm where what the team counts shows no harm", () => {
    const { diagnosis, findings } = judge(400, [...moved(1.5), ...kept]);
    expect(diagnosis.isHealthy).toBe(true);
    const said = findings.find((finding) => finding.key.startsWith("alarm:"))?.statement;
    expect(said).toContain("never reached its threshold of 400 ms");
  });

  it("is none where its threshold is reached, the harm is measured, or nothing is counted", () => {
    expect(judge(120, [...moved(1.5), ...kept]).diagnosis.isHealthy).toBe(false);
    expect(judge(4000, [...moved(9), ...kept]).diagnosis.isHealthy).toBe(false);
    expect(judge(400, moved(1.5), []).diagnosis.isHealthy).toBe(false);
  });

  it("leaves a lead and no likely cause where its threshold is reached and nobody is hurt", () => {
    const [first] = judge(120, [...moved(1.5), ...kept]).diagnosis.hypotheses;
    expect(first?.service).toBe("web");
    expect(first?.confidence).toBeLessThanOrEqual(0.45);
  });
});

describe("an alarm whose signal stays within its noise", () => {
  const alarm: Alarm = {
    ...question("web p95"),
    ...{ sender: "cloudwatch", service: "web", metric: "latency_ms" },
  };
  const others = estate().filter((item) => item.metric !== "latency_ms" || item.service !== "web");
  // The largest blip lies before the window, and normal time has as large ones.
  const blips = series("web", "latency_ms", (i) => (i % 17 < 2 ? 150 : 100), "ms");
  const judge = (...more: Series[]) =>
    diagnose({
      observations: observed({ series: [...others, blips, ...more] }),
      ...{ alarm, kpis: [], slos: [] },
    }).diagnosis;

  it("is a false one where nothing else lasts", () => {
    const { isHealthy, hypotheses } = judge();
    expect(isHealthy).toBe(true);
    expect(hypotheses[0]?.confidence).toBeGreaterThan(0.85);
  });

  it("is none beside memory that only grows", () => {
    const grows = (i: number) => (i < 60 ? 3e8 : 3e8 * (1 + (i - 60) / 25));
    const { isHealthy, hypotheses } = judge(series("store", "memory_bytes", grows));
    expect(isHealthy).toBe(false);
    expect(hypotheses[0]).toMatchObject({ service: "store", causeKind: "leak" });
  });

  it("is none where two resources of one service rise, each of them by too little alone", () => {
    const cpu = series("store", "cpu_usage", (i) => (i < 63 ? 0.4 : 0.62));
    const memory = series("store", "memory_bytes", (i) => (i < 63 ? 3e8 : 4.6e8));
    expect([judge(cpu).isHealthy, judge(memory).isHealthy]).toEqual([true, true]);
    expect(judge(cpu, memory)).toMatchObject({ isHealthy: false, firstFailing: "store" });
  });
});
