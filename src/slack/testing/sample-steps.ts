import type { StepBody, Usage } from "../../core/step.ts";
import { sampleStart } from "./sample-evidence.ts";
import { sampleReport } from "./sample-report.ts";

export const noUsage: Usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  toolCalls: 1,
  bytesScanned: 0,
  seconds: 1,
};

/** One finding, one failure, a hypothesis and one query under way; `text` stands for telemetry. */
export function scriptedSteps(text: string | null = null): StepBody[] {
  const first = sampleReport().evidence[0];
  return [
    {
      kind: "tool-call",
      callId: "c1",
      tool: "find_anomalies",
      input: {},
      because: text ?? "5xx by service, last 60 min",
    },
    {
      kind: "tool-result",
      callId: "c1",
      tool: "find_anomalies",
      result: {
        kind: "data",
        output: {},
        gaps: [],
        findings: [
          {
            key: "anomaly:checkout",
            layer: "application",
            kind: "anomaly",
            statement: text ?? first?.statement ?? "",
            window: { from: sampleStart, to: sampleStart + 1 },
            provenance: [
              {
                source: text ?? "CloudWatch",
                signal: "metrics",
                query: "q",
                window: { from: sampleStart, to: sampleStart + 1 },
                tookMs: 1,
                rows: 1,
                bytesScanned: 1,
                truncated: false,
                link: text ?? "https://console.aws.amazon.com/cloudwatch/home",
              },
            ],
          },
        ],
      },
      evidence: ["E1"],
      tookMs: 1,
    },
    {
      kind: "tool-call",
      callId: "c2",
      tool: "analyze_traces",
      input: {},
      because: "slowest requests",
    },
    {
      kind: "tool-result",
      callId: "c2",
      tool: "analyze_traces",
      result: {
        kind: "failed",
        reason: "denied",
        message: text ?? "X-Ray denied access; grant xray:BatchGetTraces",
        next: "",
        retryable: false,
      },
      evidence: [],
      tookMs: 1,
    },
    {
      kind: "hypothesis-moved",
      to: "supported",
      because: "",
      hypothesis: {
        key: "change:8f31c2",
        causeKind: "change",
        service: "orders",
        resource: null,
        change: null,
        mechanism: text ?? "Deploy 8f31c2 of orders shrank its connection pool",
        confidence: 0.64,
        score: 1,
        supporting: [],
        contradicting: [],
        remediation: "rollback",
      },
    },
    {
      kind: "tool-call",
      callId: "c3",
      tool: "list_changes",
      input: {},
      because: "deploys of orders",
    },
  ];
}

/** A whole run. */
export const sampleSteps: readonly StepBody[] = [
  { kind: "started", driver: "builtin", question: null },
  ...scriptedSteps(),
  {
    kind: "tool-result",
    callId: "c3",
    tool: "list_changes",
    result: { kind: "empty", searched: "deploys of checkout", reasons: [], next: "", gaps: [] },
    evidence: [],
    tookMs: 1,
  },
];
