import type { Layer, Signal } from "./outcome.ts";
import type { Window } from "./window.ts";

/**
 * The questions a source may answer. They ask for findings-sized answers (series, groups,
 * statistics), so that rows stay where they are. `rows.ts` gives the columns of each answer.
 * `baseline` asks for the same numbers over normal time as well.
 */
export type SignalQuery =
  | MetricListQuery
  | MetricSeriesQuery
  | LogSearchQuery
  | LogPatternsQuery
  | LogVolumeQuery
  | OperationStatsQuery
  | EdgeStatsQuery
  | SpanSeriesQuery
  | SpanAttributesQuery
  | TraceListQuery
  | TraceQuery
  | TraceSampleQuery
  | ChangesQuery
  | TopologyQuery
  | AlarmsQuery
  | SlosQuery
  | NativeQuery;

export type QueryKind = SignalQuery["kind"];

interface Limited {
  /** Most rows to return; the source says `truncated` when it cut. */
  readonly limit?: number;
}

/** Which metrics exist: one row per series, without points. */
export interface MetricListQuery extends Limited {
  readonly kind: "metric-list";
  readonly services?: readonly string[];
  /** Case-insensitive part of the metric's name. */
  readonly text?: string;
}

/** Whole series, over `baseline` (when given) and the window, one row each. */
export interface MetricSeriesQuery extends Limited {
  readonly kind: "metric-series";
  readonly services?: readonly string[];
  readonly metrics?: readonly string[];
  readonly layers?: readonly Layer[];
  readonly baseline?: Window;
  /** Wanted distance of points; a source may choose a coarser one and says which. */
  readonly stepMs?: number;
}

/** Log lines, newest first. */
export interface LogSearchQuery extends Limited {
  readonly kind: "log-search";
  readonly services?: readonly string[];
  /** Case-insensitive literal. */
  readonly text?: string;
  readonly severityMin?: Severity;
  readonly traceId?: string;
}

/** Masked log patterns with their counts in the window and in the baseline. */
export interface LogPatternsQuery extends Limited {
  readonly kind: "log-patterns";
  readonly services?: readonly string[];
  readonly baseline?: Window;
  /** Also split by the span's operation that wrote the line, where logs join spans. */
  readonly byOperation?: boolean;
}

/**
 * Lines per service, severity and bin: series `log_lines_<severity>`, unit `lines`. Bins start at
 * the window's (and the baseline's) start; a bin without a line is 0 while the recording ran.
 */
export interface LogVolumeQuery extends Limited {
  readonly kind: "log-volume";
  readonly services?: readonly string[];
  readonly baseline?: Window;
  readonly stepMs: number;
}

/** Per service and operation: counts, errors, duration and self time, window against baseline. */
export interface OperationStatsQuery extends Limited {
  readonly kind: "operation-stats";
  readonly services?: readonly string[];
  readonly baseline?: Window;
}

/** Per caller and callee: calls, errors, callee duration and the gap the caller sees on top. */
export interface EdgeStatsQuery extends Limited {
  readonly kind: "edge-stats";
  readonly baseline?: Window;
}

/**
 * Per service and bin, from spans: series `span_requests` and `span_errors` (unit `spans`, an empty
 * bin is 0), `span_latency_p95` and `span_self_mean` (unit `ms`, an empty bin has no point).
 */
export interface SpanSeriesQuery extends Limited {
  readonly kind: "span-series";
  readonly services?: readonly string[];
  readonly baseline?: Window;
  readonly stepMs: number;
}

/** Which attribute values failing spans share and passing spans do not. */
export interface SpanAttributesQuery extends Limited {
  readonly kind: "span-attributes";
  readonly services?: readonly string[];
  readonly baseline?: Window;
}

/** Traces worth reading: failing or slow ones first. */
export interface TraceListQuery extends Limited {
  readonly kind: "trace-list";
  readonly services?: readonly string[];
  readonly onlyErrors?: boolean;
  readonly minDurationMs?: number;
}

/** All spans of one trace. */
export interface TraceQuery extends Limited {
  readonly kind: "trace";
  readonly traceId: string;
}

/**
 * The spans of a bounded sample of traces of the window and as many of the baseline, whole traces:
 * what only a trace as a whole can tell, such as its critical path. `truncated` says that there are
 * more traces than were sampled.
 */
export interface TraceSampleQuery extends Limited {
  readonly kind: "trace-sample";
  readonly baseline?: Window;
  /** Most traces of each period; `limit` counts spans. */
  readonly traces?: number;
}

/**
 * Deploys, commits, flags, configuration and infrastructure changes inside the window asked for. A
 * change may act long after it was made: ask from well before the incident.
 */
export interface ChangesQuery extends Limited {
  readonly kind: "changes";
  readonly services?: readonly string[];
}

/** Who calls whom. */
export interface TopologyQuery extends Limited {
  readonly kind: "topology";
}

/** Alarms of the telemetry system itself, now and in the window. */
export interface AlarmsQuery extends Limited {
  readonly kind: "alarms";
  /** `firing` (the default): those that fire at the window's end or began to fire in it. */
  readonly state?: "firing" | "all";
  /** Only these, with the alarms that they are made of. */
  readonly names?: readonly string[];
}

/** Service level objectives that the telemetry system keeps itself, at the end of the window. */
export interface SlosQuery extends Limited {
  readonly kind: "slos";
  readonly services?: readonly string[];
}

/** The engine's own language: SQL, Logs Insights, … Read-only; refused otherwise. */
export interface NativeQuery extends Limited {
  readonly kind: "native";
  /** Name of the source to ask. */
  readonly source: string;
  readonly text: string;
}

/** Ordered; compare with `severityRank`. */
export type Severity = "trace" | "debug" | "info" | "warn" | "error" | "fatal";
export const severities = ["trace", "debug", "info", "warn", "error", "fatal"] as const;

/** Position of a severity in its order; unknown words count as info. */
export function severityRank(severity: string | null): number {
  const rank = severities.indexOf((severity ?? "").toLowerCase() as Severity);
  return rank < 0 ? 2 : rank;
}

/** The signal each question is about. */
export const signalOf: { readonly [K in QueryKind]: Signal } = {
  "metric-list": "metrics",
  "metric-series": "metrics",
  "log-search": "logs",
  "log-patterns": "logs",
  "log-volume": "logs",
  "operation-stats": "traces",
  "edge-stats": "traces",
  "span-series": "traces",
  "span-attributes": "traces",
  "trace-list": "traces",
  trace: "traces",
  "trace-sample": "traces",
  changes: "changes",
  topology: "topology",
  alarms: "alarms",
  slos: "metrics",
  native: "metrics",
};
