import type { Incident } from "../../core/incident.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import type { RunbookAction } from "../../core/runbook.ts";
import type { Language } from "../messages/words.ts";
import type { Progress } from "./progress.ts";

/** All that the messages of one incident are built from: stored state, never what was posted. */
export interface CaseState {
  readonly incident: Incident;
  readonly report: Report | null;
  readonly progress: Progress | null;
  readonly language: Language;
  /** Hosts that a link may lead to; others are shown as text. */
  readonly linkHosts: readonly string[];
  /** Address of the report page, when there is one. */
  readonly reportUrl: string | null;
  /** Runbook action that the report proposes and that a person may review. */
  readonly runbook: { readonly name: string; readonly action: RunbookAction } | null;
  /** Image of the main chart, when it was uploaded. */
  readonly chartFile: { readonly id: string; readonly alt: string } | null;
  /** Which form of chart Slack has not refused yet. */
  readonly charts: "native" | "image" | "none";
  /** Slack user who stopped the run. */
  readonly stoppedBy: string | null;
}

/** The level that counts: a person's override, else the newest report's. */
export function levelOf(incident: Incident, report: Report | null): PriorityLevel | null {
  return (
    incident.override?.level ??
    report?.priority.overriddenBy?.level ??
    report?.priority.level ??
    incident.priority?.level ??
    null
  );
}

export const levelMark: Readonly<Record<PriorityLevel, string>> = {
  P0: "🔴",
  P1: "🟠",
  P2: "🟡",
  P3: "🔵",
};

/** `🔴 P0`; `⚪ P?` while nobody knows. */
export function levelTag(level: PriorityLevel | null): string {
  return level ? `${levelMark[level]} ${level}` : "⚪ P?";
}

/**
 * A person as Slack shows them. Only ids that look like Slack's become mentions, and those only in
 * text that pings nobody (edits and context lines); everything else is a name.
 */
export function who(id: string): string {
  return /^[UW][A-Z0-9]{2,20}$/.test(id) ? `<@${id}>` : id.replace(/[<>&@]/g, "");
}
