import { limits } from "../../core/limits.ts";
import type {
  EdgeStatsQuery,
  OperationStatsQuery,
  SpanSeriesQuery,
  TraceSampleQuery,
} from "../../core/query.ts";
import type { EdgePeriod } from "../../core/rows.ts";
import type { Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { awsFailure } from "../aws/faults.ts";
import { type InsightsAnswer, isFinal } from "../insights/run.ts";
import { binsOf, spanSeriesFrame } from "./span-series-frame.ts";
import { type OperationPeriod, operationPeriods } from "./span-statistics.ts";
import { askSpans, numberOf, type OpenSearch, saying, theirNames } from "./spans-search-ask.ts";
import {
  edgeText,
  failingText,
  operationText,
  sampleText,
  seriesText,
  spanTime,
  storedSpan,
  tracesText,
} from "./spans-search-queries.ts";
import {
  type EdgeOf,
  edgesFrame,
  operationsFrame,
  sampleFrame,
  topologyFrame,
} from "./trace-frames.ts";

/** Traces that self times and the beginnings of errors are learned from, per period. */
const sampleMax = 100;
/** Failing ones read on top, since few of a hundred may fail. */
const failingMax = 50;

/** Counts and durations of all spans; self times and where errors begin from whole traces. */
export async function searchOperations(
  open: OpenSearch,
  calls: AwsCalls,
  query: OperationStatsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const text = operationText(theirNames(open, query.services));
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(
    periods.map(async (period) => {
      const [all, sample] = await Promise.all([
        askSpans(open, calls, text, period),
        sampled(open, calls, period),
      ]);
      return { all, sample, rows: joined(open, all, sample) };
    }),
  );
  const most = Math.min(query.limit ?? limits.groupsMax, limits.rowsMax);
  const { frame, isCut } = operationsFrame(parts[0]?.rows ?? [], parts[1]?.rows ?? [], most);
  const said = saying(
    open,
    text,
    window,
    parts.map(({ all }) => all),
  );
  const fault = parts.find(({ sample }) => sample.fault !== null)?.sample.fault;
  return {
    frame,
    ...said,
    truncated: said.truncated || isCut,
    gaps: fault
      ? [
          {
            what: "whole traces of Transaction Search",
            why: fault,
            effect: "self times, and where errors begin, are not known",
            signal: "traces",
          },
        ]
      : [],
  };
}

interface Sample {
  /** Of traces as they come: how long operations take by themselves. */
  readonly usual: readonly OperationPeriod[];
  /** Of failing traces: in which share of its errors an operation is where they begin. */
  readonly failing: readonly OperationPeriod[];
  readonly fault: string | null;
}

/** Some whole traces of a period. They only add to what is known: a failure is told, not thrown. */
async function sampled(open: OpenSearch, calls: AwsCalls, window: Window): Promise<Sample> {
  try {
    const { usual, failing } = await wholeSample(open, calls, window);
    return {
      usual: operationPeriods(usual),
      failing: operationPeriods(failing),
      fault: null,
    };
  } catch (error) {
    if (isFinal(error)) throw error;
    const { reason, message } = awsFailure(error);
    return { usual: [], failing: [], fault: `${reason}: ${message}` };
  }
}

/** Spans of some whole traces as they come, and of some failing ones. */
function wholeSample(open: OpenSearch, calls: AwsCalls, window: Window) {
  return open.kept(calls, `sample ${window.from} ${window.to}`, async () => {
    const [some, bad] = await Promise.all([
      askSpans(open, calls, sampleText(sampleMax), window),
      askSpans(open, calls, failingText(failingMax), window),
    ]);
    const [usual, failing] = [some, bad].map(
      (each) => new Set(each.rows.flatMap((row) => row.traceId || [])),
    ) as [Set<string>, Set<string>];
    if (usual.size === 0) return { usual: [], failing: [], isCut: false };
    const found = await askSpans(open, calls, tracesText([...usual, ...failing], false), window);
    const spans = found.rows.flatMap((row) => storedSpan(row, open.names) ?? []);
    const of = (ids: ReadonlySet<string>) => spans.filter((span) => ids.has(span.traceId));
    const isCut = found.isCut || usual.size >= sampleMax;
    return { usual: of(usual), failing: of(failing), isCut };
  });
}

/** The spans of some whole traces of both periods, as they come. */
export async function searchSample(
  open: OpenSearch,
  calls: AwsCalls,
  query: TraceSampleQuery,
  window: Window,
): Promise<AwsAnswer> {
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(periods.map((period) => wholeSample(open, calls, period)));
  const { frame, isCut } = sampleFrame(parts[0]?.usual ?? [], parts[1]?.usual ?? [], query);
  const said = saying(open, sampleText(sampleMax), window, []);
  return { frame, ...said, truncated: isCut || parts.some((part) => part.isCut) };
}

function joined(open: OpenSearch, all: InsightsAnswer, sample: Sample): readonly OperationPeriod[] {
  const key = (service: string, name: string, kind: string | null) =>
    `${service}\0${name}\0${kind ?? ""}`;
  const byKey = (rows: readonly OperationPeriod[]) =>
    new Map(rows.map((row) => [key(row.service, row.operation, row.spanKind), row.stats]));
  const [usual, failing] = [byKey(sample.usual), byKey(sample.failing)];
  return all.rows.map((row) => {
    const service = open.names[row.service ?? ""] ?? row.service ?? "";
    const spanKind = row.kind?.toLowerCase() || null;
    const own = usual.get(key(service, row.name ?? "", spanKind));
    const bad = failing.get(key(service, row.name ?? "", spanKind));
    const errors = numberOf(row.errors) || 0;
    const share = bad && bad.errors > 0 ? bad.errorOrigins / bad.errors : 0;
    return {
      service,
      operation: row.name ?? "",
      spanKind,
      stats: {
        count: numberOf(row.n) || 0,
        errors,
        errorOrigins: Math.round(errors * share),
        meanMs: numberOf(row.mean),
        p50Ms: numberOf(row.p50),
        p95Ms: numberOf(row.p95),
        selfMeanMs: own?.selfMeanMs ?? Number.NaN,
        selfP50Ms: own?.selfP50Ms ?? Number.NaN,
        selfP95Ms: own?.selfP95Ms ?? Number.NaN,
      },
    };
  });
}

/** Calls between services, as the callers' spans have them. */
export async function searchEdges(
  open: OpenSearch,
  calls: AwsCalls,
  query: EdgeStatsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(periods.map((period) => askSpans(open, calls, edgeText, period)));
  const [inside, before] = parts.map((part) => edgesIn(open, part));
  const most = Math.min(query.limit ?? limits.groupsMax, limits.rowsMax);
  const { frame, isCut } = edgesFrame(inside ?? [], before ?? [], most);
  const said = saying(open, edgeText, window, parts);
  return { frame, ...said, truncated: said.truncated || isCut };
}

function edgesIn(open: OpenSearch, part: InsightsAnswer): readonly EdgeOf[] {
  return part.rows
    .map((row) => {
      const stats: EdgePeriod = {
        calls: numberOf(row.n) || 0,
        errors: numberOf(row.errors) || 0,
        meanMs: numberOf(row.mean),
        p50Ms: numberOf(row.p50),
        p95Ms: numberOf(row.p95),
        gapMeanMs: Number.NaN,
        gapP50Ms: Number.NaN,
        gapP95Ms: Number.NaN,
      };
      const ours = (name: string | undefined) => open.names[name ?? ""] ?? name ?? "";
      return { caller: ours(row.service), callee: ours(row.callee), stats };
    })
    .filter(({ caller, callee }) => caller && callee && caller !== callee);
}

/** Who calls whom, from the same spans. */
export async function searchTopology(
  open: OpenSearch,
  calls: AwsCalls,
  limit: number | undefined,
  window: Window,
): Promise<AwsAnswer> {
  const part = await askSpans(open, calls, edgeText, window);
  const edges = edgesIn(open, part);
  const kept = edges.slice(0, Math.min(limit ?? limits.rowsMax, limits.rowsMax));
  const said = saying(open, edgeText, window, [part]);
  return {
    frame: topologyFrame(kept.map((e) => ({ from: e.caller, to: e.callee, kind: "call" }))),
    ...said,
    truncated: said.truncated || kept.length < edges.length,
  };
}

/** Spans, failures and p95 per service and bin. */
export async function searchSeries(
  open: OpenSearch,
  calls: AwsCalls,
  query: SpanSeriesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const stepMs = Math.max(1, Math.ceil(query.stepMs / 1_000)) * 1_000;
  const text = seriesText(stepMs / 1_000, theirNames(open, query.services));
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(periods.map((period) => askSpans(open, calls, text, period)));
  const rows = parts.flatMap((part) =>
    part.rows.map((row) => ({
      service: open.names[row.service ?? ""] ?? row.service ?? "",
      at: spanTime(row.at),
      requests: numberOf(row.n) || 0,
      errors: numberOf(row.errors) || 0,
      p95Ms: numberOf(row.p95),
    })),
  );
  const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
  const { frame, isCut } = spanSeriesFrame(rows, binsOf(periods, stepMs), most);
  const said = saying(open, text, window, parts);
  return { frame, ...said, truncated: said.truncated || isCut };
}
