import type { Answer, Incident, IncidentState } from "./incident.ts";
import type { InvestigationRequest } from "./investigation-request.ts";
import type { Language } from "./language.ts";
import type { Principal } from "./principal.ts";
import type { PriorityLevel } from "./priority.ts";
import type { Report } from "./report.ts";
import type { Runbook } from "./runbook.ts";
import type { Step } from "./step.ts";
import type { Tool, ToolResult } from "./tool.ts";
import type { Window } from "./window.ts";

/** What every face sees of Shodo, and all it sees. */
export interface Analyst {
  /** Puts an investigation to work and returns at once. */
  start(request: InvestigationRequest): Promise<Incident>;
  /**
   * Starts one and waits for its report. Aborting stops the work and still gives a partial report.
   */
  investigate(request: InvestigationRequest, signal?: AbortSignal): Promise<Report>;
  /** Really stops: no further query or model call is made. The partial report is kept. */
  cancel(incident: string, by: Principal): Promise<CallOutcome>;
  /**
   * Goes on with an investigation that nobody runs any more, after a crash; nothing happens while
   * some process still runs it. Language as in `InvestigationRequest`.
   */
  resume?(incident: string, language: Language | null): Promise<void>;
  ask(incident: string, question: string, options: AskOptions): Promise<Answer | CallRefused>;

  incident(id: string): Promise<Incident | null>;
  incidents(filter: IncidentFilter): Promise<readonly Incident[]>;
  report(incident: string): Promise<Report | null>;
  /** Steps of the newest investigation, from `after` (exclusive) on. */
  steps(incident: string, after: number): Promise<readonly Step[]>;
  /** Called with every new step and every change of the incident; returns the way to stop. */
  subscribe(incident: string | "all", listener: (event: IncidentEvent) => void): () => void;

  acknowledge(incident: string, by: Principal): Promise<CallOutcome>;
  overridePriority(
    incident: string,
    level: PriorityLevel,
    reason: string,
    by: Principal,
  ): Promise<CallOutcome>;
  /** Records who decided what about a runbook's action. Nothing is executed. */
  decide(decision: RunbookDecision): Promise<CallOutcome>;
  feedback(
    incident: string,
    verdict: "helpful" | "not-helpful",
    reason: string | null,
    by: Principal,
  ): Promise<CallOutcome>;

  readonly tools: readonly Tool[];
  readonly runbooks: readonly Runbook[];
  /** Runs one tool on its own, over a window or within an incident. */
  call(tool: string, input: unknown, scope: CallScope): Promise<ToolResult>;
}

export interface AskOptions {
  readonly principal: Principal;
  readonly model: string | null;
  readonly language: Language | null;
  /** Called with each step that is taken to find the answer. */
  readonly onStep?: (step: Step) => void;
  readonly signal?: AbortSignal;
  /** Called while a model writes its answer, with the sentences so far that hold. */
  readonly onDraft?: (text: string) => void;
}

export interface CallScope {
  readonly principal: Principal;
  readonly incident: string | null;
  readonly window: Window | null;
  /** Folder to read when there is no incident to take it from. */
  readonly capture?: string;
  readonly signal: AbortSignal;
}

export interface IncidentFilter {
  readonly states?: readonly IncidentState[];
  readonly service?: string;
  readonly limit: number;
  /** Opened before this id; for paging. */
  readonly before?: string;
}

export type IncidentEvent =
  | { readonly kind: "step"; readonly incident: string; readonly step: Step }
  /**
   * What a model is writing: the sentences so far that hold, each time all of them. Not kept, and
   * not promised: the report has the words that were accepted in the end.
   */
  | { readonly kind: "draft"; readonly incident: string; readonly text: string }
  | { readonly kind: "changed"; readonly incident: Incident }
  | { readonly kind: "report"; readonly incident: string; readonly report: Report };

export interface CallRefused {
  readonly kind: "refused";
  /** One sentence that says what to do. */
  readonly message: string;
}

export type CallOutcome = { readonly kind: "done" } | CallRefused;

export interface RunbookDecision {
  readonly incident: string;
  readonly runbook: string;
  readonly action: string;
  readonly verdict: "approved" | "rejected";
  readonly reason: string | null;
  readonly by: Principal;
}
