import type { IncidentFilter } from "./analyst.ts";
import type { Feedback, Incident } from "./incident.ts";
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
  close(): Promise<void>;
}

export interface IncidentStore {
  put(incident: Incident): Promise<void>;
  get(id: string): Promise<Incident | null>;
  list(filter: IncidentFilter): Promise<readonly Incident[]>;
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
  /** Walks the chain; the first broken link is named. */
  verify(): Promise<{ kind: "intact"; entries: number } | { kind: "broken"; at: number }>;
}

export interface AuditEntry {
  readonly at: EpochMs;
  /** Noun-verb: `priority-override`, `model-send`. */
  readonly event: string;
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
