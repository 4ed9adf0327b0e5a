import { z } from "zod";
import type { Gap } from "../core/outcome.ts";
import type { QueryKind, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { insightsPace, placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { awsSettings } from "./aws/client.ts";
import { AwsRefusal, awsFailure, isRefused } from "./aws/faults.ts";
import { keptReads } from "./aws/kept-reads.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { insightsQueriesMax, insightsRowsMax, openLogs } from "./insights/run.ts";
import * as sampled from "./xray/answers.ts";
import type { OpenXray } from "./xray/open.ts";
import { operationStats, traceSample } from "./xray/operations.ts";
import { groupNames, isSearchOn, openXray, traceSummaries, type Xray } from "./xray/reads.ts";
import { servicesMax, spanSeries } from "./xray/series.ts";
import * as search from "./xray/spans-search.ts";
import type { OpenSearch } from "./xray/spans-search-ask.ts";
import { searchNative, searchTrace, searchTraces } from "./xray/spans-search-traces.ts";

const settings = awsSettings.extend({
  /** Name of an X-Ray group: only the traces of its filter are looked at. */
  group: z.string().min(1).optional(),
  /** Share of the kept traces to look at, for accounts with very many; 1 is all. */
  samplingRate: z.number().positive().max(1).default(1),
  /** Whole traces read per period for statistics of operations. */
  tracesMax: z.number().int().positive().max(1_000).default(50),
  /** Use the spans of Transaction Search where they are kept; `auto` asks X-Ray. */
  transactionSearch: z.enum(["auto", "on", "off"]).default("auto"),
  /** Queries of Transaction Search at the same time. */
  queriesAtOnce: z.number().int().positive().max(insightsQueriesMax).default(8),
});
type Settings = z.infer<typeof settings>;

/** Traces of X-Ray; every span, through Transaction Search, where that is on. */
export const xray: SourceDefinition<typeof settings> = {
  kind: "xray",
  title: "X-Ray and Transaction Search",
  settings,
  permissions: [
    "xray:GetTraceSummaries",
    "xray:BatchGetTraces",
    "xray:GetServiceGraph",
    "xray:GetTimeSeriesServiceStatistics",
    "xray:GetGroups",
    "xray:GetTraceSegmentDestination",
    "logs:DescribeLogGroups",
    "logs:StartQuery",
    "logs:GetQueryResults",
    "logs:StopQuery",
    "logs:GetLogRecord",
  ],
  async open(name, own) {
    return openSource(name, own);
  },
};

const guide = `A filter expression of X-Ray, over sampled traces:
service("checkout") { fault = true } AND responsetime > 2
edge("checkout", "payment") { error = true }
annotation[customer_tier] = "gold" AND http.status = 500
Where Transaction Search is on: a query of Logs Insights over aws/spans, every span:
filter kind = "SERVER" and status.code = "ERROR" | stats count(*) as n by name | sort n desc
Fields: traceId, spanId, parentSpanId, name, kind, status.code, durationNano, attributes.*,
resource.attributes.service.name. The window is set from outside.`;

const answers = [
  ...["operation-stats", "edge-stats", "span-series", "span-attributes", "trace-list"],
  ...["trace", "trace-sample", "topology", "native"],
] as readonly QueryKind[];

/** X-Ray keeps traces this long. */
const keptMs = 30 * 86_400_000;
function openSource(name: string, own: Settings): Source {
  const xrayClient = lazyClient(() => openXray(own));
  const logsClient = lazyClient(() => openLogs(own));
  const isSearched = destination(own);
  const kept = keptReads();
  const keptSeries = keptReads(2 * servicesMax);
  const place = placeOf(own);
  const pace = insightsPace(place, own.queriesAtOnce);
  return {
    name,
    signals: ["traces", "topology"],
    answers,
    guide,
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const opened = await xrayClient.get();
        const to = systemClock.now();
        const [{ isOn, gaps }, groups, found] = await Promise.all([
          isSearched(opened, calls),
          groupNames(opened, calls),
          traceSummaries(opened, calls, { from: to - 600_000, to }, { expression: "", rate: 1 }),
        ]);
        const missing = own.group && !groups.includes(own.group);
        const where = isOn
          ? "Transaction Search is on: every span can be read"
          : "Transaction Search is not seen on: only sampled traces can be read";
        return {
          state: found.items.length > 0 && !missing ? "ready" : "limited",
          lines: [
            `${found.items.length}${found.isCut ? " and more" : ""} traces in 10 minutes`,
            ...gaps.map((gap) => gap.why),
            where,
            ...(missing ? [`there is no group "${own.group}"; ${groups.length} exist`] : []),
          ],
        };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) => {
      const signal = query.kind === "topology" ? "topology" : "traces";
      const asked = { source: name, place, query, window, signal } as const;
      return awsOutcome(asked, context, async (calls) => {
        const now = systemClock.now();
        if (window.from >= now || window.to <= now - keptMs) {
          const why = window.from >= now ? "the window has not begun" : "X-Ray keeps 30 days";
          return nothing(query.kind, [why], "Ask for a window in the last 30 days.");
        }
        const [opened, logs] = await Promise.all([xrayClient.get(), logsClient.get()]);
        const { group, services: names, samplingRate: rate, tracesMax } = own;
        const bounds = { pace, bytesMax: context.bytesMax, rowsMax: insightsRowsMax };
        const ofSearch = { logs, names, bounds, kept };
        const ofXray = { xray: opened, names, group, rate, tracesMax, kept, keptSeries };
        const { isOn, gaps } = await isSearched(opened, calls);
        const answer =
          (isOn ? await fromSearch(ofSearch, calls, query, window) : null) ??
          (await fromXray(ofXray, calls, query, window));
        return { region: opened.region, ...answer, gaps: [...gaps, ...(answer.gaps ?? [])] };
      });
    },
    async close() {
      await Promise.all([xrayClient.close(), logsClient.close()]);
    },
  };
}

interface Destination {
  readonly isOn: boolean;
  readonly gaps: readonly Gap[];
}

/**
 * Whether every span is kept, asked once. Where that may not be asked, sampled traces are read, and
 * it is said: they exist either way.
 */
function destination(own: Settings) {
  const { transactionSearch: wish } = own;
  let known: Destination | null = wish === "auto" ? null : { isOn: wish === "on", gaps: [] };
  return async (opened: Xray, calls: AwsCalls): Promise<Destination> => {
    if (known) return known;
    try {
      known = { isOn: await isSearchOn(opened, calls), gaps: [] };
      return known;
    } catch (error) {
      if (!isRefused(error)) throw error;
      const { reason, message } = awsFailure(error);
      const what = "every span, where Transaction Search keeps them";
      const effect = "only the traces that X-Ray sampled were looked at";
      return {
        isOn: false,
        gaps: [{ what, why: `${reason}: ${message}`, effect, signal: "traces" }],
      };
    }
  };
}

/** Null for what sampled traces answer better: their annotations are indexed. */
async function fromSearch(
  open: OpenSearch,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer | null> {
  switch (query.kind) {
    case "operation-stats":
      return search.searchOperations(open, calls, query, window);
    case "edge-stats":
      return search.searchEdges(open, calls, query, window);
    case "span-series":
      return search.searchSeries(open, calls, query, window);
    case "trace-list":
      return searchTraces(open, calls, query, window);
    case "trace-sample":
      return search.searchSample(open, calls, query, window);
    case "trace":
      return searchTrace(open, calls, query, window);
    case "topology":
      return search.searchTopology(open, calls, query.limit, window);
    case "native":
      return isInsights(query.text) ? searchNative(open, calls, query, window) : null;
    default:
      return null;
  }
}

async function fromXray(
  open: OpenXray,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  switch (query.kind) {
    case "operation-stats":
      return operationStats(open, calls, query, window);
    case "edge-stats":
      return sampled.edgeStats(open, calls, query, window);
    case "span-series":
      return spanSeries(open, calls, query, window);
    case "span-attributes":
      return sampled.spanAttributes(open, calls, query, window);
    case "trace-list":
      return sampled.traceList(open, calls, query, window);
    case "trace-sample":
      return traceSample(open, calls, query, window);
    case "trace":
      return sampled.trace(open, calls, query, window);
    case "topology":
      return sampled.topology(open, calls, query.limit, window);
    case "native":
      if (isInsights(query.text)) {
        const words =
          "Transaction Search is not seen on; ask X-Ray with a filter expression instead.";
        throw new AwsRefusal("unsupported", words);
      }
      return sampled.tracesOf(open, calls, query.text, window, query.limit);
    default:
      throw new AwsRefusal("unsupported", `X-Ray does not answer ${query.kind}.`);
  }
}

/** A query of Logs Insights begins with one of its commands, or joins them with a bar. */
function isInsights(text: string): boolean {
  const plain = text.replace(/"[^"]*"/g, "");
  return /^\s*(fields|filter|stats|parse|display|sort|limit|pattern|dedup)\b|\|/.test(plain);
}
