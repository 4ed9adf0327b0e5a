import type { StepBody } from "../../core/step.ts";
import type { HomeView, MessageView, ModalView } from "../blocks/types.ts";
import { type Language, wordsOf } from "../messages/words.ts";
import type { CaseState } from "../views/case-state.ts";
import { feedbackModal } from "../views/feedback-modal.ts";
import { headlineView } from "../views/headline.ts";
import { homeView } from "../views/home.ts";
import { answerView, decisionView, emptyView, errorView } from "../views/notes.ts";
import { priorityModal } from "../views/priority-modal.ts";
import { advance, noProgress, type Progress } from "../views/progress.ts";
import { reportView } from "../views/report.ts";
import { runbookModal } from "../views/runbook-modal.ts";
import {
  inconclusiveReport,
  sampleCase,
  sampleReport,
  sampleRunbook,
  sampleStart,
} from "./sample-report.ts";

type View = MessageView | ModalView | HomeView;

const usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  toolCalls: 1,
  bytesScanned: 0,
  seconds: 1,
};

/** A run's progress after one finding, one failure and one query under way. */
export function sampleProgress(language: Language, text: string | null = null): Progress {
  const words = wordsOf(language);
  const report = sampleReport();
  const first = report.evidence[0];
  const bodies: StepBody[] = [
    {
      kind: "tool-call",
      callId: "c1",
      tool: "compare_periods",
      input: {},
      because: text ?? "5xx by service, last 60 min",
    },
    {
      kind: "tool-result",
      callId: "c1",
      tool: "compare_periods",
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
    { kind: "tool-call", callId: "c2", tool: "trace", input: {}, because: "slowest requests" },
    {
      kind: "tool-result",
      callId: "c2",
      tool: "trace",
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
    { kind: "tool-call", callId: "c3", tool: "changes", input: {}, because: "deploys of orders" },
  ];
  const titles: Readonly<Record<string, string>> = {
    compare_periods: "Compare periods",
    trace: "Read traces",
    changes: "List changes",
  };
  return bodies.reduce(
    (progress, body, i) =>
      advance(
        progress,
        { ...body, number: i + 1, at: sampleStart + i, usage },
        {
          words,
          titleOf: (tool) => titles[tool] ?? tool,
          linkHosts: ["console.aws.amazon.com"],
        },
      ),
    noProgress(words, sampleStart),
  );
}

/** Every view once, for goldens, the validator and the eye. */
export function allViews(language: Language, given?: CaseState): Record<string, View> {
  const state = { ...(given ?? sampleCase()), language };
  const report = state.report ?? sampleReport();
  const incident = state.incident;
  const text = given ? incident.title : null;
  const running = {
    ...state,
    report: null,
    incident: { ...incident, state: "investigating" as const },
    progress: sampleProgress(language, text),
  };
  const action = state.runbook?.action ?? sampleRunbook.actions[0];
  return {
    headlineRunning: headlineView(running),
    headline: headlineView(state),
    report: reportView(state, report),
    inconclusive: reportView(state, {
      ...inconclusiveReport(),
      ...(given ? { summary: report.summary } : {}),
    }),
    noIncident: reportView(state, { ...report, conclusion: "no-incident", rootCauses: [] }),
    empty: emptyView(language),
    answer: answerView({
      answer: {
        text: text ?? "About **18%** of checkout requests fail [E1]; orders fell by 38% [E5].",
        evidence: ["E1", "E5"],
        model: "builtin",
        open: [text ?? "How many distinct users that is"],
      },
      evidence: report.evidence,
      isRunning: true,
      language,
      linkHosts: state.linkHosts,
    }),
    error: errorView({
      run: "run_0sample",
      incident: incident.id,
      found: [text ?? "E1"],
      language,
    }),
    approved: decisionView({
      verdict: "approved",
      by: "U0ANA0001",
      action: text ?? "Roll back the service",
      reason: text ?? "agreed with the team",
      language,
    }),
    priorityModal: priorityModal({ incident, from: "P1", to: "P0", metadata: "{}", language }),
    ...(action
      ? {
          runbookModal: runbookModal({
            runbook: { ...sampleRunbook, title: text ?? sampleRunbook.title },
            action,
            service: incident.service,
            level: "P0",
            expiresAt: sampleStart,
            metadata: "{}",
            language,
          }),
        }
      : {}),
    feedbackModal: feedbackModal("{}", language),
    home: homeView({
      open: [{ incident, link: null }],
      recent: [{ incident: { ...incident, conclusion: "confirmed" }, link: null }],
      role: "responder",
      feedback: { good: 9, total: 11 },
      language,
    }),
  };
}

/** The sample case with `text` in every place that telemetry, a model or a person can write to. */
export function hostileCase(text: string, language: Language): CaseState {
  const base = sampleCase({ language });
  const poison = <T>(value: T): T => {
    if (Array.isArray(value)) return value.map(poison) as T;
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [
      key,
      typeof item === "string" && poisoned.has(key) ? text : poison(item),
    ]);
    return Object.fromEntries(entries) as T;
  };
  return {
    ...base,
    incident: poison(base.incident),
    report: base.report ? { ...poison(base.report), id: "rep_0sample" } : null,
    runbook: base.runbook ? poison(base.runbook) : null,
  };
}

const poisoned = new Set([
  "title",
  "summary",
  "mechanism",
  "claim",
  "because",
  "users",
  "text",
  "risk",
  "statement",
  "what",
  "why",
  "service",
  "metric",
  "name",
  "unit",
  "label",
  "ref",
  "link",
  "model",
  "kpi",
  "respondWithin",
  "account",
  "region",
  "command",
  "blastRadius",
  "rollback",
  "currency",
  "source",
  "resource",
]);
