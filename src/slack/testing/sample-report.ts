import type { Report } from "../../core/report.ts";
import { at, sampleEvidence } from "./sample-evidence.ts";

/** A whole report whose cause is a deploy that shrank a connection pool. */
export function sampleReport(change: Partial<Report> = {}): Report {
  return {
    id: "rep_0sample",
    title: "checkout 5xx share high",
    language: "en",
    status: "complete",
    conclusion: "confirmed",
    confidence: 0.86,
    model: "builtin",
    priority: {
      level: "P1",
      impact: "high",
      severity: "high",
      respondWithin: "1 hour",
      factors: [],
    },
    window: { from: at(-20), to: at(20) },
    baseline: { from: at(-80), to: at(-20) },
    onset: at(-1),
    detectedAt: at(4),
    summary:
      "18% of checkout requests fail because orders cannot get database connections. Deploy 8f31c2 of orders cut its pool from 50 to 5.",
    rootCauses: [
      {
        rank: 1,
        service: "orders",
        resource: "orders/db-pool",
        change: { ref: "8f31c2", kind: "deploy", service: "orders", title: "Tune pool settings" },
        causeKind: "change",
        mechanism:
          "The deploy shrank the connection pool, requests queue for a connection and time out, and checkout answers 5xx",
        confidence: 0.86,
        supporting: ["E3", "E2", "E4", "E1"],
        contradicting: [],
      },
      {
        rank: 2,
        service: "orders-db",
        resource: null,
        change: null,
        causeKind: "saturation",
        mechanism: "The database ran out of connections by itself",
        confidence: 0.09,
        supporting: ["E2"],
        contradicting: ["E3"],
      },
    ],
    ruledOut: [
      {
        claim: "payments is at fault",
        because: "its latency and errors did not move",
        evidence: ["E6"],
      },
    ],
    firstFailing: "orders",
    blastRadius: ["checkout"],
    impact: {
      users: "18% of checkout requests fail",
      business: [
        {
          kpi: "orders",
          expected: 3_392,
          actual: 2_096,
          lost: 1_296,
          lostValue: 64_800,
          currency: "EUR",
          unit: "orders",
          evidence: ["E5"],
        },
      ],
      slos: [
        {
          name: "checkout availability",
          target: 0.999,
          burnRate: 184,
          budgetLeft: 0.41,
          evidence: ["E1"],
        },
      ],
    },
    timeline: [
      {
        at: at(-3),
        kind: "change",
        text: "orders: deploy 8f31c2 “Tune pool settings”",
        evidence: ["E3"],
      },
      {
        at: at(-1),
        kind: "symptom",
        text: "orders-db: connections at the limit",
        evidence: ["E2"],
      },
      { at: at(-0.8), kind: "onset", text: "orders: first connection time-out", evidence: ["E4"] },
      { at: at(1), kind: "symptom", text: "checkout: 5xx share above 2%", evidence: ["E1"] },
      { at: at(4), kind: "alarm", text: "Alarm fires", evidence: [] },
    ],
    actions: [
      {
        kind: "rollback",
        text: "Roll orders back to the version before 8f31c2",
        runbook: "rollback-deploy",
        risk: "loses the other changes of that deploy",
        evidence: ["E3"],
      },
      {
        kind: "monitor",
        text: "Watch orders-db connections for 15 minutes",
        risk: "",
        evidence: ["E2"],
      },
    ],
    evidence: sampleEvidence,
    gaps: [
      {
        what: "traces of payments",
        why: "access denied (xray:BatchGetTraces)",
        effect: "its share of the delay is unknown",
      },
    ],
    similar: [],
    topology: [],
    usage: {
      modelCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      toolCalls: 9,
      bytesScanned: 120_000,
      seconds: 41.2,
    },
    ...change,
  };
}

/** No cause could be confirmed, and the report says so. */
export function inconclusiveReport(): Report {
  const report = sampleReport();
  return {
    ...report,
    conclusion: "inconclusive",
    confidence: 0.31,
    summary:
      "18% of checkout requests fail. Two explanations fit and the evidence at hand does not decide between them.",
    rootCauses: report.rootCauses.map((cause, i) => ({
      ...cause,
      confidence: i === 0 ? 0.31 : 0.27,
    })),
    actions: [
      {
        kind: "monitor",
        text: "Check whether the pool of orders is exhausted",
        risk: "",
        evidence: ["E2"],
      },
      { kind: "monitor", text: "Read the slow query log of orders-db", risk: "", evidence: [] },
    ],
  };
}
