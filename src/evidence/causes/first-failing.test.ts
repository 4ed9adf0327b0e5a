import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observations } from "../../core/rows.ts";
import { errorLog, observed, series } from "../testing/observed.ts";
import { findFirstFailing } from "./first-failing.ts";
import { symptomsOf } from "./symptoms.ts";

const find = (observations: Observations, service: string) => {
  const alarm = { service, metric: null, name: null, summary: null, firedAt: null };
  return findFirstFailing(observations, { alarm, symptoms: symptomsOf(observations, alarm) });
};
const step =
  (before: number, after: number, from = 60) =>
  (i: number) =>
    i < from ? before : after;

/** web calls orders calls stock; stock runs out of connections, the others pass the failure on. */
const chain = observed({
  topology: [
    { from: "web", to: "orders", kind: "call" },
    { from: "orders", to: "stock", kind: "call" },
  ],
  logPatterns: [
    errorLog("stock", "timeout acquiring a connection from the pool", 60, 20),
    errorLog("orders", "stock returned 500", 60, 200),
    errorLog("web", "upstream orders unavailable", 61, 400),
  ],
  series: [
    series("stock", "http_error_ratio", step(0.01, 0.5)),
    series("orders", "http_error_ratio", step(0.01, 0.6, 61)),
    series("web", "http_error_ratio", step(0.01, 0.7, 61)),
    series("mail", "requests_per_sec", step(50, 4)),
    series("mail", "http_error_ratio", () => 0.01),
  ],
});

describe("the first failing service", () => {
  it("is the one that fails on its own account, not the loudest", () => {
    const found = find(chain, "web");
    expect(found.service).toBe("stock");
    expect(found.blastRadius).toEqual(["orders", "web"]);
    expect(found.findings[0]?.statement).toMatchInlineSnapshot(
      `"stock fails on its own account: 100% of its failing lines blame nobody else; 33% of the others' failing lines name it; it shows since 11:00"`,
    );
  });

  it("does not move when the alarm is moved to a victim", () => {
    const anyone = fc.constantFrom("web", "orders", "stock");
    fc.assert(
      fc.property(anyone, (alarmed) => void expect(find(chain, alarmed).service).toBe("stock")),
    );
  });

  it("is never one that only lost traffic", () => {
    expect(find(chain, "web").scores.map((s) => s.service)).not.toContain("mail");
  });

  it("stays at the caller when the callee it complains of shows nothing itself", () => {
    const found = find(
      observed({
        topology: [{ from: "orders", to: "pay", kind: "call" }],
        logPatterns: [
          errorLog("orders", "tls handshake to pay failed: certificate has expired"),
          errorLog("web", "upstream orders returned 502"),
        ],
        series: [
          series("orders", "http_error_ratio", step(0.01, 0.9)),
          series("web", "http_error_ratio", step(0.01, 0.8)),
          series("pay", "requests_per_sec", step(300, 5)),
        ],
      }),
      "web",
    );
    expect(found.service).toBe("orders");
    expect(found.blastRadius).toEqual(["web"]);
  });

  it("is unknown when nothing fails and nobody called", () => {
    expect(find(observed(), "web").service).toBeNull();
  });
});
