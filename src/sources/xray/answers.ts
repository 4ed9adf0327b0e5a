import { limits } from "../../core/limits.ts";
import type {
  EdgeStatsQuery,
  SpanAttributesQuery,
  TraceListQuery,
  TraceQuery,
} from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import { type AwsAnswer, type AwsCalls, nothing } from "../aws/answer.ts";
import { mapLink, traceLink, tracesLink } from "../aws/links.ts";
import { graphOf, type OpenXray, servicesFilter, summariesOf } from "./open.ts";
import { badDocuments } from "./operations.ts";
import { wholeTraces } from "./reads.ts";
import { spansFrame, xrayTraceId } from "./spans.ts";
import { attributesOf, callsOf, edgesOf, traceRow } from "./statistics.ts";
import { attributesFrame, edgesFrame, topologyFrame, tracesFrame } from "./trace-frames.ts";

/** Traces by summary: failing ones first, then slow ones. */
export async function traceList(
  open: OpenXray,
  calls: AwsCalls,
  query: TraceListQuery,
  window: Window,
): Promise<AwsAnswer> {
  const filter = [
    servicesFilter(open, query.services),
    query.onlyErrors ? "fault = true OR throttle = true" : "",
    query.minDurationMs ? `duration >= ${query.minDurationMs / 1_000}` : "",
  ].filter(Boolean);
  return tracesOf(
    open,
    calls,
    filter.map((part) => `(${part})`).join(" AND "),
    window,
    query.limit,
  );
}

/** Traces that match a filter expression. */
export async function tracesOf(
  open: OpenXray,
  calls: AwsCalls,
  filter: string,
  window: Window,
  limit: number | undefined,
): Promise<AwsAnswer> {
  const found = await summariesOf(open, calls, window, filter);
  const rows = found.items
    .map((each) => traceRow(each, open.names))
    .sort((a, b) => b.errors - a.errors || b.durationMs - a.durationMs);
  const kept = rows.slice(0, Math.min(limit ?? 50, limits.rowsMax));
  return {
    frame: tracesFrame(kept),
    query: `GetTraceSummaries ${filter || "of all traces"}`,
    truncated: found.isCut || kept.length < rows.length,
    link: tracesLink(open.xray.region, filter, window),
    reasons: ["no sampled trace matches; X-Ray keeps only the traces that were sampled"],
    next: "Leave out the filter, or widen the window.",
  };
}

/** All spans of one trace. */
export async function trace(
  open: OpenXray,
  calls: AwsCalls,
  query: TraceQuery,
  window: Window,
): Promise<AwsAnswer> {
  const id = xrayTraceId(query.traceId);
  const link = traceLink(open.xray.region, id, window);
  if (!/^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(id)) {
    const words = `"${query.traceId.slice(0, 60)}" is not the id of a trace`;
    return nothing("BatchGetTraces", [words], "Take an id from trace-list.");
  }
  const read = await wholeTraces(open.xray, calls, [id], open.names);
  const spans = read.spans.toSorted((a, b) => a.start - b.start);
  const most = Math.min(query.limit ?? limits.spansPerTraceMax, limits.spansPerTraceMax);
  return {
    frame: spansFrame(spans.slice(0, most)),
    query: `BatchGetTraces ${id}`,
    truncated: spans.length > most,
    gaps: badDocuments(read.bad),
    link,
    reasons: ["X-Ray has no such trace: it was not sampled, or is older than 30 days"],
    next: `Take an id from trace-list over ${new Date(window.from).toISOString()} and later.`,
  };
}

/** Calls between services, from the service map of each period. */
export async function edgeStats(
  open: OpenXray,
  calls: AwsCalls,
  query: EdgeStatsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const periods = query.baseline ? [window, query.baseline] : [window];
  const maps = await Promise.all(periods.map((period) => graphOf(open, calls, period)));
  const [inside, before] = maps.map((map) => edgesOf(map.items, open.names));
  const most = Math.min(query.limit ?? limits.groupsMax, limits.rowsMax);
  const { frame, isCut } = edgesFrame(inside ?? [], before ?? [], most);
  return {
    frame,
    query: `GetServiceGraph${open.group ? ` of group ${open.group}` : ""}, sampled traces`,
    truncated: isCut || maps.some((map) => map.isCut),
    link: mapLink(open.xray.region, window),
    reasons: ["the service map has no calls between services in this time"],
  };
}

/** Who calls whom, from the service map. */
export async function topology(
  open: OpenXray,
  calls: AwsCalls,
  limit: number | undefined,
  window: Window,
): Promise<AwsAnswer> {
  const map = await graphOf(open, calls, window);
  const edges = callsOf(map.items, open.names);
  const kept = edges.slice(0, Math.min(limit ?? limits.rowsMax, limits.rowsMax));
  return {
    frame: topologyFrame(kept),
    query: `GetServiceGraph${open.group ? ` of group ${open.group}` : ""}`,
    truncated: map.isCut || kept.length < edges.length,
    link: mapLink(open.xray.region, window),
    reasons: ["the service map has no calls between services in this time"],
  };
}

/** Attribute values on failing traces and on all, from annotations, zones and instances. */
export async function spanAttributes(
  open: OpenXray,
  calls: AwsCalls,
  query: SpanAttributesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const filter = servicesFilter(open, query.services);
  const periods = query.baseline ? [window, query.baseline] : [window];
  const found = await Promise.all(periods.map((p) => summariesOf(open, calls, p, filter)));
  const rows = attributesOf(found[0]?.items ?? [], found[1]?.items ?? [], open.names).filter(
    (row) => query.services?.includes(row.service) ?? true,
  );
  const kept = rows.slice(0, Math.min(query.limit ?? limits.groupsMax, limits.rowsMax));
  return {
    frame: attributesFrame(kept),
    query: `GetTraceSummaries ${filter || "of all traces"}: annotations, exceptions, zones, instances`,
    truncated: kept.length < rows.length || found.some((each) => each.isCut),
    link: tracesLink(open.xray.region, filter, window),
    reasons: ["no sampled trace has annotations"],
  };
}
