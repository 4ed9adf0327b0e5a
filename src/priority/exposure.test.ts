import { describe, expect, it } from "vitest";
import type { Finding } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../core/hypothesis.ts";
import { assessPriority } from "./assess.ts";
import { peakHour, regulatedBreach, securityBreach } from "./exposure.ts";
import { factsFrom } from "./facts-from.ts";
import { prioritySettingsSchema } from "./settings.ts";

const at = Date.parse("2026-11-20T19:30:00Z");
const window = { from: at, to: at + 60_000 };

const diagnosis: Diagnosis = {
  hypotheses: [],
  ruledOut: [],
  onset: { at, interval: window },
  firstFailing: "login",
  blastRadius: [],
  isHealthy: false,
};

const line = (quote: string, value = 90, baseline = 1): Finding => ({
  ...{ key: `log:${quote}`, layer: "application", kind: "log-pattern", service: "login" },
  ...{ statement: "a line", window, provenance: [], quote, value, baseline },
});

const settings = (parts: object = {}) => prioritySettingsSchema.parse(parts);
const sources = (findings: readonly Finding[], parts: object = {}, name = "login-errors") => ({
  ...{ diagnosis, findings, settings: settings(parts) },
  alarm: { name, firedAt: at },
});

describe("peak hour", () => {
  const hours = (from: string, to: string, timeZone = "UTC") => ({
    peakHours: [{ from, to, timeZone }],
  });

  it.each([
    ["18:00", "22:00", "UTC", true],
    ["20:00", "22:00", "UTC", false],
    ["22:00", "20:00", "UTC", true],
    ["04:00", "05:00", "Asia/Tokyo", true],
  ])("is read from the configured hours %s to %s in %s", (from, to, timeZone, value) => {
    expect(peakHour(sources([], hours(from, to, timeZone)))).toMatchObject({ value });
  });

  it("is measured by the day's own curve where evidence shows it, else unknown with why", () => {
    const shown: Finding = { ...line("x"), key: "peak-hour", facts: { peakHour: true } };
    const measured = { state: "measured", value: true, evidence: ["peak-hour"] };
    expect(peakHour(sources([shown]))).toEqual(measured);
    expect(peakHour(sources([]))).toEqual({
      state: "unknown",
      because: "less than a day of traffic was read",
    });
  });

  it("makes a failing core function one step worse, and says so", () => {
    const health = ["web", "login"].map((service) => ({
      ...{ service, requests: 1000, failedShare: service === "login" ? 0.2 : 0 },
      ...{ baselineFailedShare: 0, slowdown: 1, trafficRatio: 1, findings: [] },
    }));
    const topology = [{ from: "web", to: "login", kind: "http" }];
    const assess = (parts: object) => {
      const used = settings(parts);
      return assessPriority(
        factsFrom({ diagnosis, findings: [], health, topology, settings: used }),
        used,
      );
    };
    expect(assess(hours("01:00", "02:00")).severity).toBe("high");
    const busy = assess(hours("18:00", "22:00"));
    expect(busy.severity).toBe("critical");
    expect(busy.factors.find(({ name }) => name === "peak hour")).toMatchObject({
      state: "measured",
      rating: "high",
    });
  });
});

describe("a security breach", () => {
  it("is suspected, never measured, from words in telemetry", () => {
    const found = securityBreach(sources([line("possible brute-force from 10.0.0.1")]));
    expect(found).toEqual({ state: "assumed", value: true, because: "logs of login say so" });
  });

  it("is suspected when refusals multiply and no change explains them", () => {
    const refused = [line("login failed for user 17", 90, 4)];
    expect(securityBreach(sources(refused)).state).toBe("assumed");
    expect(securityBreach(sources([line("login failed for user 17", 6, 4)])).state).toBe("unknown");
    const change = { ref: "r", kind: "deploy", service: "login", title: "t", timestamp: at };
    const blamed = { hypotheses: [{ change } as unknown as Hypothesis] };
    const explained = { ...sources(refused), diagnosis: { ...diagnosis, ...blamed } };
    expect(securityBreach(explained).state).toBe("unknown");
  });

  it("is measured by alarms that the team names, and then raises the level to P0", () => {
    const parts = { securityAlarms: ["guard-duty"] };
    const given = sources([], parts, "Guard-Duty finding 7");
    expect(securityBreach(given)).toMatchObject({ state: "measured", value: true });
    expect(assessPriority(factsFrom(given), given.settings).level).toBe("P0");
  });
});

describe("a regulated breach", () => {
  const measured = { state: "measured", value: true, evidence: ["E1"] } as const;
  const unknown = { state: "unknown", because: "nothing" } as const;

  it("needs a regulated service among those that suffer", () => {
    expect(regulatedBreach([], measured, unknown).state).toBe("unknown");
    expect(regulatedBreach(["ledger"], unknown, unknown).state).toBe("unknown");
    expect(regulatedBreach(["ledger"], measured, unknown)).toEqual(measured);
  });

  it("is suspected in a regulated service whose data may be lost, and weighs high", () => {
    const parts = { regulated: ["login"] };
    const given = sources([line("order records lost while writing")], parts);
    const legal = assessPriority(factsFrom(given), given.settings).factors.find(
      ({ name }) => name === "legal and compliance",
    );
    expect(legal).toMatchObject({ state: "assumed", rating: "high" });
    expect(legal?.statement).toContain("login has regulatory weight");
  });
});
