import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observations } from "../../core/rows.ts";
import { findSurge } from "../metrics/demand.ts";
import { attribute, errorLog, observed, series } from "../testing/observed.ts";
import { findExternalCauses } from "./external-causes.ts";
import { outsideHosts } from "./outside-hosts.ts";
import { symptomsOf } from "./symptoms.ts";

const noAlarm = { service: null, metric: null, name: null, summary: null, firedAt: null };
const causes = (observations: Observations) =>
  findExternalCauses(observations, symptomsOf(observations, noAlarm));
const surge = (observations: Observations) =>
  findSurge(observations, symptomsOf(observations, noAlarm));

const calls = [
  { from: "web", to: "orders", kind: "call" },
  { from: "orders", to: "stock", kind: "call" },
];
const step = (before: number, after: number) => (i: number) => (i < 60 ? before : after);

describe("external causes", () => {
  it("see a certificate whose clock reached zero", () => {
    const [cause] = causes(
      observed({
        series: [series("pay", "tls_cert_seconds_until_expiry", (i) => (60 - i) * 60)],
        logPatterns: [errorLog("orders", "tls: x509: certificate has expired or is not yet valid")],
      }),
    );
    expect(cause).toMatchObject({ causeKind: "expiry", service: "orders" });
    expect(cause?.strength).toBeGreaterThan(0.9);
    expect(cause?.findings.map((f) => f.statement)).toMatchInlineSnapshot(`
      [
        "40 of 40 failing log lines of orders say so: a certificate or credential reached its end",
        "tls_cert_seconds_until_expiry of pay reached zero at 11:00",
        "tls_cert_seconds_until_expiry of pay went from 3.54e+3 to -1.74e+3 at 10:01",
      ]
    `);
  });

  it("do not take an expired session for an expired certificate", () => {
    expect(causes(observed({ logPatterns: [errorLog("web", "jwt: token is expired")] }))).toEqual(
      [],
    );
  });

  it("see a host outside the system that fails, and only that", () => {
    const log = errorLog("pay", "POST https://api.psp.example.com/v1/charges returned 503");
    const inside = errorLog("web", "GET http://orders.svc.cluster.local/list returned 503");
    const found = causes(observed({ logPatterns: [log, inside] }));
    expect(found.map((c) => [c.key, c.service])).toEqual([
      ["external:provider:api.psp.example.com", "pay"],
    ]);
  });

  it("do not blame a host outside for refusing what we ask wrongly", () => {
    const log = errorLog(
      "pay",
      "POST https://api.psp.example.com/v1/charges answered 401 unauthorized",
    );
    expect(causes(observed({ logPatterns: [log] }))).toEqual([]);
  });

  it("see names that cannot be resolved", () => {
    const log = errorLog("pay", "dial tcp: lookup api.psp.example.com: no such host");
    expect(causes(observed({ logPatterns: [log] }))[0]?.key).toBe("external:dns");
  });

  it("see one record in every failure while others pass", () => {
    const key = "order.id";
    const bad = { service: "worker", key, value: "A-1", windowErrors: 9, windowCount: 9 };
    const totals = { keyErrors: 9, keyCount: 200 };
    const [cause] = causes(observed({ attributes: [attribute({ ...bad, ...totals })] }));
    expect(cause).toMatchObject({ causeKind: "bad-data", subject: "A-1" });
    const spread = attribute({ ...bad, keyErrors: 90, keyCount: 200 });
    expect(causes(observed({ attributes: [spread] }))).toEqual([]);
  });

  it("see nothing in a quiet system", () => {
    const quiet = observed({ series: [series("web", "requests_per_sec", () => 100)] });
    expect(causes(quiet)).toEqual([]);
  });

  it("stay within 0 and 1 and never throw on foreign text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 120 }), { maxLength: 5 }), (lines) => {
        const logPatterns = lines.map((line, i) => errorLog(`s${i}`, line));
        for (const cause of causes(observed({ logPatterns }))) {
          expect(cause.strength).toBeGreaterThanOrEqual(0);
          expect(cause.strength).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("demand", () => {
  const rates = (web: number, orders: number, stock: number) =>
    observed({
      topology: calls,
      series: [
        series("web", "requests_per_sec", step(100, 100 * web)),
        series("orders", "requests_per_sec", step(50, 50 * orders)),
        series("stock", "requests_per_sec", step(50, 50 * stock)),
      ],
    });

  it("is a surge when it rises at the entry and all along", () => {
    expect(surge(rates(3, 3, 2.8))?.entry).toMatchObject({ service: "web" });
  });

  it("is no surge when only a callee is called more often", () => {
    const factor = fc.double({ min: 1.5, max: 50, noNaN: true });
    fc.assert(fc.property(factor, factor, (a, b) => void expect(surge(rates(1, a, b))).toBeNull()));
  });

  it("is no surge when people try again after the failure began", () => {
    const late = observed({
      topology: calls,
      series: [
        series("web", "requests_per_sec", (i) => (i < 66 ? 100 : 250)),
        series("web", "http_error_ratio", step(0.01, 0.7)),
      ],
    });
    expect(surge(late)).toBeNull();
  });
});

describe("hosts outside", () => {
  it("are public names that no service bears", () => {
    const text =
      "GET https://api.maps.example.com/v1, orders.svc.cluster.local, com.example.Thing, 10.0.0.1";
    expect(outsideHosts(text, ["orders"])).toEqual(["api.maps.example.com"]);
    expect(outsideHosts("https://orders.example.com/x", ["order-service", "orders"])).toEqual([]);
  });
});
