import type { MetricRow } from "../capture/rows.ts";
import { metricKind } from "../metric-kinds.ts";
import {
  type MetricsRequest,
  type OtlpMetric,
  type OtlpNumberPoint,
  type OtlpSummaryPoint,
  otlpAttributes,
  otlpNumber,
  otlpTimeMs,
} from "./decode.ts";
import {
  type Distribution,
  distribution,
  explicitSnapshot,
  exponentialSnapshot,
  merge,
  quantile,
  type Snapshot,
  subtract,
} from "./histogram-intervals.ts";
import { attempt, attributesText, type Flattened, keep, type Origin, readOrigin } from "./rows.ts";

// OTLP AggregationTemporality: 1 delta, 2 cumulative.
const cumulative = 2;

/**
 * Series whose last cumulative value is remembered; beyond that the longest silent one is dropped.
 */
const seriesMax = 100_000;

/**
 * OTLP metric points -> rows about one interval each.
 *
 * Counters become the increase since the previous point (kind `count`, so that rows can be added
 * up); gauges and up-down counters stay levels (kind `gauge`). A histogram becomes `.count`,
 * `.mean`, `.p50`, `.p95`, `.p99` and `.errors` (points that carry `error.type`) over all its
 * attribute sets: percentiles of parts cannot be added up later, and single requests are in spans.
 * Seconds become milliseconds in histograms; CPU seconds become utilisation (1 = one core busy).
 */
export class MetricIntervals {
  readonly #startedAtMs: number;
  readonly #numbers = new Map<string, { value: number; startMs: number; atMs: number }>();
  readonly #histograms = new Map<string, { snapshot: Snapshot; startMs: number }>();

  /** `startedAtMs`: series that began later than this are counted from zero, older ones are not. */
  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
  }

  rows(request: MetricsRequest, nowMs: number): Flattened<MetricRow> {
    const flat: Flattened<MetricRow> = { rows: [], rejected: 0 };
    for (const { resource, scopeMetrics } of request.resourceMetrics) {
      const origin = readOrigin(resource?.attributes);
      for (const { scope, metrics } of scopeMetrics ?? []) {
        for (const metric of metrics ?? []) {
          attempt(flat, () => {
            const series = new SeriesNames(metric, origin, String(scope?.name ?? ""));
            this.#numberRows(metric, series, nowMs, flat);
            this.#histogramRows(metric, series, nowMs, flat);
            summaryRows(metric, series, nowMs, flat);
          });
        }
      }
    }
    return flat;
  }

  #numberRows(metric: OtlpMetric, series: SeriesNames, nowMs: number, flat: Flattened<MetricRow>) {
    for (const point of metric.gauge?.dataPoints ?? []) {
      keep(flat, () => series.row(point, nowMs, { value: numberOf(point) }));
    }
    const { sum } = metric;
    for (const point of sum?.dataPoints ?? []) {
      if (!sum?.isMonotonic) {
        keep(flat, () => series.row(point, nowMs, { value: numberOf(point) }));
      } else if (sum.aggregationTemporality !== cumulative) {
        keep(flat, () => series.row(point, nowMs, { value: numberOf(point), kind: "count" }));
      } else {
        const increase = this.#increase(point, series.key(point), nowMs);
        if (increase) keep(flat, () => series.increaseRow(point, nowMs, increase));
      }
    }
  }

  /** Increase since the last point of this series; null when there is nothing to compare with. */
  #increase(point: OtlpNumberPoint, key: string, nowMs: number): Increase | null {
    const value = numberOf(point);
    const { startMs, atMs } = timesOf(point, nowMs);
    const before = this.#numbers.get(key);
    remember(this.#numbers, key, { value, startMs, atMs });
    if (before && before.startMs === startMs && value >= before.value) {
      return { value: value - before.value, seconds: (atMs - before.atMs) / 1000 };
    }
    if (!before && startMs < this.#startedAtMs) return null;
    return { value, seconds: (atMs - startMs) / 1000 };
  }

  #histogramRows(
    metric: OtlpMetric,
    series: SeriesNames,
    nowMs: number,
    flat: Flattened<MetricRow>,
  ) {
    const points = [
      ...(metric.histogram?.dataPoints ?? []).map((point) => ({
        point,
        read: () => explicitSnapshot(point),
      })),
      ...(metric.exponentialHistogram?.dataPoints ?? []).map((point) => ({
        point,
        read: () => exponentialSnapshot(point),
      })),
    ];
    const temporality = (metric.histogram ?? metric.exponentialHistogram)?.aggregationTemporality;
    const all: Distribution[] = [];
    let errors = 0;
    for (const { point, read } of points) {
      const snapshot =
        temporality === cumulative
          ? this.#since(read(), series.key(point), timesOf(point, nowMs).startMs)
          : read();
      if (!snapshot) continue;
      const part = distribution(snapshot);
      all.push(part);
      if (otlpAttributes(point.attributes)["error.type"] != null) errors += part.count;
    }
    const first = points[0]?.point;
    if (!first || all.length === 0) return;
    flat.rows.push(...series.distributionRows(timesOf(first, nowMs).atMs, merge(all), errors));
  }

  #since(now: Snapshot, key: string, startMs: number): Snapshot | null {
    const before = this.#histograms.get(key);
    remember(this.#histograms, key, { snapshot: now, startMs });
    if (!before) return startMs >= this.#startedAtMs ? now : null;
    return (before.startMs === startMs ? subtract(now, before.snapshot) : null) ?? now;
  }
}

/** Sets the value of a series and moves it to the end of the line of those to be dropped. */
function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.delete(key);
  known.set(key, value);
  if (known.size <= seriesMax) return;
  for (const longestSilent of known.keys()) {
    known.delete(longestSilent);
    return;
  }
}

interface Increase {
  value: number;
  /** Length of the interval in which it happened. */
  seconds: number;
}

/** Names, unit, layer and resource of the rows of one metric of one sender. */
class SeriesNames {
  readonly #metric: string;
  readonly #unit: string | null;
  readonly #origin: Origin;
  readonly #layer: MetricRow["layer"];
  readonly #resource: string | null;

  constructor(metric: OtlpMetric, origin: Origin, scope: string) {
    this.#metric = String(metric.name ?? "unnamed");
    this.#unit = metric.unit ? String(metric.unit) : null;
    this.#origin = origin;
    const { layer, part } = metricKind(this.#metric, scope);
    this.#layer = layer;
    this.#resource = part === null ? null : `${origin.service}/${part}`;
  }

  /** Identity of a series across requests. */
  key(point: Point): string {
    const instance = this.#origin.attributes["service.instance.id"] ?? "";
    const attributes = JSON.stringify(sorted(otlpAttributes(point.attributes)));
    return `${this.#origin.service} ${instance} ${this.#metric} ${attributes}`;
  }

  row(
    point: Point,
    nowMs: number,
    { value, kind = "gauge" }: { value: number; kind?: MetricRow["kind"] },
  ): MetricRow | null {
    if (!Number.isFinite(value)) return null;
    const attributes = { ...this.#instance(), ...sorted(otlpAttributes(point.attributes)) };
    const { atMs } = timesOf(point, nowMs);
    return { ...this.#base(atMs), value, kind, attributes: attributesText(attributes) };
  }

  increaseRow(point: Point, nowMs: number, increase: Increase): MetricRow | null {
    const row = this.row(point, nowMs, { value: increase.value, kind: "count" });
    const cpu = /^(process|container|k8s\.\w+)\.cpu\.time$/.test(this.#metric);
    if (!row || !cpu) return row;
    if (increase.seconds <= 0) return null;
    const metric = this.#metric.replace(/time$/, "utilization");
    const value = increase.value / increase.seconds;
    return { ...row, metric, value, unit: "1", kind: "gauge" };
  }

  distributionRows(atMs: number, all: Distribution, errors: number): MetricRow[] {
    const scale = this.#unit === "s" ? 1000 : 1;
    const unit = this.#unit === "s" ? "ms" : this.#unit;
    const base = { ...this.#base(atMs), attributes: attributesText(this.#instance()) };
    const count = (name: string, value: number): MetricRow => ({
      ...base,
      metric: `${this.#metric}.${name}`,
      value,
      unit: "1",
      kind: "count",
    });
    const level = (name: string, value: number): MetricRow => ({
      ...base,
      metric: `${this.#metric}.${name}`,
      value: value * scale,
      unit,
      kind: "gauge",
    });
    const counts = [count("count", all.count), count("errors", errors)];
    if (all.count === 0) return counts;
    const rows = [
      ...counts,
      level("mean", all.sum / all.count),
      level("p50", quantile(all, 0.5)),
      level("p95", quantile(all, 0.95)),
      level("p99", quantile(all, 0.99)),
    ];
    return rows.filter((row) => Number.isFinite(row.value));
  }

  /** A level named by the sender itself, such as a quantile of a summary. */
  named(point: Point, nowMs: number, name: string, value: number): MetricRow | null {
    const row = this.row(point, nowMs, { value });
    return row && { ...row, metric: `${this.#metric}.${name}` };
  }

  #base(timestamp: number) {
    return {
      timestamp,
      service: this.#origin.service,
      metric: this.#metric,
      resource: this.#resource,
      unit: this.#unit,
      layer: this.#layer,
      kind: "gauge" as const,
    };
  }

  #instance(): Record<string, unknown> {
    const instance = this.#origin.attributes["service.instance.id"];
    return instance == null ? {} : { "service.instance.id": instance };
  }
}

type Point = Pick<OtlpNumberPoint, "startTimeUnixNano" | "timeUnixNano" | "attributes">;

function summaryRows(
  metric: OtlpMetric,
  series: SeriesNames,
  nowMs: number,
  flat: Flattened<MetricRow>,
) {
  for (const point of metric.summary?.dataPoints ?? []) {
    for (const { quantile: q, value } of quantilesOf(point)) {
      keep(flat, () => series.named(point, nowMs, `p${Math.round(q * 100)}`, value));
    }
  }
}

function quantilesOf(point: OtlpSummaryPoint): { quantile: number; value: number }[] {
  return (point.quantileValues ?? []).map(({ quantile: q, value }) => ({
    quantile: q ?? 0,
    value: value ?? 0,
  }));
}

function numberOf(point: OtlpNumberPoint): number {
  if (point.asInt != null) return otlpNumber(point.asInt);
  return point.asDouble == null ? Number.NaN : Number(point.asDouble);
}

function timesOf(point: Point, nowMs: number): { startMs: number; atMs: number } {
  const startMs = otlpTimeMs(point.startTimeUnixNano) ?? 0;
  return { startMs, atMs: otlpTimeMs(point.timeUnixNano) ?? nowMs };
}

function sorted(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}
