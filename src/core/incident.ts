import type { Alarm } from "./alarm.ts";
import type { Principal } from "./principal.ts";
import type { Priority, PriorityOverride } from "./priority.ts";
import type { Report } from "./report.ts";
import type { EpochMs } from "./window.ts";

/** Our record of a problem. Many alarms, one incident. */
export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly state: IncidentState;
  readonly service: string | null;
  readonly openedAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly resolvedAt: EpochMs | null;
  readonly alarms: readonly IncidentAlarm[];
  readonly openedBy: Principal;
  /** `by` is the name to show; `id` is the same person's within their door. */
  readonly acknowledgedBy: {
    readonly by: string;
    readonly id?: string;
    readonly at: EpochMs;
  } | null;
  /** As of the newest report; the override, when there is one, wins. */
  readonly priority: Priority | null;
  readonly override: PriorityOverride | null;
  readonly conclusion: Report["conclusion"] | null;
  readonly summary: string | null;
  /** Newest investigation. */
  readonly investigation: string | null;
  /** Folder it was read from, when it was a recorded one. */
  readonly capture?: string;
  /** Set when a person merged this incident into another. */
  readonly mergedInto: string | null;
  /** Somebody asked to stop; whichever process runs the investigation obeys. */
  readonly stopAskedAt?: EpochMs;
  /** Why the newest investigation failed, in a sentence that may be shown. */
  readonly failure?: string;
}

export type IncidentState =
  | "queued"
  | "investigating"
  | "reported"
  | "failed"
  | "cancelled"
  | "resolved";

export interface IncidentAlarm {
  readonly alarm: Alarm;
  readonly count: number;
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** Why it belongs to this incident. */
  readonly reasons: readonly string[];
}

/** An answer to a follow-up question, from saved evidence. */
export interface Answer {
  readonly text: string;
  readonly evidence: readonly string[];
  readonly model: string;
  /** Questions that the evidence at hand cannot answer. */
  readonly open: readonly string[];
}

/** What a reader thought of a report. */
export interface Feedback {
  readonly incident: string;
  readonly by: Principal;
  readonly verdict: "helpful" | "not-helpful";
  readonly reason: string | null;
  readonly at: EpochMs;
}
