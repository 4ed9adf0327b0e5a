import type { Frame } from "./frame.ts";
import type { Window } from "./window.ts";

/** What telemetry speaks of. */
export type Signal = "metrics" | "logs" | "traces" | "changes" | "topology" | "business" | "alarms";
export const signals = [
  "metrics",
  "logs",
  "traces",
  "changes",
  "topology",
  "business",
  "alarms",
] as const satisfies readonly Signal[];

export type Layer = "infrastructure" | "application" | "business";

/** Bytes and US dollars expected of a read. */
export interface Planned {
  readonly bytes: number;
  readonly costUsd: number;
}

/** Where a result came from, so that a person can run it again. */
export interface Provenance {
  readonly source: string;
  readonly signal: Signal;
  /** The query as the engine that holds the data understands it. */
  readonly query: string;
  readonly window: Window;
  readonly account?: string;
  readonly region?: string;
  readonly tookMs: number;
  readonly rows: number;
  readonly bytesScanned: number;
  /** What the read cost in US dollars, where its system charges for reads. */
  readonly costUsd?: number;
  /** What it was expected to scan and to cost at most, before it was sent. */
  readonly planned?: Planned;
  /** True when a limit cut the result. */
  readonly truncated: boolean;
  /** Opens the same query over the same window in the system's own console. */
  readonly link?: string;
}

/** Something that could not be known: what, why, and what that does to the conclusion. */
export interface Gap {
  readonly what: string;
  readonly why: string;
  readonly effect: string;
  readonly signal?: Signal;
  /** True when the same question was answered in part, or by other sources. */
  readonly isPartial?: boolean;
}

export type FailureReason =
  | "denied"
  | "throttled"
  | "timed-out"
  | "too-big"
  | "malformed"
  | "unavailable"
  | "unsupported"
  | "cancelled";

export interface DataOutcome {
  readonly kind: "data";
  readonly frame: Frame;
  readonly provenance: Provenance;
  /** Parts that could not be read (a broken line, a denied account): said, never dropped. */
  readonly gaps: readonly Gap[];
}

export interface EmptyOutcome {
  readonly kind: "empty";
  /** What was searched, in words with the window. */
  readonly searched: string;
  readonly reasons: readonly string[];
  /** The next thing worth trying. */
  readonly next: string;
  readonly provenance: Provenance;
  readonly gaps: readonly Gap[];
}

export interface FailedOutcome {
  readonly kind: "failed";
  readonly reason: FailureReason;
  /** One sentence of ours that says what to do. */
  readonly message: string;
  readonly retryable: boolean;
  /** The system's own words, untrusted. */
  readonly upstream?: string;
  readonly provenance: Provenance;
  /** Where other sources answered the same question: what of it could not be read. */
  readonly gaps?: readonly Gap[];
}

/** Every read ends as data, empty (looked, nothing there) or failed (could not look). */
export type Outcome = DataOutcome | EmptyOutcome | FailedOutcome;
