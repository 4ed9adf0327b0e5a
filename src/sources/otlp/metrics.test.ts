import { expect, test } from "vitest";
import type { MetricRow } from "../capture/rows.ts";
import type { MetricsRequest, OtlpMetric } from "./decode.ts";
import { MetricIntervals } from "./metrics.ts";

const startMs = 1_000_000;

test("a cumulative counter becomes the increase per interval", () => {
  const intervals = new MetricIntervals(startMs);
  const values = [100, 130, 130, 145].map((value, at) => counter(value, at));
  expect(feed(intervals, values)).toEqual([
    [1_010_000, "orders", 30, "count"],
    [1_020_000, "orders", 0, "count"],
    [1_030_000, "orders", 15, "count"],
  ]);
});

test("a counter born after the receiver started counts from zero", () => {
  const intervals = new MetricIntervals(startMs);
  const young = { startMs: startMs + 5 };
  expect(feed(intervals, [counter(7, 1, young), counter(9, 2, young)])).toEqual([
    [1_010_000, "orders", 7, "count"],
    [1_020_000, "orders", 2, "count"],
  ]);
});

test("a counter that starts over loses nothing it counted since", () => {
  const intervals = new MetricIntervals(startMs);
  const points = [counter(100, 0), counter(120, 1), counter(4, 2, { startMs: startMs + 15_000 })];
  expect(feed(intervals, points).map(([, , value]) => value)).toEqual([20, 4]);
});

test("a delta counter is taken as it is", () => {
  const intervals = new MetricIntervals(startMs);
  const delta = (value: number, at: number) => counter(value, at, { temporality: 1 });
  expect(feed(intervals, [delta(5, 0), delta(3, 1)]).map(([, , value]) => value)).toEqual([5, 3]);
});

test("series of different attributes are counted apart and keep them", () => {
  const intervals = new MetricIntervals(startMs);
  const of = (country: string, value: number, at: number) => counter(value, at, { country });
  const rows = [of("DE", 1, 0), of("FR", 5, 0), of("DE", 3, 1), of("FR", 6, 1)].flatMap(
    (metric) => intervals.rows(request(metric), 0).rows,
  );
  expect(rows.map((row) => [row.attributes, row.value])).toEqual([
    ['{"country":"DE"}', 2],
    ['{"country":"FR"}', 1],
  ]);
});

test("gauges and up-down counters stay levels, with layer and measured part", () => {
  const intervals = new MetricIntervals(startMs);
  const gauge = { name: "nodejs.heap.used", unit: "By", gauge: { dataPoints: [point(12, 0)] } };
  const level = {
    name: "db.client.connection.count",
    sum: { dataPoints: [point(3, 0)], aggregationTemporality: 2, isMonotonic: false },
  };
  const slots = { name: "checkout.slots.utilization", gauge: { dataPoints: [point(1, 0)] } };
  const business = { name: "users.active", gauge: { dataPoints: [point(40, 0)] } };
  const rows = [
    ...intervals.rows(request(gauge), 0).rows,
    ...intervals.rows(request(level), 0).rows,
    ...intervals.rows(request(slots), 0).rows,
    ...intervals.rows(request(business, "shop.business"), 0).rows,
  ];
  expect(rows.map(({ metric, kind, layer, resource }) => [metric, kind, layer, resource])).toEqual([
    ["nodejs.heap.used", "gauge", "infrastructure", "shop/memory"],
    ["db.client.connection.count", "gauge", "infrastructure", "shop/db-pool"],
    ["checkout.slots.utilization", "gauge", "infrastructure", "shop/slots"],
    ["users.active", "gauge", "business", null],
  ]);
});

test("CPU seconds become utilisation", () => {
  const intervals = new MetricIntervals(startMs);
  const cpu = (seconds: number, at: number) => counter(seconds, at, { name: "process.cpu.time" });
  expect(feed(intervals, [cpu(3, 0), cpu(7.5, 1)])).toEqual([
    [1_010_000, "process.cpu.utilization", 0.45, "gauge"],
  ]);
});

test("a histogram becomes count, errors, mean and percentiles over all its attribute sets", () => {
  const intervals = new MetricIntervals(startMs);
  const at = (index: number, ok: number[], failed: number[]): OtlpMetric => ({
    name: "http.server.request.duration",
    unit: "s",
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [histogramPoint(index, ok), histogramPoint(index, failed, "500")],
    },
  });
  intervals.rows(request(at(0, [10, 0, 0], [0, 0, 0])), 0);
  const { rows } = intervals.rows(request(at(1, [19, 9, 0], [0, 0, 2])), 0);
  const shown = rows.map(({ metric, value, unit }) => [
    metric.split(".").at(-1),
    Math.round(value),
    unit,
  ]);
  expect(shown).toEqual([
    ["count", 20, "1"],
    ["errors", 2, "1"],
    ["mean", 325, "ms"],
    ["p50", 267, "ms"],
    ["p95", 1000, "ms"],
    ["p99", 1000, "ms"],
  ]);
});

test("an interval without events has a count of zero and no percentiles", () => {
  const intervals = new MetricIntervals(startMs);
  const metric: OtlpMetric = {
    name: "d",
    histogram: { aggregationTemporality: 2, dataPoints: [histogramPoint(0, [4, 0, 0])] },
  };
  intervals.rows(request(metric), 0);
  const { rows } = intervals.rows(request(metric), 0);
  expect(rows.map((row) => [row.metric, row.value])).toEqual([
    ["d.count", 0],
    ["d.errors", 0],
  ]);
});

test("exponential buckets of two scales are compared at the coarser one", () => {
  const intervals = new MetricIntervals(startMs);
  const at = (
    index: number,
    scale: number,
    offset: number,
    bucketCounts: number[],
  ): OtlpMetric => ({
    name: "size",
    unit: "By",
    exponentialHistogram: {
      aggregationTemporality: 2,
      dataPoints: [
        {
          ...times(index),
          count: 10 * (index + 1),
          sum: 0,
          scale,
          positive: { offset, bucketCounts },
        },
      ],
    },
  });
  // Scale 1: buckets (4, 5.66] and (5.66, 8]; scale 0: (4, 8] and (8, 16].
  intervals.rows(request(at(0, 1, 4, [5, 5])), 0);
  const { rows } = intervals.rows(request(at(1, 0, 2, [10, 10])), 0);
  expect(rows.find((row) => row.metric === "size.p50")?.value).toBe(12);
});

test("a summary keeps the quantiles that its sender computed", () => {
  const intervals = new MetricIntervals(startMs);
  const metric: OtlpMetric = {
    name: "rpc",
    unit: "ms",
    summary: { dataPoints: [{ ...times(0), quantileValues: [{ quantile: 0.99, value: 8 }] }] },
  };
  const { rows } = intervals.rows(request(metric), 0);
  expect(rows.map((row) => [row.metric, row.value])).toEqual([["rpc.p99", 8]]);
});

test("a point without a number is rejected and not written as zero", () => {
  const intervals = new MetricIntervals(startMs);
  const metric = { name: "broken", gauge: { dataPoints: [times(0)] } };
  expect(intervals.rows(request(metric), 0)).toEqual({ rows: [], rejected: 1 });
});

function feed(intervals: MetricIntervals, metrics: OtlpMetric[]) {
  return metrics
    .flatMap((metric): MetricRow[] => intervals.rows(request(metric), 0).rows)
    .map((row) => [row.timestamp, row.metric, row.value, row.kind]);
}

function request(metric: OtlpMetric, scope = "shop"): MetricsRequest {
  const attributes = [{ key: "service.name", value: { stringValue: "shop" } }];
  return {
    resourceMetrics: [
      { resource: { attributes }, scopeMetrics: [{ scope: { name: scope }, metrics: [metric] }] },
    ],
  };
}

interface CounterOptions {
  startMs?: number;
  temporality?: number;
  country?: string;
  name?: string;
}

function counter(value: number, index: number, options: CounterOptions = {}): OtlpMetric {
  const { country, temporality = 2, name = "orders" } = options;
  const attributes = country ? [{ key: "country", value: { stringValue: country } }] : [];
  const dataPoints = [{ ...point(value, index, options.startMs), attributes }];
  return { name, sum: { dataPoints, aggregationTemporality: temporality, isMonotonic: true } };
}

function point(asDouble: number, index: number, bornMs = 1) {
  return { ...times(index, bornMs), asDouble };
}

function histogramPoint(index: number, bucketCounts: number[], errorType?: string) {
  const count = bucketCounts.reduce((sum, n) => sum + n, 0);
  const attributes = errorType ? [{ key: "error.type", value: { stringValue: errorType } }] : [];
  // Values in the three buckets are taken as 0.1, 0.4 and 1 second.
  const sum = (bucketCounts[0] ?? 0) * 0.1 + (bucketCounts[1] ?? 0) * 0.4 + (bucketCounts[2] ?? 0);
  return {
    ...times(index),
    count,
    sum,
    bucketCounts,
    explicitBounds: [0.2, 0.8],
    max: 1,
    attributes,
  };
}

function times(index: number, bornMs = 1) {
  const nano = (ms: number) => `${ms}000000`;
  return {
    startTimeUnixNano: nano(bornMs),
    timeUnixNano: nano(startMs + index * 10_000),
  };
}
