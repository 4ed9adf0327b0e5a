import type { Incident } from "../../core/incident.ts";
import type { Language } from "../../core/language.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import type { RunbookAction } from "../../core/runbook.ts";
import { mrkdwn } from "../blocks/foreign-text.ts";
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
  /** The incident that this one became part of, and its thread. */
  readonly survivor: { readonly title: string; readonly link: string | null } | null;
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

/** A person who decided something: a mention when they did it in Slack, else their name. */
export function whoDid(person: { readonly by: string; readonly id?: string | undefined }): string {
  return who(person.id !== undefined && slackId.test(person.id) ? person.id : person.by);
}

/**
 * A person as Slack shows them. Only ids that look like Slack's become mentions, and those only in
 * text that pings nobody (edits and context lines); everything else is a name.
 */
export function who(id: string): string {
  return slackId.test(id) ? `<@${id}>` : mrkdwn(id, 80);
}

const slackId = /^[UW][A-Z0-9]{2,20}$/;

/** What was computed, where a person set another level; null where nobody did. */
export function computedLevel(report: Report | null): PriorityLevel | null {
  const priority = report?.priority;
  if (!priority) return null;
  if (priority.computed) return priority.computed.level;
  return priority.overriddenBy ? null : priority.level;
}
