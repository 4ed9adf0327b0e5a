import type { Points } from "./frame.ts";
import type { Gap, Layer, Provenance } from "./outcome.ts";
import type { QueryKind } from "./query.ts";
import type { EpochMs, Window } from "./window.ts";

/**
 * The answers to `SignalQuery`, row by row. The frame of an answer has one column per field, with
 * the field's name; `readRows` in `row-readers.ts` turns frames into these.
 */

/** `metric-series`, `metric-list` (without points), `log-volume`, `span-series`. */
export interface Series {
  readonly service: string;
  readonly metric: string;
  readonly resource: string | null;
  readonly unit: string | null;
  /** gauge, counter, histogram, … as sent. */
  readonly metricKind: string | null;
  readonly layer: Layer | null;
  readonly points: Points;
}

/** `log-patterns` */
export interface LogPattern {
  readonly service: string;
  /** Masked text: variable parts are `<*>`. */
  readonly pattern: string;
  readonly severity: string;
  /** Operation of the span that wrote it; null when not asked or not joined. */
  readonly operation: string | null;
  readonly windowCount: number;
  readonly baselineCount: number;
  /** First time in the window; NaN when it is absent there. */
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  /** One whole line, untrusted. */
  readonly example: string;
  readonly traceId: string | null;
}

/** `log-search` */
export interface LogLine {
  readonly timestamp: EpochMs;
  readonly service: string;
  readonly severity: string;
  readonly body: string;
  readonly traceId: string | null;
  readonly spanId: string | null;
}

/** Durations in ms over one period. `self` is duration minus the union of children. */
export interface DurationStats {
  readonly count: number;
  readonly errors: number;
  /** Errors with no failing child: where failures begin. */
  readonly errorOrigins: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly selfMeanMs: number;
  readonly selfP50Ms: number;
  readonly selfP95Ms: number;
}

/** `operation-stats`; columns are `window_count`, `baseline_p95_ms`, … */
export interface OperationStats {
  readonly service: string;
  readonly operation: string;
  readonly spanKind: string | null;
  readonly window: DurationStats;
  readonly baseline: DurationStats;
}

/** `edge-stats`: one caller service and one callee service. */
export interface EdgeStats {
  readonly caller: string;
  readonly callee: string;
  readonly window: EdgePeriod;
  readonly baseline: EdgePeriod;
}

export interface EdgePeriod {
  readonly calls: number;
  readonly errors: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Caller's span minus callee's span: network, queueing, connection. NaN without paired spans. */
  readonly gapMeanMs: number;
  readonly gapP50Ms: number;
  readonly gapP95Ms: number;
}

/** `span-attributes`: how often a value occurs on failing and on passing spans. */
export interface AttributeStats {
  readonly service: string;
  readonly key: string;
  readonly value: string;
  readonly windowErrors: number;
  readonly windowCount: number;
  readonly baselineErrors: number;
  readonly baselineCount: number;
  /** All failing and all spans of the service that carry the key, in the window. */
  readonly keyErrors: number;
  readonly keyCount: number;
}

/** `trace-list` */
export interface TraceSummary {
  readonly traceId: string;
  readonly service: string;
  readonly operation: string;
  readonly start: EpochMs;
  readonly durationMs: number;
  readonly spans: number;
  readonly errors: number;
}

/** `trace` */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  readonly start: EpochMs;
  readonly durationMs: number;
  readonly isError: boolean;
  readonly spanKind: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `trace-sample`: a span of a sampled trace, with what places it in its tree. */
export interface SampledSpan {
  readonly trace: string;
  readonly span: string;
  readonly parent: string | null;
  readonly service: string;
  readonly operation: string;
  readonly start: EpochMs;
  readonly durationMs: number;
  /** Which of the two samples its trace belongs to. */
  readonly period: "window" | "baseline";
}

export const changeKinds = ["deploy", "commit", "flag", "config", "infrastructure"] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** `changes` */
export interface Change {
  readonly timestamp: EpochMs;
  readonly kind: ChangeKind;
  readonly service: string;
  readonly ref: string;
  readonly title: string;
  readonly author: string | null;
  readonly files: readonly string[];
  readonly diff: string | null;
}

/** `topology`: caller to callee. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
}

/** `alarms` */
export interface AlarmRow {
  readonly name: string;
  readonly service: string | null;
  /** `firing`, `resolved` or `unknown`, at the end of the window. */
  readonly state: string;
  readonly since: EpochMs;
  readonly reason: string;
  /** What it watches, with its statistic: `p99 Latency`; null when it watches other alarms. */
  readonly metric: string | null;
  /** Alarms that it is made of, for one that watches other alarms. */
  readonly children: readonly string[];
  /** How often it began to fire in the window; NaN where the history is not known. */
  readonly firings: number;
  /** It fired again and again, each time soon after the last. */
  readonly isFlapping: boolean;
  /** Time worth looking at, by the alarm's own periods; null where it is not known. */
  readonly suggested: Window | null;
}

/** `slos`: an objective as the telemetry system reports it at the end of the window. */
export interface SloReport {
  readonly name: string;
  readonly service: string;
  readonly operation: string | null;
  /** Share asked for and share attained over the objective's interval, 0..1. */
  readonly target: number;
  readonly attained: number;
  /** Share of the error budget left; below 0 when overspent. */
  readonly budgetLeft: number;
  /** 1 spends the whole budget in exactly the objective's interval; of the window alone. */
  readonly burnRate: number;
  /** `ok`, `warning`, `breached` or `unknown`. */
  readonly state: string;
}

/**
 * Everything `evidence/` may look at for one incident; what could not be read is absent, and a gap.
 */
export interface Observations {
  readonly window: Window;
  readonly baseline: Window;
  readonly series: readonly Series[];
  readonly logPatterns: readonly LogPattern[];
  readonly logVolume: readonly Series[];
  readonly operations: readonly OperationStats[];
  readonly edges: readonly EdgeStats[];
  readonly spanSeries: readonly Series[];
  readonly attributes: readonly AttributeStats[];
  /** Whole traces of both periods, sampled. */
  readonly traceSample: readonly SampledSpan[];
  readonly topology: readonly Edge[];
  readonly changes: readonly Change[];
  /** Where each answer came from, for the findings made of it. */
  readonly provenance: Partial<Readonly<Record<QueryKind, readonly Provenance[]>>>;
  /** What could not be read. */
  readonly gaps: readonly Gap[];
}
