import type { TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";
import { limits } from "../../core/limits.ts";
import type { Gap } from "../../core/outcome.ts";
import type { OperationStatsQuery, TraceSampleQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import { tracesLink } from "../aws/links.ts";
import { calibrated } from "./calibration.ts";
import { graphOf, type OpenXray, sampleOf, servicesFilter } from "./open.ts";
import { originCounts } from "./root-causes.ts";
import { type OperationPeriod, operationPeriods } from "./span-statistics.ts";
import { operationsFrame, sampleFrame } from "./trace-frames.ts";

/** Statistics per operation from whole traces, evenly spread over each period. */
export async function operationStats(
  open: OpenXray,
  calls: AwsCalls,
  query: OperationStatsQuery,
  window: Window,
): Promise<AwsAnswer> {
  const filter = servicesFilter(open, query.services);
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(
    periods.map(async (period) => {
      const { found, read, weightOf } = await sampleOf(open, calls, period, filter);
      const spans = query.services
        ? read.spans.filter((span) => query.services?.includes(span.service))
        : read.spans;
      const { rows, gaps } = await counted(open, calls, period, {
        rows: operationPeriods(spans, weightOf),
        traces: found.items,
      });
      return { found, read, rows, gaps };
    }),
  );
  const [inside, before] = parts;
  const most = Math.min(query.limit ?? limits.groupsMax, limits.rowsMax);
  const { frame, isCut } = operationsFrame(inside?.rows ?? [], before?.rows ?? [], most);
  const counts = parts.map(({ read, found }) => `${read.traces} of ${found.items.length}`);
  return {
    frame,
    query: `BatchGetTraces, ${counts.join(" and ")} sampled traces, evenly spread; counts scaled up to GetServiceGraph`,
    truncated: isCut || parts.some(({ found }) => found.isCut),
    gaps: parts.flatMap(({ read, gaps }) => [
      ...badDocuments(read.bad),
      ...unread(read.faults),
      ...gaps,
    ]),
    link: tracesLink(open.xray.region, filter, window),
    reasons: ["X-Ray has no sampled trace in this time"],
  };
}

/** Makes the counts of a sample those of X-Ray, where its service map can be read. */
async function counted(
  open: OpenXray,
  calls: AwsCalls,
  period: Window,
  sample: {
    readonly rows: readonly OperationPeriod[];
    readonly traces: readonly XrayTraceSummary[];
  },
): Promise<{ readonly rows: readonly OperationPeriod[]; readonly gaps: readonly Gap[] }> {
  const { names } = open;
  try {
    const { items: maps } = await graphOf(open, calls, period);
    const origins = open.rate < 1 ? null : originCounts(sample.traces, names);
    return { rows: calibrated(sample.rows, { maps, origins, names }), gaps: [] };
  } catch (error) {
    if (error instanceof AwsStopped) throw error;
    const { reason, message } = awsFailure(error);
    const effect = "counts of operations are scaled up from a sample of traces";
    const what = "how many requests X-Ray counted";
    return {
      rows: sample.rows,
      gaps: [{ what, why: `${reason}: ${message}`, effect, signal: "traces" }],
    };
  }
}

function unread(faults: readonly unknown[]): readonly Gap[] {
  const [first] = faults;
  if (first === undefined) return [];
  const { reason, message } = awsFailure(first);
  const effect = "statistics come from the other traces";
  const what = `up to ${faults.length * 5} traces of X-Ray`;
  return [{ what, why: `${reason}: ${message}`, effect, signal: "traces" }];
}

/** The spans of whole traces, evenly spread over both periods. */
export async function traceSample(
  open: OpenXray,
  calls: AwsCalls,
  query: TraceSampleQuery,
  window: Window,
): Promise<AwsAnswer> {
  const periods = query.baseline ? [window, query.baseline] : [window];
  const parts = await Promise.all(periods.map((period) => sampleOf(open, calls, period, "")));
  const [inside, before] = parts.map(({ read }) => read.spans);
  const { frame, isCut } = sampleFrame(inside ?? [], before ?? [], query);
  return {
    frame,
    query: "BatchGetTraces of sampled traces, evenly spread",
    truncated: isCut || parts.some(({ found, read }) => found.items.length > read.traces),
    gaps: parts.flatMap(({ read }) => [...badDocuments(read.bad), ...unread(read.faults)]),
    link: tracesLink(open.xray.region, "", window),
    reasons: ["X-Ray has no sampled trace in this time"],
  };
}

/** Says which segments are missing. */
export function badDocuments(bad: number): readonly Gap[] {
  if (bad === 0) return [];
  const why = "X-Ray cut them short, or they are not documents as it describes them";
  const effect = "these spans are missing from their traces";
  return [{ what: `${bad} segments of X-Ray`, why, effect, signal: "traces" }];
}
