import type { Finding } from "../../core/evidence.ts";
import type { ActionKind, Hypothesis } from "../../core/hypothesis.ts";
import type { Language } from "../../core/language.ts";
import type { Role } from "../../core/principal.ts";
import type { PriorityLevel, Rating } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import { en } from "./en.ts";
import { ja } from "./ja.ts";

/** Everything that Shodo says in Slack on its own behalf. One object per language, same keys. */
export interface Words {
  readonly language: Language;
  readonly priority: string;
  readonly impact: string;
  readonly severity: string;
  readonly confidence: string;
  readonly service: string;
  readonly started: string;
  readonly status: string;
  readonly owner: string;
  readonly nobody: string;
  readonly unknown: string;
  readonly rating: Readonly<Record<Rating, string>>;
  readonly role: Readonly<Record<Role, string>>;
  readonly conclusion: Readonly<Record<Report["conclusion"], string>>;
  readonly action: Readonly<Record<ActionKind, string>>;
  readonly layer: Readonly<Record<"infrastructure" | "application" | "business", string>>;

  readonly cause: string;
  readonly causes: string;
  readonly noCause: string;
  readonly otherCauses: string;
  readonly ruledOut: string;
  readonly users: string;
  readonly nextSteps: string;
  readonly checkByHand: string;
  readonly evidence: string;
  readonly evidenceColumns: readonly [string, string, string, string, string];
  readonly timeline: string;
  readonly gaps: string;
  readonly similar: string;
  readonly because: string;
  readonly period: string;
  readonly guilty: (kind: string, ref: string, title: string) => string;
  readonly risk: (text: string) => string;
  readonly respondWithin: (level: PriorityLevel, within: string) => string;
  readonly overridden: (by: string, reason: string) => string;
  readonly computed: (level: PriorityLevel) => string;
  readonly lost: (
    kpi: string,
    percent: string,
    direction: "below" | "above",
    amount: string | null,
  ) => string;
  /** A unit of measurement; symbols and what the language has no word for stay as they are. */
  readonly unit: (unit: string) => string;
  readonly burn: (slo: string, rate: string, left: string) => string;
  readonly partial: string;
  readonly madeBy: (model: string, seconds: string, calls: number, run: string) => string;
  readonly more: string;
  readonly evidenceMore: (shown: number, total: number) => string;
  readonly open: string;

  readonly investigating: string;
  readonly queued: string;
  readonly failed: string;
  readonly recovered: (at: string) => string;
  readonly cancelled: string;
  readonly merged: (into: string) => string;
  readonly stoppedBy: (who: string) => string;
  readonly firedTimes: (count: number, last: string) => string;
  readonly alarmCount: (count: number) => string;
  readonly observed: (metric: string, value: string, threshold: string) => string;
  readonly since: (at: string) => string;
  readonly acknowledged: (who: string, at: string) => string;
  readonly reportBelow: string;

  readonly planStart: string;
  readonly planHypothesis: (text: string, percent: number) => string;
  readonly planDone: (calls: number, findings: number) => string;
  readonly planStopped: string;
  readonly taskEmpty: (searched: string) => string;
  readonly taskFailed: (message: string) => string;
  readonly taskCount: (count: number) => string;
  readonly taskPriority: (level: PriorityLevel) => string;
  readonly taskNothingNew: string;
  readonly tasksBefore: (count: number) => string;
  readonly loading: readonly string[];
  /** A tool's title by its name, where the language has its own. */
  readonly tool: (name: string) => string | null;
  /** True for text that is written in this language, as far as one can tell. */
  readonly isOwn: (text: string) => boolean;
  readonly finding: (finding: Finding) => string;
  readonly mechanism: (hypothesis: Hypothesis) => string;
  /** A sentence of ours that came in English, as far as the language knows it. */
  readonly phrase: (text: string) => string;

  readonly acknowledge: string;
  readonly stop: string;
  readonly setPriority: string;
  readonly reviewRunbook: string;
  readonly openReport: string;
  readonly openDashboard: string;
  readonly retry: string;
  readonly helpful: string;
  readonly notHelpful: string;
  readonly source: string;

  readonly modal: {
    readonly cancel: string;
    readonly close: string;
    readonly loading: string;
    readonly priorityTitle: string;
    readonly prioritySubmit: string;
    readonly priorityIntro: (from: string, to: string) => string;
    readonly reason: string;
    readonly reasonHint: string;
    readonly p0Warning: string;
    readonly runbookTitle: string;
    readonly runbookSubmit: string;
    readonly nothingRuns: string;
    readonly command: string;
    readonly blastRadius: string;
    readonly rollback: string;
    readonly expected: string;
    readonly approver: (role: string) => string;
    readonly decision: string;
    readonly approve: string;
    readonly reject: string;
    readonly typeService: (service: string) => string;
    readonly serviceWrong: (service: string) => string;
    readonly expires: (at: string) => string;
    readonly expired: string;
    readonly changed: string;
    readonly used: string;
    readonly samePerson: string;
    readonly feedbackTitle: string;
    readonly feedbackSubmit: string;
    readonly feedbackWhy: string;
    readonly feedbackText: string;
    readonly feedbackReasons: readonly (readonly [value: string, text: string])[];
  };

  readonly approved: (who: string, action: string) => string;
  readonly rejected: (who: string, action: string) => string;
  readonly recordedOnly: string;
  readonly reasonGiven: (reason: string) => string;
  readonly pendingApproval: (who: string, action: string) => string;

  readonly empty: string;
  readonly prompts: readonly (readonly [title: string, message: string])[];
  readonly incidentPrompts: readonly (readonly [title: string, message: string])[];
  readonly alreadyRunning: (link: string) => string;
  readonly startedIn: (link: string) => string;
  readonly notAllowed: (action: string, role: string) => string;
  readonly notAllowedEmpty: (action: string) => string;
  readonly cannotCheck: (action: string) => string;
  readonly external: string;
  readonly noPerson: string;
  readonly did: Readonly<Record<PermissionName, string>>;
  readonly alreadyAcknowledged: (who: string, at: string) => string;
  readonly nothingToStop: string;
  readonly stopping: string;
  readonly unknownAction: string;
  readonly thanks: string;
  readonly goneIncident: string;
  readonly error: string;
  readonly errorWhy: (why: string) => string;
  readonly errorRun: (run: string) => string;
  readonly reportLink: string;
  readonly errorPartial: string;
  readonly answerSources: string;
  readonly answerOpen: string;
  readonly stillWorking: string;
  readonly notYet: string;
  readonly closedChannel: (channel: string) => string;
  readonly notMember: (channel: string) => string;
  readonly notInThreads: string;

  readonly home: {
    readonly title: string;
    readonly openIncidents: string;
    readonly noneOpen: string;
    readonly recent: string;
    readonly noneRecent: string;
    readonly settings: string;
    readonly yourRole: (role: string) => string;
    readonly noRole: string;
    readonly feedback: (good: number, total: number) => string;
    readonly view: string;
    readonly how: string;
  };
}

/** What a person may do; the key of `Words.did` and of the table in `roles.ts`. */
export type PermissionName =
  | "view"
  | "investigate"
  | "ask"
  | "stop"
  | "acknowledge"
  | "priority"
  | "feedback"
  | "runbook";

const catalogue: Readonly<Record<Language, Words>> = { en, ja };

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return catalogue[language];
}
