import { describe, expect, it } from "vitest";
import type { Change, LogPattern, Observations } from "../../core/rows.ts";
import { findExternalCauses } from "../causes/external-causes.ts";
import { remedyFor } from "../causes/remediation.ts";
import { symptomsOf } from "../causes/symptoms.ts";
import { at, change, errorLog, observed, series } from "../testing/observed.ts";
import { correlateChanges } from "./correlation.ts";
import { judgeChanges } from "./verdict.ts";

const noAlarm = { service: null, metric: null, name: null, summary: null, firedAt: null };

function judge(observations: Observations) {
  const symptoms = symptomsOf(observations, noAlarm);
  const onset = { at: at(60), interval: { from: at(59), to: at(60) } };
  const context = { onset, firstFailing: "pay", failing: ["pay"], symptoms };
  const candidates = correlateChanges(observations, context);
  return {
    candidates,
    verdict: judgeChanges(candidates, findExternalCauses(observations, symptoms)),
  };
}

const incident = (logs: readonly LogPattern[], changes: readonly Change[]) =>
  observed({
    series: [series("pay", "http_error_ratio", (i) => (i < 60 ? 0.01 : 0.7))],
    logPatterns: logs,
    changes,
  });

const config = (parts: Partial<Change>) =>
  change({ minutes: 59, kind: "config", service: "pay", ref: "config/7", ...parts });
const tight = config({
  title: "Fail faster",
  files: ["config/pay.json"],
  diff: '@@ config/pay.json @@\n-  "gatewayTimeoutMs": 3000,\n+  "gatewayTimeoutMs": 200,',
});

describe("the verdict on changes", () => {
  it("finds the guilty one and undoes it by its own kind", () => {
    const log = errorLog("pay", "gateway timed out after 200 ms");
    const { candidates, verdict } = judge(incident([log], [tight]));
    expect(verdict.kind).toBe("guilty");
    const guilty = verdict.kind === "guilty" ? verdict.candidate : null;
    const resource = null;
    const remedy = remedyFor({
      isOwnWork: false,
      causeKind: "change",
      guilty,
      changes: candidates,
      resource,
      texts: [],
    });
    expect(remedy.kind).toBe("config-revert");
  });

  it("says none when a party outside fails and no change touches it", () => {
    const log = errorLog("pay", "POST https://api.psp.example.com/charges returned 503");
    const retry = config({
      title: "Tune retries",
      diff: '@@ config/pay.json @@\n-  "maxAttempts": 2,\n+  "maxAttempts": 3,',
    });
    const { verdict } = judge(incident([log], [retry]));
    expect(verdict).toMatchObject({ kind: "none", external: { causeKind: "external-provider" } });
    expect(verdict.confidence).toBeGreaterThan(0.6);
  });

  it("still blames the change that pointed us at a host that fails", () => {
    const log = errorLog("pay", "POST https://api.newpsp.example.com/charges returned 503");
    const moved = config({
      title: "Move to the new provider",
      diff: '@@ config/pay.json @@\n-  "host": "api.psp.example.com"\n+  "host": "api.newpsp.example.com"',
    });
    expect(judge(incident([log], [moved])).verdict.kind).toBe("guilty");
  });

  it("says none, with little confidence, when nothing explains what is seen", () => {
    const log = errorLog("pay", "something odd happened");
    const other = config({
      title: "Open the office category",
      diff: '-  "books"\n+  "books", "office"',
    });
    const { verdict } = judge(incident([log], [other]));
    expect(verdict).toMatchObject({ kind: "none", external: null });
    expect(verdict.confidence).toBeLessThan(0.5);
  });

  it("says undecided when two changes explain it equally well", () => {
    const log = errorLog("pay", "gateway timed out after 200 ms");
    const twin = { ...tight, ref: "config/8" };
    expect(judge(incident([log], [tight, twin])).verdict.kind).toBe("undecided");
  });

  it("answers none without any change", () => {
    expect(judge(incident([], [])).verdict.kind).toBe("none");
  });
});

describe("remediation", () => {
  const remedy = (
    causeKind: Parameters<typeof remedyFor>[0]["causeKind"],
    resource: string | null = null,
  ) =>
    remedyFor({ causeKind, guilty: null, changes: [], resource, texts: [], isOwnWork: false }).kind;

  it("follows from the cause", () => {
    expect(remedy("expiry")).toBe("rotate-cert");
    expect(remedy("demand-surge")).toBe("scale");
    expect(remedy("bad-data")).toBe("purge-bad-data");
    expect(remedy("external-provider")).toBe("escalate-upstream");
    expect(remedy("saturation", "memory")).toBe("restart");
    expect(remedy("nothing-wrong")).toBe("monitor");
  });

  it("fails over where a second way is seen", () => {
    const texts = ["standby provider healthy"];
    const input = { guilty: null, changes: [], resource: null, texts };
    expect(remedyFor({ causeKind: "external-provider", isOwnWork: false, ...input }).kind).toBe(
      "failover",
    );
  });
});
