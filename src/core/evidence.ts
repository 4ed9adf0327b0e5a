import type { KpiLoss, ServiceHealth, SloStatus } from "./impact.ts";
import type { Message } from "./message.ts";
import type { Layer, Provenance } from "./outcome.ts";
import type { Change, Edge } from "./rows.ts";
import type { EpochMs, Window } from "./window.ts";

/** What sort of statement an item of evidence makes. */
export type EvidenceKind =
  | "anomaly"
  | "onset"
  | "log-pattern"
  | "trace"
  | "edge"
  | "topology"
  | "change"
  | "external"
  | "slo"
  | "kpi"
  | "correlation"
  | "normal"
  | "alarm"
  | "runbook"
  | "note";

/**
 * A computed statement. Code writes the sentence and every number in it; `provenance` says how to
 * compute it again. A finding becomes evidence when the ledger gives it an id.
 */
export interface Finding {
  /** Stable name, so that the same finding met twice is one: `anomaly:checkout:latency_p95`. */
  readonly key: string;
  readonly layer: Layer;
  readonly kind: EvidenceKind;
  readonly service?: string;
  readonly resource?: string;
  /** One sentence. Text that came from telemetry stands in it only quoted and cleaned. */
  readonly statement: string;
  /** The statement in parts, for other languages than English. */
  readonly message?: Message;
  readonly value?: number;
  readonly unit?: string;
  readonly baseline?: number;
  /**
   * How far from normal, in robust standard deviations or as a ratio; say which in `effectKind`.
   */
  readonly effect?: number;
  readonly effectKind?: "deviations" | "ratio" | "share" | "correlation";
  /** Interval `[low, high]` around `value`, in its unit. */
  readonly interval?: readonly [number, number];
  /** When it happened or began. */
  readonly at?: EpochMs;
  /** Uncertainty of `at`. */
  readonly atInterval?: Window;
  readonly window: Window;
  readonly provenance: readonly Provenance[];
  /** A line or snippet of telemetry, untrusted; renderers fence it. */
  readonly quote?: string;
  /** 0..1: how much this matters for the verdict; orders lists. */
  readonly weight?: number;
  /** What the sentence says, as numbers and names, for priority and report. */
  readonly facts?: FindingFacts;
  /** Points of the signal, for a chart; never shown to a model. */
  readonly chart?: EvidenceChart;
}

/** Facts that a finding carries beside its sentence; each is present only where it was computed. */
export interface FindingFacts {
  readonly kpiLoss?: KpiLoss;
  readonly sloStatus?: SloStatus;
  readonly change?: Pick<Change, "ref" | "kind" | "service" | "title" | "timestamp">;
  readonly edges?: readonly Edge[];
  readonly health?: readonly ServiceHealth[];
  /** The incident falls into the busy hours of the day. */
  readonly peakHour?: boolean;
}

/** What a chart of this finding would draw. At most `limits.chartPointsMax` points per line. */
export interface EvidenceChart {
  readonly title: string;
  readonly unit: string | null;
  readonly lines: readonly {
    readonly label: string;
    readonly times: readonly EpochMs[];
    readonly values: readonly (number | null)[];
  }[];
}

/** `E7` */
export type EvidenceId = `E${number}`;

export interface Evidence extends Finding {
  readonly id: EvidenceId;
  /** Step that found it. */
  readonly step: number;
}
