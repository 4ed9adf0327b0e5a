import type { Alarm } from "../../core/alarm.ts";
import type { Evidence, EvidenceId, Finding } from "../../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../../core/hypothesis.ts";
import type { Runbook } from "../../core/runbook.ts";

/** One made-up leak: its alarm, evidence, hypotheses and facts, from which reports are made. */

export const minute = 60_000;
export const noon = Date.parse("2026-11-20T12:00:00Z");
export const window = { from: noon, to: noon + 45 * minute };
export const baseline = { from: noon - 60 * minute, to: noon };
const onsetAt = noon + 14 * minute;

export const alarm: Alarm = {
  fingerprint: "checkout-5xx",
  sender: "cloudwatch",
  name: "checkout-5xx-rate",
  service: "storefront",
  resource: null,
  metric: "http.server.errors",
  threshold: 0.05,
  observed: 0.31,
  severity: "critical",
  state: "firing",
  firedAt: noon + 19 * minute,
  summary: "5xx of storefront above 5 %",
  labels: {},
  link: null,
  raw: null,
};

export const usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  toolCalls: 14,
  bytesScanned: 12_400_000,
  seconds: 2.31,
};

export const poolRunbook: Runbook = {
  name: "connection-pool-exhaustion",
  title: "Connection pool exhausted",
  causes: ["leak", "saturation"],
  keywords: ["pool", "connection"],
  services: [],
  actions: [
    {
      name: "Roll back the release that leaks",
      command: "kubectl rollout undo deployment/<service>",
      blastRadius: "one service restarts, some requests in flight fail",
      rollback: "kubectl rollout undo deployment/<service>",
      undoes: ["deploy", "commit"],
      approver: "approver",
    },
  ],
  body: "",
};

/** A finding with its provenance, numbered. */
export function evidence(number: number, finding: Partial<Finding> & { key: string }): Evidence {
  const id: EvidenceId = `E${number}`;
  return {
    id,
    step: number,
    layer: "application",
    kind: "anomaly",
    statement: finding.key,
    window,
    provenance: [
      {
        source: "capture",
        signal: "metrics",
        query: `SELECT timestamp, value FROM metrics WHERE key = '${finding.key}'`,
        window,
        tookMs: 12,
        rows: 120,
        bytesScanned: 800_000,
        truncated: false,
      },
    ],
    ...finding,
  };
}

function wave(level: number, after: number, points = 90): (number | null)[] {
  return Array.from({ length: points }, (_, i) => {
    const at = baseline.from + (i * 105 * minute) / points;
    const ripple = 1 + 0.06 * Math.sin(i * 1.7) + 0.03 * Math.cos(i * 0.6);
    return i === 40 ? null : (at < onsetAt ? level : after) * ripple;
  });
}

const times = Array.from({ length: 90 }, (_, i) => baseline.from + (i * 105 * minute) / 90);

export const deploy = {
  ref: "3f2a91c07bd84e0a9cfa2d5b6b1c7e4f0a9d8c7b",
  kind: "deploy" as const,
  service: "checkout",
  title: "Add gift wrapping to orders",
  timestamp: noon + 6 * minute,
};

export const found: readonly Evidence[] = [
  evidence(1, {
    key: "anomaly:checkout:db.pool.waiting",
    layer: "infrastructure",
    service: "checkout",
    statement:
      "checkout: requests waiting for a database connection rose from 0 to 41 at 12:14:10 UTC (± 15 s).",
    value: 41,
    baseline: 0,
    at: onsetAt,
    weight: 0.9,
    chart: {
      title: "checkout: waiting for a database connection",
      unit: "requests",
      lines: [{ label: "waiting", times, values: wave(1, 41) }],
    },
  }),
  evidence(2, {
    key: "log:checkout:timeout",
    kind: "log-pattern",
    service: "checkout",
    statement:
      "checkout: a new error pattern appeared 1,204 times, first at 12:14:22 UTC: “timeout exceeded when trying to connect”.",
    quote:
      "Error: timeout exceeded when trying to connect to postgres://app:s3cr3t@db:5432/shop order=8812",
    at: onsetAt + 12_000,
    weight: 0.8,
    provenance: [
      {
        source: "capture",
        signal: "logs",
        query:
          "SELECT pattern, count(*) FROM logs WHERE service = 'checkout' GROUP BY pattern ORDER BY 2 DESC",
        window,
        tookMs: 88,
        rows: 31,
        bytesScanned: 6_100_000,
        truncated: false,
        link: "https://console.example.com/logs?query=checkout",
      },
    ],
  }),
  evidence(3, {
    key: "change:checkout:3f2a91c",
    kind: "change",
    service: "checkout",
    statement:
      "Deploy 3f2a91c07b to checkout eight minutes before onset touches `pool.connect()` in orders.ts, a word of the new errors.",
    facts: { change: deploy },
    at: deploy.timestamp,
    weight: 0.7,
  }),
  evidence(4, {
    key: "anomaly:storefront:errors",
    service: "storefront",
    statement: "storefront: the share of failing requests rose from 0.2 % to 31 % at 12:15:05 UTC.",
    value: 0.31,
    baseline: 0.002,
    at: onsetAt + 55_000,
    weight: 0.6,
    chart: {
      title: "storefront: failing requests",
      unit: "%",
      lines: [{ label: "5xx", times, values: wave(0.2, 31) }],
    },
  }),
  evidence(5, {
    key: "kpi:orders",
    layer: "business",
    kind: "kpi",
    service: "checkout",
    statement: "Orders: 112 instead of 498 expected since 12:14 UTC.",
    at: onsetAt + 60_000,
    facts: {
      kpiLoss: {
        kpi: "orders",
        service: "checkout",
        expected: 498,
        actual: 112,
        lost: 386,
        lostInterval: [341, 430],
        lostValue: 16_212,
        currency: "EUR",
        unit: "orders",
        findings: [],
      },
    },
  }),
  evidence(6, {
    key: "slo:checkout",
    kind: "slo",
    service: "checkout",
    statement: "checkout availability burns its 30-day error budget 310 times too fast.",
    facts: {
      sloStatus: {
        name: "checkout availability 99.9 %",
        service: "checkout",
        target: 0.999,
        burnRate: 310,
        budgetLeft: 0.68,
        findings: [],
      },
    },
  }),
  evidence(7, {
    key: "normal:payment",
    kind: "normal",
    service: "payment",
    statement: "payment: latency and errors stayed within their normal range.",
  }),
  evidence(8, {
    key: "topology",
    kind: "topology",
    statement: "Calls among six services, from spans.",
    facts: {
      edges: [
        { from: "storefront", to: "catalog", kind: "http" },
        { from: "storefront", to: "checkout", kind: "http" },
        { from: "checkout", to: "inventory", kind: "http" },
        { from: "checkout", to: "payment", kind: "http" },
        { from: "checkout", to: "worker", kind: "queue" },
      ],
    },
  }),
];

export const leak: Hypothesis = {
  key: "change:3f2a91c",
  causeKind: "leak",
  service: "checkout",
  resource: "checkout/db-pool",
  change: deploy,
  mechanism:
    "deploy 3f2a91c07b to checkout takes database connections and does not give them back, until the pool is empty and requests time out waiting",
  confidence: 0.91,
  score: 8.2,
  supporting: [
    "anomaly:checkout:db.pool.waiting",
    "log:checkout:timeout",
    "change:checkout:3f2a91c",
  ],
  contradicting: [],
  remediation: "rollback",
};

export const provider: Hypothesis = {
  key: "external:payment-provider",
  causeKind: "external-provider",
  service: "payment",
  resource: null,
  change: null,
  mechanism: "the payment provider answers slowly and checkout waits for it",
  confidence: 0.06,
  score: 1.1,
  supporting: [],
  contradicting: ["normal:payment"],
  remediation: "escalate-upstream",
};

export const diagnosis: Diagnosis = {
  hypotheses: [leak, provider],
  ruledOut: [
    {
      claim: "Flag “new-banner” on storefront, switched four minutes before onset",
      because: "the failing requests do not pass through the code it guards",
      findings: ["anomaly:storefront:errors"],
    },
  ],
  onset: { at: onsetAt, interval: { from: onsetAt - 15_000, to: onsetAt + 15_000 } },
  firstFailing: "checkout",
  blastRadius: ["storefront"],
  isHealthy: false,
};
