import type { CauseKind } from "./hypothesis.ts";
import type { ChangeKind } from "./rows.ts";

/** One situation that experts know, from `runbooks/*.md`. */
export interface Runbook {
  /** File name without its ending. */
  readonly name: string;
  readonly title: string;
  readonly causes: readonly CauseKind[];
  /** Words whose presence in findings or the alarm speaks for it. */
  readonly keywords: readonly string[];
  /** Services it is limited to; empty means all. */
  readonly services: readonly string[];
  readonly actions: readonly RunbookAction[];
  /** The Markdown text below the front matter. */
  readonly body: string;
}

/** A step a person may approve. Shodo records the decision; it executes nothing. */
export interface RunbookAction {
  readonly name: string;
  readonly command: string;
  readonly blastRadius: string;
  readonly rollback: string;
  /** Kinds of change that the command can take back; empty where it undoes none. */
  readonly undoes: readonly ChangeKind[];
  /** Role that may approve. */
  readonly approver: "responder" | "approver" | "admin";
}
