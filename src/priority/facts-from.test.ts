import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../core/hypothesis.ts";
import type { KpiLoss, ServiceHealth } from "../core/impact.ts";
import { assessPriority } from "./assess.ts";
import { type FactSources, factsFrom } from "./facts-from.ts";
import { defaultPrioritySettings } from "./settings.ts";

const edge = (from: string, to: string, kind = "http") => ({ from, to, kind });
const topology = [
  edge("storefront", "catalog"),
  edge("storefront", "checkout"),
  edge("checkout", "payment"),
  edge("checkout", "worker", "queue"),
  edge("worker", "mailer"),
];

const fine = (service: string): ServiceHealth => ({
  service,
  requests: 1_000,
  failedShare: 0,
  baselineFailedShare: 0,
  slowdown: 1,
  trafficRatio: 1,
  findings: [`health:${service}`],
});

const failing = (service: string, failedShare: number, more: Partial<ServiceHealth> = {}) => ({
  ...fine(service),
  failedShare,
  ...more,
});

const loss = (kpi: string, service: string, more: Partial<KpiLoss> = {}): KpiLoss => ({
  kpi,
  service,
  expected: 100,
  actual: 50,
  lost: 50,
  lostInterval: [40, 60],
  lostValue: null,
  currency: null,
  unit: "orders",
  findings: [`kpi:${kpi}`],
  ...more,
});

const diagnosis: Diagnosis = {
  hypotheses: [],
  ruledOut: [],
  onset: null,
  firstFailing: "payment",
  blastRadius: ["checkout"],
  isHealthy: false,
};

function facts(sources: Partial<FactSources>) {
  const settings = defaultPrioritySettings;
  return factsFrom({ diagnosis, findings: [], topology, settings, ...sources });
}

describe("factsFrom", () => {
  it("knows nothing when nothing was read, and says why", () => {
    const known = facts({ topology: [] });
    expect(known.failingShare.state).toBe("unknown");
    expect(known.slowdown.state).toBe("unknown");
    expect(known.kpis).toEqual({ state: "unknown", because: "no KPI has data" });
    expect(known.unavailable.state).toBe("unknown");
    expect(assessPriority(known, defaultPrioritySettings).level).toBe("P2");
  });

  it("counts failures beyond what was normal before, where users enter", () => {
    const known = facts({
      health: [
        failing("storefront", 0.2, { baselineFailedShare: 0.05 }),
        failing("worker", 1),
        failing("mailer", 1),
      ],
    });
    expect(known.failingShare).toMatchObject({
      state: "measured",
      evidence: ["health:storefront"],
    });
    expect(known.failingShare.state === "measured" && known.failingShare.value).toBeCloseTo(0.15);
    expect(known.affected).toEqual(["storefront"]);
  });

  it("counts a journey that carries a business metric by itself: purchases among page views", () => {
    const known = facts({
      health: [failing("storefront", 0.02), failing("checkout", 0.4)],
      kpiLosses: [loss("orders", "checkout")],
    });
    expect(known.failingShare).toMatchObject({ value: 0.4 });
    expect(known.affected[0]).toBe("checkout");
  });

  it("takes work behind a queue for late and secondary", () => {
    const known = facts({
      health: [fine("storefront"), failing("worker", 1)],
      kpiLosses: [loss("confirmations", "worker")],
    });
    expect(known.kpis).toMatchObject({ value: [{ isDelayed: true }] });
    expect(known.unavailable).toMatchObject({ value: { service: "worker", isSecondary: true } });
  });

  it("does not take noise for a loss", () => {
    const noise = loss("orders", "checkout", { lost: 10, lostInterval: [-20, 40] });
    expect(facts({ kpiLosses: [noise] }).kpis).toMatchObject({
      value: [{ lostShare: 0, surelyLostShare: 0 }],
    });
  });

  it("writes money out, and knows a rise of a bad number for a sign", () => {
    const revenue = loss("revenue", "checkout", { lostValue: 16_212.4, currency: "EUR" });
    const carts = loss("abandoned carts", "storefront", { expected: 10, actual: 60 });
    expect(facts({ kpiLosses: [revenue, carts] }).kpis).toMatchObject({
      value: [{ lostText: "−16,212 EUR", isExcess: false }, { isExcess: true }],
    });
  });

  it("does not judge a function by a handful of requests", () => {
    const known = facts({ health: [fine("storefront"), failing("catalog", 1, { requests: 3 })] });
    expect(known.unavailable).toMatchObject({ value: { failedShare: 0 } });
  });

  it("takes words in logs for a suspicion of data loss, never for a proof", () => {
    const window = { from: 0, to: 1 };
    const found = {
      key: "log:1",
      layer: "application",
      kind: "log-pattern",
      service: "payment",
      statement: "",
      quote: "records lost while rebalancing",
      window,
      provenance: [],
    } as const;
    expect(facts({ findings: [found] }).dataLoss).toMatchObject({ state: "assumed", value: true });
  });

  it("lets settings say which services are user-facing, secondary or regulated", () => {
    const settings = {
      ...defaultPrioritySettings,
      userFacing: ["payment"],
      regulated: ["payment", "catalog"],
      secondary: ["catalog"],
    };
    const known = facts({ settings, health: [failing("payment", 0.5), failing("catalog", 0.5)] });
    expect(known.failingShare).toMatchObject({ value: 0.5 });
    expect(known.unavailable).toMatchObject({ value: { service: "payment", isSecondary: false } });
    expect(known.regulated).toEqual(["payment"]);
  });
});
