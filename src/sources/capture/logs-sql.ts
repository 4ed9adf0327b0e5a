import { numbers, texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import {
  type LogSearchQuery,
  type LogVolumeQuery,
  severities,
  severityRank,
} from "../../core/query.ts";
import { type Answerer, forServices, inWindow, limited, rowLimit } from "./answer.ts";
import { binsOf, countSeries } from "./count-series.ts";
import { quoted } from "./duck-sql.ts";
import { seriesFrame } from "./metrics-sql.ts";

/** Longest body that crosses over; renderers cut further. */
const bodyCharsMax = 4_000;

/** Log lines, newest first. */
export const logSearch: Answerer<LogSearchQuery> = {
  tables: ["logs"],
  answer(capture, query, window, stop) {
    const rank = query.severityMin ? severityRank(query.severityMin) : 0;
    const where = [
      inWindow("timestamp", window),
      forServices("service", query.services),
      ...(rank > 0 ? [`severity_rank(severity) >= ${rank}`] : []),
      ...(query.text ? [`contains(lower(body), lower(${quoted(query.text)}))`] : []),
      ...(query.traceId ? [`trace_id = ${quoted(query.traceId)}`] : []),
    ].join("\n  AND ");
    const sql = `SELECT ms(timestamp) AS timestamp, service, severity,
  left(body, ${bodyCharsMax}) AS body, trace_id, span_id\nFROM logs\nWHERE ${where}
ORDER BY logs.timestamp DESC`;
    return limited(capture, sql, rowLimit(query.limit), stop);
  },
};

/** Lines per service, severity and bin. Bins without a line are zero while the recording ran. */
export const logVolume: Answerer<LogVolumeQuery> = {
  tables: ["logs"],
  async answer(capture, query, window, stop) {
    const table = await capture.store.table("logs", stop);
    const bins = binsOf(window, query.baseline, query.stepMs, table);
    const sql = `SELECT service, severity, ${bins.sql("t")} AS bin, count(*) AS lines
FROM (SELECT service, severity, ms(timestamp) AS t FROM logs_read
  WHERE ${forServices("service", query.services)})
GROUP BY 1, 2, 3`;
    const frame = await capture.store.engine.query(sql, stop);
    const service = texts(frame, "service");
    const severity = texts(frame, "severity");
    const all = countSeries(
      frame.length,
      (row) => JSON.stringify([service[row], severity[row]]),
      numbers(frame, "bin"),
      numbers(frame, "lines"),
      bins,
    );
    const kept = [...all].slice(0, Math.min(query.limit ?? limits.seriesMax, limits.seriesMax));
    const specs = kept.map(([key]) => {
      const [name, level] = JSON.parse(key) as [string, string];
      return {
        service: name,
        metric: `log_lines_${severities.find((s) => s === level) ?? "info"}`,
        resource: null,
        unit: "lines",
        metricKind: "delta",
        layer: "application" as const,
      };
    });
    const points = kept.map(([, series]) => series);
    return { frame: seriesFrame(specs, points), sql, truncated: kept.length < all.size };
  },
};
