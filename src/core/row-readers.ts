import { type Frame, json, numbers, points, texts } from "./frame.ts";
import type { Layer } from "./outcome.ts";
import type {
  AlarmRow,
  AttributeStats,
  Change,
  ChangeKind,
  DurationStats,
  Edge,
  EdgePeriod,
  EdgeStats,
  LogLine,
  LogPattern,
  OperationStats,
  SampledSpan,
  Series,
  SloReport,
  Span,
  TraceSummary,
} from "./rows.ts";

/**
 * Frames as typed rows, one function per row type of `rows.ts`. Columns go by the snake_case name
 * of the field. A missing column reads as absent values: NaN, null, '' or an empty list.
 */

/** `metric-series`, `metric-list`, `log-volume`, `span-series`. */
export function readSeries(frame: Frame): readonly Series[] {
  const read = readerOf(frame);
  const all = points(frame, "points");
  const layers = texts(frame, "layer");
  return rowsOf(frame, (row) => ({
    service: read.text("service", row),
    metric: read.text("metric", row),
    resource: read.maybe("resource", row),
    unit: read.maybe("unit", row),
    metricKind: read.maybe("metric_kind", row),
    layer: layerOf(layers[row]),
    points: all[row] ?? { times: new Float64Array(), values: new Float64Array() },
  }));
}

/** `log-patterns` */
export function readLogPatterns(frame: Frame): readonly LogPattern[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    service: read.text("service", row),
    pattern: read.text("pattern", row),
    severity: read.text("severity", row),
    operation: read.maybe("operation", row),
    windowCount: read.count("window_count", row),
    baselineCount: read.count("baseline_count", row),
    firstAt: read.number("first_at", row),
    lastAt: read.number("last_at", row),
    example: read.text("example", row),
    traceId: read.maybe("trace_id", row),
  }));
}

/** `log-search` */
export function readLogLines(frame: Frame): readonly LogLine[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    timestamp: read.number("timestamp", row),
    service: read.text("service", row),
    severity: read.text("severity", row),
    body: read.text("body", row),
    traceId: read.maybe("trace_id", row),
    spanId: read.maybe("span_id", row),
  }));
}

/** `operation-stats` */
export function readOperations(frame: Frame): readonly OperationStats[] {
  const read = readerOf(frame);
  const period = (name: string, row: number): DurationStats => ({
    count: read.count(`${name}_count`, row),
    errors: read.count(`${name}_errors`, row),
    errorOrigins: read.count(`${name}_error_origins`, row),
    meanMs: read.number(`${name}_mean_ms`, row),
    p50Ms: read.number(`${name}_p50_ms`, row),
    p95Ms: read.number(`${name}_p95_ms`, row),
    selfMeanMs: read.number(`${name}_self_mean_ms`, row),
    selfP50Ms: read.number(`${name}_self_p50_ms`, row),
    selfP95Ms: read.number(`${name}_self_p95_ms`, row),
  });
  return rowsOf(frame, (row) => ({
    service: read.text("service", row),
    operation: read.text("operation", row),
    spanKind: read.maybe("span_kind", row),
    window: period("window", row),
    baseline: period("baseline", row),
  }));
}

/** `edge-stats` */
export function readEdges(frame: Frame): readonly EdgeStats[] {
  const read = readerOf(frame);
  const period = (name: string, row: number): EdgePeriod => ({
    calls: read.count(`${name}_calls`, row),
    errors: read.count(`${name}_errors`, row),
    meanMs: read.number(`${name}_mean_ms`, row),
    p50Ms: read.number(`${name}_p50_ms`, row),
    p95Ms: read.number(`${name}_p95_ms`, row),
    gapMeanMs: read.number(`${name}_gap_mean_ms`, row),
    gapP50Ms: read.number(`${name}_gap_p50_ms`, row),
    gapP95Ms: read.number(`${name}_gap_p95_ms`, row),
  });
  return rowsOf(frame, (row) => ({
    caller: read.text("caller", row),
    callee: read.text("callee", row),
    window: period("window", row),
    baseline: period("baseline", row),
  }));
}

/** `span-attributes` */
export function readAttributes(frame: Frame): readonly AttributeStats[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    service: read.text("service", row),
    key: read.text("key", row),
    value: read.text("value", row),
    windowErrors: read.count("window_errors", row),
    windowCount: read.count("window_count", row),
    baselineErrors: read.count("baseline_errors", row),
    baselineCount: read.count("baseline_count", row),
    keyErrors: read.count("key_errors", row),
    keyCount: read.count("key_count", row),
  }));
}

/** `trace-list` */
export function readTraces(frame: Frame): readonly TraceSummary[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    traceId: read.text("trace_id", row),
    service: read.text("service", row),
    operation: read.text("operation", row),
    start: read.number("start", row),
    durationMs: read.number("duration_ms", row),
    spans: read.count("spans", row),
    errors: read.count("errors", row),
  }));
}

/** `trace` */
export function readSpans(frame: Frame): readonly Span[] {
  const read = readerOf(frame);
  const attributes = json(frame, "attributes");
  return rowsOf(frame, (row) => ({
    traceId: read.text("trace_id", row),
    spanId: read.text("span_id", row),
    parentSpanId: read.maybe("parent_span_id", row),
    service: read.text("service", row),
    name: read.text("name", row),
    start: read.number("start", row),
    durationMs: read.number("duration_ms", row),
    isError: read.count("is_error", row) === 1,
    spanKind: read.maybe("span_kind", row),
    attributes: recordOf(attributes[row]),
  }));
}

/** `trace-sample` */
export function readTraceSample(frame: Frame): readonly SampledSpan[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    trace: read.text("trace", row),
    span: read.text("span", row),
    parent: read.maybe("parent", row),
    service: read.text("service", row),
    operation: read.text("operation", row),
    start: read.number("start", row),
    durationMs: read.number("duration_ms", row),
    period: read.text("period", row) === "window" ? "window" : "baseline",
  }));
}

/** `changes` */
export function readChanges(frame: Frame): readonly Change[] {
  const read = readerOf(frame);
  const files = json(frame, "files");
  return rowsOf(frame, (row) => {
    const list = files[row];
    return {
      timestamp: read.number("timestamp", row),
      kind: read.text("kind", row) as ChangeKind,
      service: read.text("service", row),
      ref: read.text("ref", row),
      title: read.text("title", row),
      author: read.maybe("author", row),
      files: Array.isArray(list) ? list.map(String) : [],
      diff: read.maybe("diff", row),
    };
  });
}

/** `topology` */
export function readTopology(frame: Frame): readonly Edge[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    from: read.text("from", row),
    to: read.text("to", row),
    kind: read.text("kind", row),
  }));
}

/** `alarms` */
export function readAlarms(frame: Frame): readonly AlarmRow[] {
  const read = readerOf(frame);
  const children = json(frame, "children");
  return rowsOf(frame, (row) => {
    const list = children[row];
    const from = read.number("suggested_from", row);
    const to = read.number("suggested_to", row);
    return {
      name: read.text("name", row),
      service: read.maybe("service", row),
      state: read.text("state", row),
      since: read.number("since", row),
      reason: read.text("reason", row),
      metric: read.maybe("metric", row),
      children: Array.isArray(list) ? list.map(String) : [],
      firings: read.number("firings", row),
      isFlapping: read.count("flapping", row) === 1,
      suggested: from < to ? { from, to } : null,
    };
  });
}

/** `slos` */
export function readSlos(frame: Frame): readonly SloReport[] {
  const read = readerOf(frame);
  return rowsOf(frame, (row) => ({
    name: read.text("name", row),
    service: read.text("service", row),
    operation: read.maybe("operation", row),
    target: read.number("target", row),
    attained: read.number("attained", row),
    budgetLeft: read.number("budget_left", row),
    burnRate: read.number("burn_rate", row),
    state: read.text("state", row),
  }));
}

interface Reader {
  text(name: string, row: number): string;
  maybe(name: string, row: number): string | null;
  number(name: string, row: number): number;
  /** A number whose absence is zero. */
  count(name: string, row: number): number;
}

/** Looks each column up once, however many rows there are. */
function readerOf(frame: Frame): Reader {
  const textColumns = new Map<string, readonly (string | null)[]>();
  const numberColumns = new Map<string, Float64Array>();
  const textsOf = (name: string) => {
    const known = textColumns.get(name) ?? texts(frame, name);
    textColumns.set(name, known);
    return known;
  };
  const numbersOf = (name: string) => {
    const known = numberColumns.get(name) ?? numbers(frame, name);
    numberColumns.set(name, known);
    return known;
  };
  return {
    text: (name, row) => textsOf(name)[row] ?? "",
    maybe: (name, row) => textsOf(name)[row] ?? null,
    number: (name, row) => numbersOf(name)[row] ?? Number.NaN,
    count: (name, row) => numbersOf(name)[row] || 0,
  };
}

function rowsOf<Row>(frame: Frame, read: (row: number) => Row): Row[] {
  return Array.from({ length: frame.length }, (_, row) => read(row));
}

function layerOf(text: string | null | undefined): Layer | null {
  return text === "infrastructure" || text === "application" || text === "business" ? text : null;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
