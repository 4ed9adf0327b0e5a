import type {
  AttributeStats,
  Change,
  LogPattern,
  Observations,
  SampledSpan,
  Series,
} from "../../core/rows.ts";

/** Minutes of the made-up incident: normal from 0 to 60, incident from 60 to 90. */
export const minute = 60_000;
export const day = Date.UTC(2026, 0, 5, 10);
/** Epoch ms of a minute of the made-up incident. */
export const at = (minutes: number) => day + minutes * minute;

/** Observations of a made-up system; whatever is not given is empty. */
export function observed(parts: Partial<Observations> = {}): Observations {
  return {
    window: { from: at(60), to: at(90) },
    baseline: { from: at(0), to: at(60) },
    series: [],
    logPatterns: [],
    logVolume: [],
    operations: [],
    edges: [],
    spanSeries: [],
    attributes: [],
    traceSample: [],
    topology: [],
    changes: [],
    provenance: {},
    gaps: [],
    ...parts,
  };
}

/** One point a minute, `value(minute)` plus a small ripple that repeats exactly. */
export function series(
  service: string,
  metric: string,
  value: (minute: number) => number,
  unit: string | null = null,
): Series {
  const times = Float64Array.from({ length: 90 }, (_, i) => at(i));
  const ripple = (i: number) => 1 + 0.01 * ((i * 7) % 5) - 0.02;
  const values = Float64Array.from({ length: 90 }, (_, i) => value(i) * ripple(i));
  const identity = { resource: null, unit, metricKind: null, layer: null };
  return { service, metric, ...identity, points: { times, values } };
}

/** `count` error lines from minute `from` until the end, and none in the baseline. */
export function errorLog(service: string, example: string, from = 60, count = 40): LogPattern {
  return {
    service,
    pattern: example.replace(/\d+/g, "<*>"),
    severity: "ERROR",
    operation: null,
    windowCount: count,
    baselineCount: 0,
    firstAt: at(from),
    lastAt: at(89),
    example,
    traceId: null,
  };
}

/** The key has this one value alone, unless `keyErrors` and `keyCount` say otherwise. */
export function attribute(parts: Partial<AttributeStats>): AttributeStats {
  const counts = { windowErrors: 0, windowCount: 0, baselineErrors: 0, baselineCount: 0 };
  const totals = { keyErrors: parts.windowErrors ?? 0, keyCount: parts.windowCount ?? 0 };
  return { service: "shop", key: "error", value: "", ...counts, ...totals, ...parts };
}

/** A commit that no service is named for; `minutes` as in `at`. */
export function change(parts: Partial<Change> & { minutes: number }): Change {
  const { minutes, ...rest } = parts;
  return {
    timestamp: at(minutes),
    kind: "commit",
    service: "",
    ref: "0000000",
    title: "",
    author: null,
    files: [],
    diff: null,
    ...rest,
  };
}

/** A span of the trace `t` in the window; times in ms. */
export function sampledSpan(
  span: string,
  parent: string | null,
  start: number,
  durationMs: number,
  service: string,
): SampledSpan {
  return {
    ...{ trace: "t", span, parent, service, operation: "op", start, durationMs },
    period: "window",
  };
}
