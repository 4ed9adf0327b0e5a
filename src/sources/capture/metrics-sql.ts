import { emptyFrame, type Frame, json, numbers, type Points, texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { MetricListQuery, MetricSeriesQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import { layerOf } from "../metric-layer.ts";
import {
  type Answerer,
  type Capture,
  forServices,
  inPeriods,
  inWindow,
  nothing,
  rowLimit,
} from "./answer.ts";
import { censusOfTotals, least } from "./census.ts";
import { quoted } from "./duck-sql.ts";
import type { Stop } from "./engine.ts";
import { selectRows } from "./frame-rows.ts";
import { type Blocks, type SeriesSpec, seriesPoints } from "./series-points.ts";
import { type CaptureTable, fileRow, filledColumns, type MappedFile } from "./tables.ts";

const identity = ["service", "metric", "resource", "unit", "kind", "layer", "attributes"];
/**
 * A number that stands for a series: a hash of what tells it apart in these files. Columns side by
 * side: made into a list, each row's words would be copied, and hashed again for every row.
 */
const seriesKey = (columns: ReadonlySet<string>) =>
  `hash(${identity.filter((name) => name === "service" || columns.has(name)).join(", ")})`;
const keyHalves = "CAST(key & 4294967295 AS DOUBLE) AS low, CAST(key >> 32 AS DOUBLE) AS high";

/** Whole series, one row each. */
export const metricSeries: Answerer<MetricSeriesQuery> = {
  tables: ["metrics"],
  opensTables: true,
  async answer(capture, query, window, stop) {
    const periods = inPeriods("timestamp", window, query.baseline);
    const where = conditions(query, periods);
    const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
    const inside = (table: CaptureTable) =>
      isWithin(table, window, query.baseline) ? conditions(query, "true") : where;
    const all = await listSeries(capture, where, inside, stop);
    if (all.length === 0) return { ...nothing, sql: readableSql(where, query.stepMs) };
    const wanted = all.filter((s) => !query.layers || query.layers.includes(s.layer));
    const kept = wanted.slice(0, most);
    const table = await capture.store.table("metrics", stop);
    const rows = pointsSql(inside(table), seriesKey(table.columns), query.stepMs);
    const times = timesSql(inside(table), query.stepMs);
    const blocks = query.stepMs ? null : blocksOf(table, inside(table), all);
    const asked = { rows, times, ...(blocks && { blocks }) };
    const points = await seriesPoints(capture.store.engine, asked, kept, stop);
    return {
      frame: seriesFrame(kept, points),
      sql: readableSql(where, query.stepMs),
      truncated: kept.length < wanted.length,
    };
  },
};

/** Which series there are; without points. */
export const metricList: Answerer<MetricListQuery> = {
  tables: ["metrics"],
  opensTables: true,
  async answer(capture, query, window, stop) {
    const where = conditions(query, inWindow("timestamp", window));
    const all = await listSeries(capture, where, () => where, stop);
    const kept = all.slice(0, rowLimit(query.limit, limits.rowsMax));
    return {
      frame: seriesFrame(kept, null),
      sql: `SELECT ${identity.join(", ")}, count(*) AS samples FROM metrics\nWHERE ${where}\nGROUP BY ALL`,
      truncated: kept.length < all.length,
    };
  },
};

function conditions(query: MetricListQuery | MetricSeriesQuery, periods: string): string {
  const parts = [periods, forServices("service", query.services)];
  if (query.kind === "metric-series" && query.metrics) {
    parts.push(forServices("metric", query.metrics));
  }
  if (query.kind === "metric-list" && query.text) {
    parts.push(`contains(lower(metric), lower(${quoted(query.text)}))`);
  }
  return parts.join("\n  AND ");
}

/** The series that have samples where `where` holds, and the faults of a table met first here. */
async function listSeries(
  capture: Capture,
  where: string,
  inside: (table: CaptureTable) => string,
  stop: Stop,
): Promise<SeriesSpec[]> {
  const { store } = capture;
  const frame = await store.ride("metrics", stop, async (files) => {
    // Parquet is cheap to read twice: two plain passes cost less than one that does both.
    if (files.every((file) => file.file.format === "parquet")) {
      return { value: emptyFrame, census: null };
    }
    const counted = await store.engine.query(
      listSql("metrics_read", filledColumns(files), where),
      stop,
    );
    return { value: counted, census: censusOfList(counted, files) };
  });
  const table = await store.table("metrics", stop);
  if (table.state !== "ready") return [];
  const listed =
    frame ?? (await store.engine.query(listSql("metrics", table.columns, inside(table)), stop));
  const samples = numbers(listed, "samples");
  return describeSeries(
    capture,
    selectRows(listed, (row) => (samples[row] ?? 0) > 0),
  );
}

/** Each series once; over `metrics_read` with what a census counts. */
function listSql(
  from: "metrics" | "metrics_read",
  filled: ReadonlySet<string>,
  where: string,
): string {
  const columns = identity.map((name) =>
    name === "service" || filled.has(name) ? `first(${name}) AS ${name}` : `NULL AS ${name}`,
  );
  const key = `${seriesKey(filled)} AS key`;
  const rows =
    from === "metrics"
      ? `SELECT *, ${key} FROM metrics WHERE ${where}`
      : `SELECT *, ${key}, coalesce(NOT unreadable AND is_possible_time(timestamp)
           AND metric IS NOT NULL AND isfinite(value), false) AS ok FROM metrics_read`;
  const counts =
    from === "metrics"
      ? "count(*) AS samples"
      : `count_if(ok AND ${where}) AS samples, count(*) AS rows, count_if(ok) AS usable,
  ms(min(timestamp)) AS first_at, ms(max(timestamp)) AS last_at`;
  return `SELECT ${keyHalves}, * EXCLUDE (key) FROM (SELECT key, ${columns.join(", ")}, ${counts}
FROM (${rows}) GROUP BY key) ORDER BY service, metric, resource, attributes, unit, kind, layer`;
}

/** Null when there are rows that cannot be used: a census of its own tells which, and why. */
function censusOfList(counted: Frame, files: readonly MappedFile[]): Frame | null {
  const sum = (name: string) => numbers(counted, name).reduce((a, b) => a + b, 0);
  const usable = sum("usable");
  if (sum("rows") > usable) return null;
  const totals = {
    usable,
    unreadable: 0,
    badTime: 0,
    badValue: 0,
    firstAt: least(numbers(counted, "first_at")),
    lastAt: -least(numbers(counted, "last_at").map((time) => -time)),
  };
  return censusOfTotals(totals, files);
}

function describeSeries(capture: Capture, frame: Frame): SeriesSpec[] {
  const [service, metric, resource] = ["service", "metric", "resource"].map((n) => texts(frame, n));
  const [unit, kind, layer] = ["unit", "kind", "layer"].map((n) => texts(frame, n));
  const tails = distinguishing(frame);
  const [low, high] = ["low", "high"].map((n) => numbers(frame, n));
  const samples = numbers(frame, "samples");
  return Array.from(samples, (count, row) => {
    const own = { service: service?.[row] ?? "", metric: metric?.[row] ?? "" };
    const said = layer?.[row];
    return {
      ...own,
      key: [low?.[row] ?? 0, high?.[row] ?? 0] as const,
      samples: count,
      resource: [resource?.[row], tails[row]].filter(Boolean).join(" ") || null,
      unit: unit?.[row] ?? null,
      metricKind: kind?.[row] ?? null,
      layer:
        said === "infrastructure" || said === "application" || said === "business"
          ? said
          : layerOf(own.service, own.metric, capture.incident.kpis),
    };
  });
}

/** The attributes that tell the series of one metric apart, as `k=v`; null where there is one. */
function distinguishing(frame: Frame): (string | null)[] {
  const rows = json(frame, "attributes").map((value) =>
    value && typeof value === "object" ? Object.entries(value) : [],
  );
  const [service, metric] = ["service", "metric"].map((name) => texts(frame, name));
  const owner = rows.map((_, row) => JSON.stringify([service?.[row], metric?.[row]]));
  const seen = new Map<string, Map<string, Set<string>>>();
  for (const [row, pairs] of rows.entries()) {
    const keys = seen.get(owner[row] ?? "") ?? new Map<string, Set<string>>();
    seen.set(owner[row] ?? "", keys);
    for (const [key, value] of pairs) {
      keys.set(key, (keys.get(key) ?? new Set()).add(String(value)));
    }
  }
  const total = Map.groupBy(owner.keys(), (row) => owner[row]);
  return rows.map((pairs, row) => {
    if ((total.get(owner[row])?.length ?? 0) < 2) return null;
    const values = seen.get(owner[row] ?? "");
    const telling = pairs.filter(([key]) => (values?.get(key)?.size ?? 0) > 1);
    return (telling.length > 0 ? telling : pairs).map(([k, v]) => `${k}=${String(v)}`).join(",");
  });
}

/** Whether every row of the table lies in the periods, so that no row need be asked. */
function isWithin(table: CaptureTable, window: Window, baseline: Window | undefined): boolean {
  const from = Math.min(window.from, baseline?.from ?? window.from);
  const to = Math.max(window.to, baseline?.to ?? window.to);
  const isOne = !baseline || (baseline.to >= window.from && window.to >= baseline.from);
  const isFixed = table.files.every((file) => file.format === "parquet");
  return isFixed && isOne && table.firstAt >= from && table.lastAt < to;
}

function timesSql(where: string, stepMs: number | undefined): string {
  if (!stepMs)
    return `SELECT ms(seen) AS t FROM (SELECT DISTINCT timestamp AS seen FROM metrics
  WHERE ${where})`;
  return `SELECT DISTINCT ${stepOf(stepMs)} AS t FROM metrics WHERE ${where}`;
}

function pointsSql(where: string, key: string, stepMs: number | undefined): string {
  if (!stepMs) {
    return `SELECT ${key} AS key, epoch_us(timestamp) AS t, value FROM metrics WHERE ${where}`;
  }
  return `SELECT ${key} AS key, CAST(${stepOf(stepMs)} * 1000 AS BIGINT) AS t,
    avg(value) AS value FROM metrics WHERE ${where} GROUP BY ALL`;
}

/** Files beyond this are read row by row: a block takes as many places of each. */
const blockFilesMax = 8;

/** Of Parquet files without a fault, whose rows have numbers by which a part of them is found. */
function blocksOf(table: CaptureTable, where: string, all: readonly SeriesSpec[]): Blocks | null {
  const isNumbered = table.files.every((file) => file.format === "parquet");
  if (!isNumbered || table.gaps.length > 0 || table.files.length > blockFilesMax) return null;
  return {
    sql: (from, to) => `SELECT epoch_us(timestamp) AS t, list(${seriesKey(table.columns)}) AS keys,
  list(value) AS values_of_keys FROM metrics_read
WHERE ${fileRow} >= ${from} AND ${fileRow} < ${to} AND ${where}\nGROUP BY t`,
    end: table.rows,
    values: all.reduce((sum, series) => sum + series.samples, 0),
  };
}

/** Epoch ms of the step that a sample lies in. */
const stepOf = (stepMs: number) => `floor(ms(timestamp) / ${stepMs}) * ${stepMs}`;

function readableSql(where: string, stepMs: number | undefined): string {
  const time = stepMs ? `time_bucket(INTERVAL ${stepMs} MILLISECONDS, timestamp)` : "timestamp";
  const value = stepMs ? "avg(value)" : "value";
  const end = stepMs ? "GROUP BY ALL\nORDER BY ALL" : "ORDER BY ALL";
  return `SELECT service, metric, resource, ${time} AS at, ${value} AS value\nFROM metrics
WHERE ${where}\n${end}`;
}

/** Series as a frame; with `points` null the column is left out. */
export function seriesFrame(
  series: readonly Omit<SeriesSpec, "key" | "samples">[],
  points: readonly Points[] | null,
): Frame {
  const text = (name: string, of: (s: Omit<SeriesSpec, "key" | "samples">) => string | null) => ({
    name,
    type: "text" as const,
    values: series.map(of),
  });
  return {
    length: series.length,
    columns: [
      text("service", (s) => s.service),
      text("metric", (s) => s.metric),
      text("resource", (s) => s.resource),
      text("unit", (s) => s.unit),
      text("metric_kind", (s) => s.metricKind),
      text("layer", (s) => s.layer),
      ...(points ? [{ name: "points", type: "points" as const, values: points }] : []),
    ],
  };
}
