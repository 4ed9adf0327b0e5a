import type { Alarm } from "../../core/alarm.ts";
import type { Incident } from "../../core/incident.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { CaseState } from "../views/case-state.ts";

/** 2026-03-14 09:00 UTC; every sample counts from here. */
export const sampleStart = Date.UTC(2026, 2, 14, 9, 0, 0);

const minute = 60_000;
const at = (minutes: number) =>
  new Date(sampleStart + minutes * minute).toISOString().replace(".000Z", "Z");
const consoleLink = "https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#metricsV2";

/** An alarm as CloudWatch sends it. */
export function sampleAlarm(change: Partial<Alarm> = {}): Alarm {
  return {
    fingerprint: "checkout-5xx",
    sender: "cloudwatch",
    name: "checkout 5xx share high",
    service: "checkout",
    resource: null,
    metric: "http_5xx_share",
    threshold: 0.02,
    observed: 0.184,
    severity: "critical",
    state: "firing",
    firedAt: sampleStart + 4 * minute,
    summary: "5xx share of checkout is above 2% for 3 of 3 minutes",
    labels: { account: "111122223333", region: "eu-west-1" },
    link: consoleLink,
    raw: null,
    ...change,
  };
}

export function sampleIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: "inc_0sample",
    title: "checkout 5xx share high",
    state: "reported",
    service: "checkout",
    openedAt: sampleStart + 4 * minute,
    updatedAt: sampleStart + 6 * minute,
    resolvedAt: null,
    alarms: [
      {
        alarm: sampleAlarm(),
        count: 1,
        firstAt: sampleStart + 4 * minute,
        lastAt: sampleStart + 4 * minute,
        reasons: ["first alarm"],
      },
    ],
    openedBy: { id: "alarm", name: "alarm", role: "admin", door: "alarm" },
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: "run_0sample",
    mergedInto: null,
    ...change,
  };
}

function chart(title: string, unit: string, label: string, low: number, high: number) {
  const times = Array.from({ length: 40 }, (_, i) => sampleStart - 20 * minute + i * minute);
  const values = times.map((time, i) => {
    const wave = Math.sin(i / 3) * low * 0.15;
    return time < sampleStart ? low + wave : high + wave * 3;
  });
  return { title, unit, lines: [{ label, times, values }] };
}

const provenance = (query: string) => ({
  source: "CloudWatch",
  signal: "metrics",
  query,
  window: { from: at(-20), to: at(20) },
  tookMs: 210,
  rows: 40,
  bytesScanned: 12_000,
  truncated: false,
  link: consoleLink,
});

const evidence: Report["evidence"] = [
  {
    id: "E1",
    layer: "application",
    kind: "anomaly",
    service: "checkout",
    statement: "checkout: 5xx share rose from 0.2% to 18.4% at 09:01",
    value: 18.4,
    unit: "%",
    baseline: 0.2,
    effect: 41,
    effectKind: "deviations",
    at: at(1),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT AVG(http_5xx_share) WHERE service = 'checkout'")],
    chart: chart("checkout 5xx share", "%", "checkout", 0.2, 18.4),
  },
  {
    id: "E2",
    layer: "infrastructure",
    kind: "anomaly",
    service: "orders-db",
    resource: "orders-db/connections",
    statement: "orders-db: connections in use reached the limit of 100 at 08:59",
    value: 100,
    unit: "connections",
    baseline: 34,
    effect: 22,
    effectKind: "deviations",
    at: at(-1),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT MAX(connections) WHERE service = 'orders-db'")],
    chart: chart("orders-db connections", "count", "in use", 34, 100),
  },
  {
    id: "E3",
    layer: "application",
    kind: "change",
    service: "orders",
    statement: "orders: deploy 8f31c2 at 08:57, 2 minutes before the onset, touches the pool size",
    at: at(-3),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("changes of orders")],
  },
  {
    id: "E4",
    layer: "application",
    kind: "log-pattern",
    service: "orders",
    statement: "orders: “timeout acquiring connection” 0 → 1,204 lines, first at 08:59:12",
    value: 1_204,
    unit: "lines",
    baseline: 0,
    at: at(-0.8),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("filter @message like /timeout acquiring/")],
  },
  {
    id: "E5",
    layer: "business",
    kind: "kpi",
    service: "checkout",
    statement: "orders per minute fell from 212 to 131",
    value: 131,
    unit: "/min",
    baseline: 212,
    at: at(2),
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("SELECT SUM(orders)")],
  },
  {
    id: "E6",
    layer: "application",
    kind: "normal",
    service: "payments",
    statement: "payments: latency and errors are within their usual range",
    window: { from: at(-20), to: at(20) },
    provenance: [provenance("payments p95, errors")],
  },
];

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
    evidence,
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

export const sampleRunbook: Runbook = {
  name: "rollback-deploy",
  title: "Roll back a deploy",
  causes: ["change"],
  keywords: ["deploy"],
  services: [],
  actions: [
    {
      name: "Roll back the service",
      command: "aws ecs update-service --cluster shop --service orders --task-definition orders:41",
      blastRadius:
        "All tasks of orders restart within two minutes; requests in flight are drained.",
      rollback:
        "aws ecs update-service --cluster shop --service orders --task-definition orders:42",
      approver: "approver",
    },
  ],
  body: "",
};

export function sampleCase(change: Partial<CaseState> = {}): CaseState {
  const action = sampleRunbook.actions[0];
  return {
    incident: sampleIncident(),
    report: sampleReport(),
    progress: null,
    language: "en",
    linkHosts: ["console.aws.amazon.com"],
    reportUrl: null,
    runbook: action ? { name: sampleRunbook.name, action } : null,
    chartFile: null,
    charts: "native",
    stoppedBy: null,
    ...change,
  };
}
