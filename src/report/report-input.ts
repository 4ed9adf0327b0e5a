import type { Alarm } from "../core/alarm.ts";
import type { Evidence } from "../core/evidence.ts";
import type { Diagnosis } from "../core/hypothesis.ts";
import type { Gap } from "../core/outcome.ts";
import type { Priority } from "../core/priority.ts";
import type { Report } from "../core/report.ts";
import type { Change, Edge } from "../core/rows.ts";
import type { RunbookMatch } from "../core/runbook-match.ts";
import type { Usage } from "../core/step.ts";
import type { EpochMs, Window } from "../core/window.ts";

/** What an investigation knows when it ends; `buildReport` turns it into a report. */
export interface ReportInput {
  readonly id: string;
  readonly title: string;
  readonly language: string;
  /** What drove the run: `builtin`, `openai:…`. */
  readonly model: string;
  /** A model's account, already checked against the evidence. */
  readonly narrative?: string;
  readonly alarm: Alarm | null;
  readonly detectedAt: EpochMs;
  readonly window: Window;
  readonly baseline: Window;
  /** Verified; null when nothing could be concluded at all. */
  readonly diagnosis: Diagnosis | null;
  /** Factors may cite keys or ids of evidence; what is not in `evidence` is left out. */
  readonly priority: Priority;
  readonly evidence: readonly Evidence[];
  readonly gaps: readonly Gap[];
  readonly usage: Usage;
  readonly status: Report["status"];
  readonly stoppedBy: string | null;
  /** Best first. */
  readonly runbooks: readonly RunbookMatch[];
  /** Beyond those that findings carry. */
  readonly changes?: readonly Change[];
  readonly topology?: readonly Edge[];
  readonly recoveredAt?: EpochMs | null;
  readonly similar: Report["similar"];
}
