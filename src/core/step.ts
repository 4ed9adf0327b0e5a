import type { Alarm } from "./alarm.ts";
import type { Evidence } from "./evidence.ts";
import type { HypothesisMove } from "./hypothesis.ts";
import type { Kpi, Slo } from "./objectives.ts";
import type { Gap } from "./outcome.ts";
import type { ToolResult } from "./tool.ts";
import type { Comparison, EpochMs } from "./window.ts";

/** What a run has used so far. */
export interface Usage {
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
  readonly toolCalls: number;
  readonly bytesScanned: number;
  readonly seconds: number;
  /** What reading telemetry cost, and what was expected of it, where its systems charge. */
  readonly sourcesUsd?: number;
  readonly plannedUsd?: number;
  readonly plannedBytes?: number;
}

/** What leaves for a model's server: its size and a hash to know it by, never its text. */
export interface ModelSend {
  readonly model: string;
  readonly job: ModelJob;
  /** Of the messages and the tool definitions, as JSON. */
  readonly sha256: string;
  readonly bytes: number;
}

/** What a model is asked to do; one prompt each. */
export type ModelJob = "investigate" | "verify" | "narrate" | "answer";

/** What a run is about. */
export interface RunBrief extends Comparison {
  readonly title: string;
  readonly alarm: Alarm;
  readonly language: string;
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
}

/** The part of a step that its kind decides. */
export type StepBody =
  | {
      readonly kind: "started";
      readonly driver: string;
      readonly question: string | null;
      /** What the run is about, so that its steps alone can be played again. */
      readonly brief?: RunBrief;
    }
  | {
      readonly kind: "model-message";
      readonly job: ModelJob;
      readonly model: string;
      readonly text: string;
      readonly inputTokens: number;
      readonly outputTokens: number;
      readonly costUsd: number;
      /** The message as the wire had it, so that a run can be resumed and replayed. */
      readonly message: unknown;
    }
  | {
      readonly kind: "tool-call";
      readonly callId: string;
      readonly tool: string;
      readonly input: unknown;
      /** Why this tool now, in one clause. */
      readonly because: string;
    }
  | {
      readonly kind: "tool-result";
      readonly callId: string;
      readonly tool: string;
      readonly result: ToolResult;
      readonly evidence: readonly string[];
      readonly tookMs: number;
      /**
       * Set when the result is longer than a model is shown at once: it stands here whole, and in
       * this run, one that goes on from it, and every follow-up, `read_result` reads on in it.
       */
      readonly handle?: string;
    }
  | { readonly kind: "evidence-added"; readonly evidence: Evidence }
  | ({ readonly kind: "hypothesis-moved" } & HypothesisMove)
  | { readonly kind: "gap-found"; readonly gap: Gap }
  | { readonly kind: "budget-spent"; readonly budget: string; readonly action: string }
  | { readonly kind: "alarm-joined"; readonly fingerprint: string; readonly name: string }
  | {
      readonly kind: "verified";
      readonly key: string;
      readonly before: number;
      readonly after: number;
      readonly because: string;
    }
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "final";
      readonly status: "complete" | "partial";
      readonly stoppedBy: string | null;
    };

/** One thing that happened in an investigation. Appended, never changed. */
export type Step = StepBody & {
  /** 1, 2, 3 … within the investigation. */
  readonly number: number;
  readonly at: EpochMs;
  readonly usage: Usage;
};
