import { type Frame, json, numbers, type Points, texts } from "../core/frame.ts";
import { limits } from "../core/limits.ts";
import type { MetricListQuery, MetricSeriesQuery } from "../core/query.ts";
import {
  type Answerer,
  type Capture,
  forServices,
  inPeriods,
  inWindow,
  rowLimit,
} from "./capture-answer.ts";
import type { Stop } from "./capture-engine.ts";
import { quoted } from "./duck-sql.ts";
import { layerOf } from "./metric-layer.ts";
import { type SeriesSpec, seriesPoints } from "./series-points.ts";

const identity = "service, metric, resource, unit, kind, layer, attributes";
/** A number that stands for a series: 53 bits of a hash, so that it crosses as a double. */
const seriesKey = `CAST(hash(${identity}) >> 11 AS DOUBLE)`;

/** Whole series, one row each. */
export const metricSeries: Answerer<MetricSeriesQuery> = {
  tables: ["metrics"],
  async answer(capture, query, window, stop) {
    const where = [
      inPeriods("timestamp", window, query.baseline),
      forServices("service", query.services),
      ...(query.metrics ? [forServices("metric", query.metrics)] : []),
    ].join("\n  AND ");
    const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
    const listing = await listSeries(capture, where, stop);
    const wanted = listing.series.filter((s) => !query.layers || query.layers.includes(s.layer));
    const kept = wanted.slice(0, most);
    const sql = pointsSql(where, query.stepMs);
    const points = await seriesPoints(capture.store.engine, sql, kept, stop);
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
  async answer(capture, query, window, stop) {
    const where = [
      inWindow("timestamp", window),
      forServices("service", query.services),
      ...(query.text ? [`contains(lower(metric), lower(${quoted(query.text)}))`] : []),
    ].join("\n  AND ");
    const listing = await listSeries(capture, where, stop);
    const most = rowLimit(query.limit, limits.rowsMax);
    const kept = listing.series.slice(0, most);
    return {
      frame: seriesFrame(kept, null),
      sql: listing.sql,
      truncated: kept.length < listing.series.length,
    };
  },
};

async function listSeries(capture: Capture, where: string, stop: Stop) {
  const body = `${identity}, count(*) AS samples FROM metrics\nWHERE ${where}\nGROUP BY ALL`;
  const order = "ORDER BY service, metric, resource, attributes";
  const frame = await capture.store.engine.query(
    `SELECT ${seriesKey} AS key, ${body} ${order}`,
    stop,
  );
  return { series: describeSeries(capture, frame), sql: `SELECT ${body}\n${order}` };
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

function pointsSql(where: string, stepMs: number | undefined): string {
  if (!stepMs) {
    return `SELECT ${seriesKey} AS key, ms(timestamp) AS at, value FROM metrics WHERE ${where}`;
  }
  return `SELECT ${seriesKey} AS key, floor(ms(timestamp) / ${stepMs}) * ${stepMs} AS at,
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
