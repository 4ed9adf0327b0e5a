import type { z } from "zod";
import type { Alarm } from "./alarm.ts";
import type { Evidence, Finding } from "./evidence.ts";
import type { Diagnosis, HypothesisMove } from "./hypothesis.ts";
import type { Kpi, Slo } from "./objectives.ts";
import type { FailureReason, Gap } from "./outcome.ts";
import type { Priority, PrioritySettings } from "./priority.ts";
import type { Runbook } from "./runbook.ts";
import type { Telemetry } from "./source.ts";
import type { EpochMs, Window } from "./window.ts";

/** What a tool may use. The window is computed once per investigation and passed down. */
export interface ToolContext {
  readonly telemetry: Telemetry;
  /** What came in; a person's question stands here in the same shape. */
  readonly alarm: Alarm;
  readonly window: Window;
  readonly baseline: Window;
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
  readonly runbooks: readonly Runbook[];
  readonly priority: PrioritySettings;
  /** Findings so far, in order; empty for a tool called on its own. */
  readonly findings: readonly Evidence[];
  /** The newest ranking of causes so far. */
  readonly diagnosis: Diagnosis | null;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
}

/** What was cut and how to get the rest. */
export interface Truncation {
  readonly shown: number;
  readonly total: number | null;
  /** How to narrow, or the cursor to go on with. */
  readonly next: string;
}

/** The times a tool compared. */
export interface Looked {
  readonly window: Window;
  readonly baseline: Window;
}

export type ToolResult<Output = unknown> =
  | {
      readonly kind: "data";
      readonly output: Output;
      readonly findings: readonly Finding[];
      readonly gaps: readonly Gap[];
      readonly truncated?: Truncation;
      /** A ranking of causes, when the tool made one; the newest of a run is its verdict. */
      readonly diagnosis?: Diagnosis;
      /** Hypotheses that the call moved, with the reason. */
      readonly moves?: readonly HypothesisMove[];
      /** A computed priority, when the tool made one. */
      readonly priority?: Priority;
      /** Filled in by whoever chose the times. */
      readonly looked?: Looked;
    }
  | {
      readonly kind: "empty";
      readonly searched: string;
      readonly reasons: readonly string[];
      readonly next: string;
      readonly gaps: readonly Gap[];
      readonly looked?: Looked;
    }
  | {
      readonly kind: "failed";
      readonly reason: FailureReason | "invalid-input" | "unknown-tool" | "budget" | "repeated";
      readonly message: string;
      readonly next: string;
      readonly retryable: boolean;
    };

/** The four MCP hints, each explicit. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export const readOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** One thing the analyst, a model or an MCP client may do. The same object serves all three. */
export interface Tool<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** snake_case, verb first. */
  readonly name: string;
  readonly title: string;
  /** Static, short; the first words say when to use it. */
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  /** True when a call may scan a lot; budgets count these. */
  readonly costly: boolean;
  /** True for the few that MCP clients see in their list; they find the others by search. */
  readonly everyday?: boolean;
  run(input: z.infer<Input>, context: ToolContext): Promise<ToolResult<z.infer<Output>>>;
}

/** Keeps the literal types of a tool's schemas for its `run`. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
