import type { IncidentFilter } from "./analyst.ts";
import type { Feedback, Incident } from "./incident.ts";
import type { AlarmStore } from "./intake.ts";
import type { JobStore } from "./job.ts";
import type { Report } from "./report.ts";
import type { Step } from "./step.ts";
import type { EpochMs } from "./window.ts";

/**
 * State that outlives a process. One interface, one suite of tests, two engines: SQLite (several
 * processes may share the file) and Postgres.
 */
export interface Store {
  readonly incidents: IncidentStore;
  readonly steps: StepStore;
  readonly reports: ReportStore;
  readonly blobs: BlobStore;
  readonly audit: AuditLog;
  readonly face: FaceState;
  readonly feedback: FeedbackStore;
  readonly alarms: AlarmStore;
  readonly jobs: JobStore;
  readonly retention: Retention;
  /** Throws when the state cannot be read: for `/readyz` and `doctor`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface IncidentStore {
  /** Writes the whole incident. Alarms that joined meanwhile are kept: joining is never undone. */
  put(incident: Incident): Promise<void>;
  /** Reads, changes and writes in one step, so that two writers cannot undo each other. */
  update(id: string, change: (incident: Incident) => Incident): Promise<Incident | null>;
  get(id: string): Promise<Incident | null>;
  list(filter: IncidentFilter): Promise<readonly Incident[]>;
  /** Every write gives its incident a higher revision than any before; 0 when there is none. */
  revision(): Promise<number>;
  /**
   * Incidents written after a revision, oldest write first. Writers that overlap may share a number
   * and appear late: ask again from a little before, and know what was seen by id and revision.
   */
  changedSince(revision: number): Promise<readonly { id: string; revision: number }[]>;
  /** The incident an idempotency key already made, or null after claiming the key for `id`. */
  claim(key: string, id: string): Promise<string | null>;
}

/** Appended, never changed. */
export interface StepStore {
  append(investigation: string, steps: readonly Step[]): Promise<void>;
  read(investigation: string, after: number): Promise<readonly Step[]>;
}

export interface ReportStore {
  put(incident: string, investigation: string, report: Report): Promise<void>;
  /** Newest of the incident. */
  get(incident: string): Promise<Report | null>;
}

/** Large tool results and charts, by handle. */
export interface BlobStore {
  put(handle: string, investigation: string, contentType: string, body: Uint8Array): Promise<void>;
  get(handle: string): Promise<{ contentType: string; body: Uint8Array } | null>;
}

/** Append-only and hash-chained: each entry carries the hash of the one before it. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  read(after: number, limit: number): Promise<readonly AuditRecord[]>;
  /**
   * Walks the chain; the first broken link is named. `head` is the newest hash: noted elsewhere, it
   * proves later that nothing was cut off or written anew.
   */
  verify(): Promise<
    { kind: "intact"; entries: number; head: string } | { kind: "broken"; at: number }
  >;
}

export interface AuditEntry {
  readonly at: EpochMs;
  /** Noun-verb: `priority-override`, `model-send`. */
  readonly event: string;
  /** Kept apart from the chain, so that a person can be forgotten without breaking it. */
  readonly by: string;
  readonly incident: string | null;
  /** No payloads and no secrets: hashes and sizes. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditRecord extends AuditEntry {
  readonly number: number;
  readonly previous: string;
  readonly hash: string;
}

/** Small state that a face keeps between restarts: threads, headlines, seen event ids. */
export interface FaceState {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  list(prefix: string): Promise<readonly { key: string; value: unknown }[]>;
  delete(key: string): Promise<void>;
  /** True for the first caller within `ttlMs`, false for every later one. */
  once(key: string, ttlMs: number): Promise<boolean>;
}

export interface FeedbackStore {
  add(feedback: Feedback): Promise<void>;
  list(incident: string): Promise<readonly Feedback[]>;
}

/** Ages in the form of points in time: everything older goes. */
export interface RetentionPolicy {
  readonly stepsBefore: EpochMs;
  readonly blobsBefore: EpochMs;
  /** What the sender wrote; the count and the disposition of each alarm stay. */
  readonly alarmBodiesBefore: EpochMs;
  readonly quarantineBefore: EpochMs;
  readonly jobsBefore: EpochMs;
}

/** Reports and the audit log stay. Deletions are for the caller to put into the audit log. */
export interface Retention {
  /** Rows removed by table. */
  expire(policy: RetentionPolicy): Promise<Readonly<Record<string, number>>>;
  /** Everything about one incident, its report included. */
  forgetIncident(id: string): Promise<Readonly<Record<string, number>>>;
  /** A person's id and name, wherever they stand; what they did stays, without them. */
  forgetPerson(id: string): Promise<Readonly<Record<string, number>>>;
}
