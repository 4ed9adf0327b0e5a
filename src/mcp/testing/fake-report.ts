import { type Report, reportSchema } from "../../core/report.ts";

const from = Date.parse("2026-03-01T09:00:00Z");
const minutes = (n: number) => new Date(from + n * 60_000).toISOString().replace(".000Z", "Z");
const windowIso = { from: minutes(60), to: minutes(120) };
const baseline = { from: minutes(0), to: minutes(60) };

function evidence(number: number, service: string, statement: string, values: number[]) {
  return {
    id: `E${number}`,
    layer: "application" as const,
    kind: number === 2 ? "change" : "anomaly",
    service,
    statement,
    value: 4.2,
    unit: "s",
    baseline: 0.3,
    effect: 14,
    effectKind: "deviations",
    at: minutes(64 + number),
    window: windowIso,
    quote: number === 1 ? "ERROR pool timeout after 30s" : undefined,
    provenance: [
      {
        source: "capture",
        signal: "metrics",
        query: `SELECT timestamp, value FROM metrics WHERE service = '${service}'`,
        window: windowIso,
        tookMs: 12,
        rows: 120,
        bytesScanned: 48_000,
        truncated: false,
      },
    ],
    chart: {
      title: `${service} latency p95`,
      unit: "s",
      lines: [
        { label: "p95", times: values.map((_, i) => from + i * 60_000), values },
        {
          label: "p50",
          times: values.map((_, i) => from + i * 60_000),
          values: values.map((v) => v / 3),
        },
      ],
    },
  };
}

const calm = Array.from({ length: 65 }, (_, i) => 0.3 + ((i * 7) % 5) / 50);
const broken = Array.from({ length: 55 }, (_, i) => 4 + ((i * 5) % 7) / 5);

/** A whole report, checked against the schema: a pool that a deploy made too small. */
export function fakeReport(change: Partial<Report> = {}): Report {
  return reportSchema.parse({
    id: "inv_1",
    title: "Checkout is slow",
    language: "en",
    status: "complete",
    conclusion: "likely",
    confidence: 0.82,
    model: "builtin",
    priority: {
      level: "P1",
      impact: "high",
      severity: "high",
      respondWithin: "1 hour",
      factors: [
        {
          name: "users",
          rating: "high",
          state: "measured",
          statement: "31% of checkouts fail",
          evidence: ["E1"],
        },
      ],
    },
    window: windowIso,
    baseline,
    onset: minutes(65),
    detectedAt: minutes(70),
    summary: "Checkout fails for a third of users. A deploy halved its connection pool.",
    rootCauses: [
      {
        rank: 1,
        service: "checkout",
        resource: "checkout/pool",
        change: { ref: "d34db33f", kind: "deploy", service: "checkout", title: "Tune the pool" },
        causeKind: "saturation",
        mechanism: "the deploy left too few connections, so requests wait",
        confidence: 0.82,
        supporting: ["E1", "E2"],
        contradicting: ["E3"],
      },
      {
        rank: 2,
        service: "payment",
        resource: null,
        change: null,
        causeKind: "latency",
        mechanism: "payment answers slowly",
        confidence: 0.1,
        supporting: ["E3"],
        contradicting: [],
      },
    ],
    ruledOut: [{ claim: "inventory deploy", because: "it came after the onset", evidence: ["E3"] }],
    firstFailing: "checkout",
    blastRadius: ["storefront", "orders"],
    impact: {
      users: "31% of checkouts fail",
      business: [
        {
          kpi: "orders",
          expected: 1200,
          actual: 830,
          lost: 370,
          lostValue: 18_500,
          currency: "USD",
          unit: "orders",
          evidence: ["E1"],
        },
      ],
      slos: [{ name: "checkout", target: 0.999, burnRate: 310, budgetLeft: 0.4, evidence: ["E1"] }],
    },
    timeline: [
      { at: minutes(62), text: "deploy d34db33f of checkout", evidence: ["E2"] },
      { at: minutes(65), text: "checkout latency rises", evidence: ["E1"] },
      { at: minutes(70), text: "alarm fires", evidence: [] },
    ],
    actions: [
      { kind: "rollback", text: "Roll back d34db33f", risk: "low", evidence: ["E2"] },
      { kind: "monitor", text: "Watch the pool", risk: "none", evidence: [] },
    ],
    evidence: [
      evidence(1, "checkout", "checkout latency p95 rose from 0.3 s to 4.2 s", [
        ...calm,
        ...broken,
      ]),
      evidence(2, "checkout", "deploy d34db33f of checkout came 3 minutes before", [
        ...calm,
        ...broken,
      ]),
      evidence(3, "payment", "payment latency is normal", calm.concat(calm)),
    ],
    gaps: [{ what: "traces of inventory", why: "throttled", effect: "its latency is unknown" }],
    similar: [],
    topology: [
      { from: "storefront", to: "checkout", kind: "http" },
      { from: "checkout", to: "payment", kind: "http" },
      { from: "checkout", to: "inventory", kind: "http" },
      { from: "checkout", to: "orders", kind: "http" },
    ],
    usage: {
      modelCalls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costUsd: 0,
      toolCalls: 9,
      bytesScanned: 48_000,
      seconds: 4.2,
    },
    ...change,
  });
}
