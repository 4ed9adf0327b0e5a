import { type Frame, json, numbers, type Points, texts } from "../core/frame.ts";
import { limits } from "../core/limits.ts";
import type { MetricListQuery, MetricSeriesQuery } from "../core/query.ts";
import {
  type Answerer,
  type Capture,
  forServices,
  inPeriods,
  inWindow,
  nothing,
  rowLimit,
} from "./capture-answer.ts";
import { censusOfTotals, least } from "./capture-census.ts";
import type { Stop } from "./capture-engine.ts";
import { quoted } from "./duck-sql.ts";
import { selectRows } from "./frame-rows.ts";
import { layerOf } from "./metric-layer.ts";
import { type SeriesSpec, seriesPoints } from "./series-points.ts";

const identity = "service, metric, resource, unit, kind, layer, attributes";
/** A number that stands for a series: 53 bits of a hash, so that it crosses as a double. */
const seriesKey = `CAST(hash(${identity}) >> 11 AS DOUBLE)`;

/** Whole series, one row each. */
export const metricSeries: Answerer<MetricSeriesQuery> = {
  tables: ["metrics"],
  opensTables: true,
  async answer(capture, query, window, stop) {
    const periods = inPeriods("timestamp", window, query.baseline);
    const where = conditions(query, periods);
    const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
    const all = await listSeries(capture, where, stop);
    if (all.length === 0) return { ...nothing, sql: readableSql(where, query.stepMs) };
    const wanted = all.filter((s) => !query.layers || query.layers.includes(s.layer));
    const kept = wanted.slice(0, most);
    const rows = pointsSql(where, query.stepMs);
    const times = `SELECT DISTINCT t FROM (${timesSql(where, query.stepMs)})`;
    const points = await seriesPoints(capture.store.engine, { rows, times }, kept, stop);
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
    const all = await listSeries(capture, where, stop);
    const kept = all.slice(0, rowLimit(query.limit, limits.rowsMax));
    return {
      frame: seriesFrame(kept, null),
      sql: `SELECT ${identity}, count(*) AS samples FROM metrics\nWHERE ${where}\nGROUP BY ALL`,
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
async function listSeries(capture: Capture, where: string, stop: Stop): Promise<SeriesSpec[]> {
  const { store } = capture;
  const frame = await store.ride("metrics", stop, async (files) => {
    const counted = await store.engine.query(ridingSql(where), stop);
    const sum = (name: string) => numbers(counted, name).reduce((a, b) => a + b, 0);
    const totals = {
      usable: sum("usable"),
      unreadable: sum("unreadable"),
      badTime: sum("bad_time"),
      badValue: sum("bad_value"),
      firstAt: least(numbers(counted, "first_at")),
      lastAt: -least(numbers(counted, "last_at").map((time) => -time)),
    };
    return { value: counted, census: censusOfTotals(totals, files) };
  });
  if ((await store.table("metrics", stop)).state !== "ready") return [];
  const listed =
    frame ??
    (await store.engine.query(
      `SELECT ${seriesKey} AS key, * FROM (SELECT ${identity}, count(*) AS samples FROM metrics
WHERE ${where} GROUP BY ALL) ${inOrder}`,
      stop,
    ));
  const samples = numbers(listed, "samples");
  return describeSeries(
    capture,
    selectRows(listed, (row) => (samples[row] ?? 0) > 0),
  );
}

const inOrder = "ORDER BY service, metric, resource, attributes";

/** The same over every row, with the columns of a census. */
function ridingSql(where: string): string {
  const time = "is_possible_time(timestamp)";
  return `SELECT ${seriesKey} AS key, * FROM (SELECT ${identity},
  count(*) FILTER (fault IS NULL AND ${where}) AS samples,
  count(*) FILTER (fault IS NULL) AS usable, count(*) FILTER (fault = 1) AS unreadable,
  count(*) FILTER (fault = 2) AS bad_time, count(*) FILTER (fault = 3) AS bad_value,
  ms(min(timestamp) FILTER (fault IS NULL)) AS first_at,
  ms(max(timestamp) FILTER (fault IS NULL)) AS last_at
FROM (SELECT *, CASE WHEN unreadable THEN 1 WHEN NOT coalesce(${time}, false) THEN 2
    WHEN metric IS NULL OR NOT coalesce(isfinite(value), false) THEN 3 END AS fault
  FROM metrics_read)
GROUP BY ALL) ${inOrder}`;
}

function describeSeries(capture: Capture, frame: Frame): SeriesSpec[] {
  const [service, metric, resource] = ["service", "metric", "resource"].map((n) => texts(frame, n));
  const [unit, kind, layer] = ["unit", "kind", "layer"].map((n) => texts(frame, n));
  const tails = distinguishing(frame);
  const keys = numbers(frame, "key");
  const samples = numbers(frame, "samples");
  return Array.from(keys, (key, row) => {
    const own = { service: service?.[row] ?? "", metric: metric?.[row] ?? "" };
    const said = layer?.[row];
    return {
      ...own,
      key,
      samples: samples[row] ?? 0,
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

function timesSql(where: string, stepMs: number | undefined): string {
  const at = stepMs ? `floor(ms(timestamp) / ${stepMs}) * ${stepMs}` : "ms(timestamp)";
  return `SELECT ${at} AS t FROM metrics WHERE ${where}`;
}

function pointsSql(where: string, stepMs: number | undefined): string {
  if (!stepMs) {
    return `SELECT ${seriesKey} AS key, ms(timestamp) AS t, value FROM metrics WHERE ${where}`;
  }
  return `SELECT ${seriesKey} AS key, floor(ms(timestamp) / ${stepMs}) * ${stepMs} AS t,
    avg(value) AS value FROM metrics WHERE ${where} GROUP BY ALL`;
}

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
