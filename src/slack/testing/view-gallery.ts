import type { Language } from "../../core/language.ts";
import type { HomeView, MessageView, ModalView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";
import { answerView } from "../views/answer.ts";
import type { CaseState } from "../views/case-state.ts";
import { feedbackModal } from "../views/feedback-modal.ts";
import { headlineView } from "../views/headline.ts";
import { homeView } from "../views/home.ts";
import {
  decisionView,
  emptyView,
  errorView,
  noteView,
  refusalView,
  reportLinkView,
} from "../views/notes.ts";
import { priorityModal } from "../views/priority-modal.ts";
import { advance, noProgress, type Progress } from "../views/progress.ts";
import { reportView } from "../views/report.ts";
import { loadingModal, runbookModal } from "../views/runbook-modal.ts";
import { sampleCase, sampleRunbook } from "./sample-case.ts";
import { sampleStart } from "./sample-evidence.ts";
import { inconclusiveReport, sampleReport } from "./sample-report.ts";
import { noUsage, scriptedSteps } from "./sample-steps.ts";

type View = MessageView | ModalView | HomeView;

/** A run's progress after one finding, one failure and one query under way. */
export function sampleProgress(language: Language, text: string | null = null): Progress {
  const words = wordsOf(language);
  const bodies = scriptedSteps(text);
  const titles: Readonly<Record<string, string>> = {
    find_anomalies: "Find anomalies",
    analyze_traces: "Analyze traces",
    list_changes: "List changes",
  };
  return bodies.reduce(
    (progress, body, i) =>
      advance(
        progress,
        { ...body, number: i + 1, at: sampleStart + i, usage: noUsage },
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
    inconclusive: reportView(
      state,
      given ? { ...report, conclusion: "inconclusive" } : inconclusiveReport(),
    ),
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
      why: text ?? "metrics could not be read: connection refused",
      incident: incident.id,
      found: [text ?? "E1"],
      language,
    }),
    reportLink: reportLinkView("https://shodo.example/sign-in?token=abc", language),
    failed: headlineView({
      ...state,
      report: null,
      incident: { ...incident, state: "failed", failure: text ?? "metrics could not be read" },
    }),
    merged: headlineView({
      ...state,
      report: null,
      incident: { ...incident, state: "cancelled", mergedInto: "inc_0other" },
      survivor: {
        title: text ?? "postgres: connections exhausted",
        link: "https://double.slack.com/archives/C0INCID01/p1",
      },
    }),
    overridden: headlineView({
      ...state,
      incident: {
        ...incident,
        override: {
          level: "P0",
          by: text ?? "Ana",
          id: "U0ANA0001",
          at: new Date(sampleStart).toISOString(),
          reason: text ?? "launch day",
        },
      },
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
    loadingModal: loadingModal(language),
    note: noteView(wordsOf(language).notYet),
    refusal: refusalView(text ?? "Nothing is running for inc_01.", language),
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
