import type { Alarm } from "../core/alarm.ts";
import type { Evidence } from "../core/evidence.ts";
import type { ModelSend, Step } from "../core/step.ts";
import type { Tool } from "../core/tool.ts";
import type { Window } from "../core/window.ts";
import type { Budget } from "./budget.ts";
import type { Ledger } from "./ledger.ts";
import type { Recorder } from "./recorder.ts";
import type { ToolRunner } from "./tool-runner.ts";

/** What a driver is told before it starts. */
export interface Brief {
  readonly title: string;
  readonly question: string | null;
  readonly alarm: Alarm;
  readonly window: Window;
  readonly baseline: Window;
  readonly language: string;
}

/** One run of the analyst, whoever drives it. */
export interface Session {
  readonly brief: Brief;
  readonly runner: ToolRunner;
  readonly ledger: Ledger;
  readonly budget: Budget;
  readonly recorder: Recorder;
  /** Steps of an interrupted run that this one goes on from; empty for a new one. */
  readonly recorded: readonly Step[];
  readonly watch: Watch;
  readonly signal: AbortSignal;
  /**
   * Takes in the alarms that have joined the incident since the last call, as evidence; both
   * drivers ask at every turn. `isLast` takes them in even where recorded calls were never asked
   * for again.
   */
  hear(isLast?: boolean): Promise<readonly Evidence[]>;
}

/** Those outside a run who want to know of a model while it is at work. */
export interface Watch {
  /** Sentences that a model has written so far and that hold; all of them, each time. */
  readonly onDraft?: (text: string) => void;
  /** Before anything leaves for a model's server; what it throws keeps the request from leaving. */
  readonly onModelSend?: (sent: ModelSend) => Promise<void>;
}

/**
 * Picks the next tool until it is done. Built in, or a model; both use the same runner, ledger and
 * budgets. It never throws for an expected fault: it says what stopped it.
 */
export interface Driver {
  /** As the report names it: `builtin`, `openai:gpt-…`. */
  readonly name: string;
  /** Tools of its own, beside those everyone may call; they read nothing and are never refused. */
  readonly tools?: readonly Tool[];
  run(session: Session): Promise<DriverEnd>;
}

export interface DriverEnd {
  /** Null when the driver came to its own end; else the budget or fault that ended it. */
  readonly stoppedBy: string | null;
  /** Name to print in the report when it differs from the driver's own. */
  readonly model?: string;
  /** Words by a model for the report's summary, already checked; never numbers of its own. */
  readonly narrative?: string;
}
