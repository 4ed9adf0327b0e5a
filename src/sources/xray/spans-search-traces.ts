import { limits } from "../../core/limits.ts";
import type { NativeQuery, TraceListQuery, TraceQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { nativeFrame } from "../insights/frames.ts";
import { wholeMessages } from "../insights/records.ts";
import { spansFrame } from "./spans.ts";
import {
  askSpans,
  numberOf,
  type OpenSearch,
  saying,
  spansGroup,
  theirNames,
} from "./spans-search-ask.ts";
import { rootText, storedSpan, tracesText } from "./spans-search-queries.ts";
import { tracesFrame } from "./trace-frames.ts";

/** Traces by their first span: failing ones first, then slow ones. */
export async function searchTraces(
  open: OpenSearch,
  calls: AwsCalls,
  query: TraceListQuery,
  window: Window,
): Promise<AwsAnswer> {
  const most = Math.min(query.limit ?? 50, limits.rowsMax, 9_999);
  const text = rootText(query, theirNames(open, query.services), most + 1);
  const part = await askSpans(open, calls, text, window);
  const rows = part.rows.slice(0, most).map((row) => ({
    traceId: row.traceId ?? "",
    service: open.names[row.service ?? ""] ?? row.service ?? "",
    operation: row.name ?? "",
    start: numberOf(row.startTimeUnixNano) / 1e6,
    durationMs: numberOf(row.ms),
    spans: 0,
    errors: numberOf(row.failed) || 0,
  }));
  const said = saying(open, text, window, [part]);
  return {
    frame: tracesFrame(rows),
    ...said,
    truncated: said.truncated || rows.length < part.rows.length,
  };
}

/** All spans of one trace. */
export async function searchTrace(
  open: OpenSearch,
  calls: AwsCalls,
  query: TraceQuery,
  window: Window,
): Promise<AwsAnswer> {
  const text = tracesText([query.traceId], true);
  const part = await askSpans(open, calls, text, window);
  const whole = await wholeMessages(open.logs, calls, part.rows);
  const spans = whole.rows.flatMap((row) => storedSpan(row, open.names) ?? []);
  const most = Math.min(query.limit ?? limits.spansPerTraceMax, limits.spansPerTraceMax);
  const bad = part.rows.length - spans.length;
  const said = saying(open, text, window, [part]);
  return {
    frame: spansFrame(spans.toSorted((a, b) => a.start - b.start).slice(0, most)),
    ...said,
    truncated: said.truncated || spans.length > most,
    gaps: [
      ...whole.gaps,
      ...(bad > 0
        ? [
            {
              what: `${bad} spans of ${spansGroup}`,
              why: "they are not spans as CloudWatch stores them",
              effect: "these spans are missing from the trace",
              signal: "traces" as const,
            },
          ]
        : []),
    ],
  };
}

/** The caller's own Logs Insights query over all spans. */
export async function searchNative(
  open: OpenSearch,
  calls: AwsCalls,
  query: NativeQuery,
  window: Window,
): Promise<AwsAnswer> {
  const part = await askSpans(open, calls, query.text, window);
  const most = Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax);
  const said = saying(open, query.text, window, [part]);
  return {
    frame: nativeFrame(part.rows.slice(0, most)),
    ...said,
    truncated: said.truncated || part.rows.length > most,
  };
}
