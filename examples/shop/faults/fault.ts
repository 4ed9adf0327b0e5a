import type { ShopSystem } from "../control/system.ts";

/** One line of `changes.jsonl`. */
export interface ChangeRecord {
  timestamp: string;
  kind: "deploy" | "commit" | "flag" | "config" | "infrastructure";
  service: string;
  ref: string;
  title: string;
  author: string;
  files: string[];
  diff: string;
}

/** Something that happens during a recording. */
export interface Step {
  /** Seconds after the recording began. */
  at: number;
  /** Guilty changes and innocent ones near the onset end up in the truth as such. */
  role?: "guilty" | "decoy";
  /** The incident begins with this step. */
  onset?: true;
  /** Does it, and returns the change that a change log would show, if any. */
  run(system: ShopSystem): Promise<Omit<ChangeRecord, "timestamp"> | null>;
}

/** A threshold alarm as the shop's team would have set it, on what users or the business feel. */
export interface AlarmRule {
  kind: "cloudwatch" | "alertmanager" | "webhook";
  name: string;
  service: string;
  metric: string;
  breach: "above" | "below";
  threshold: number;
  /** Ten-second values in a row that must breach. */
  points: number;
  severity: string;
  /** What the alarm says, given the value that fired it. */
  summary: (observed: number) => string;
}

export interface Fault {
  /** As in `npm run shop -- record <name>`. */
  name: string;
  /** Neutral: it must not give the answer away. */
  folder: string;
  id: string;
  title: string;
  alarm: AlarmRule;
  /** Length of the recording and of its baseline, from the start. */
  seconds: { total: number; baseline: number };
  steps: Step[];
  /** Regular expression on log bodies: the first match is the onset, where no step is. */
  onsetLog?: string;
  /** Signals that Shodo is not allowed to read. */
  denied?: { signal: "logs"; reason: string }[];
  truth: {
    kind: "fault" | "healthy" | "false-alarm";
    /** Any of these is a right answer; for two faults, both are wanted. */
    services: string[];
    /** As in the `resource` column of metrics; none where the fault is not in a resource. */
    resources: string[];
    /** Who suffers without being the cause. */
    blastRadius: string[];
    remediation: string;
    priority: "P0" | "P1" | "P2" | "P3";
    priorityReason: string;
  };
}
