import type { TraceSummary as XrayTraceSummary } from "@aws-sdk/client-xray";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { OperationStatsQuery } from "../core/query.ts";
import type { Window } from "../core/window.ts";
import type { AwsAnswer, AwsCalls } from "./aws-answer.ts";
import { awsFailure } from "./aws-faults.ts";
import { tracesLink } from "./aws-links.ts";
import { operationPeriods } from "./span-statistics.ts";
import { operationsFrame } from "./trace-frames.ts";
import { type OpenXray, servicesFilter } from "./xray-open.ts";
import { wholeTraces } from "./xray-reads.ts";

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
      const found = await open.summaries(calls, period, filter);
      const sample = evenly(found.items, open.tracesMax);
      const ids = sample.flatMap((each) => each.Id ?? []);
      const read = await wholeTraces(open.xray, calls, ids, open.names);
      const weight = read.traces > 0 ? found.items.length / read.traces / open.rate : 1;
      const spans = query.services
        ? read.spans.filter((span) => query.services?.includes(span.service))
        : read.spans;
      return { found, read, rows: operationPeriods(spans, weight) };
    }),
  );
  const [inside, before] = parts;
  const most = Math.min(query.limit ?? limits.groupsMax, limits.rowsMax);
  const { frame, isCut } = operationsFrame(inside?.rows ?? [], before?.rows ?? [], most);
  const counts = parts.map(({ read, found }) => `${read.traces} of ${found.items.length}`);
  return {
    frame,
    query: `BatchGetTraces, ${counts.join(" and ")} sampled traces, evenly spread; counts scaled up`,
    truncated: isCut || parts.some(({ found }) => found.isCut),
    gaps: parts.flatMap(({ read }) => [...badDocuments(read.bad), ...unread(read.faults)]),
    link: tracesLink(open.xray.region, filter, window),
    reasons: ["X-Ray has no sampled trace in this time"],
  };
}

function unread(faults: readonly unknown[]): readonly Gap[] {
  const [first] = faults;
  if (first === undefined) return [];
  const { reason, message } = awsFailure(first);
  const effect = "statistics come from the other traces";
  const what = `${faults.length} times 5 traces of X-Ray`;
  return [{ what, why: `${reason}: ${message}`, effect, signal: "traces" }];
}

/** At most `most` of a list, evenly spread over the time at which the traces began. */
function evenly(all: readonly XrayTraceSummary[], most: number): readonly XrayTraceSummary[] {
  if (all.length <= most) return all;
  const start = (each: XrayTraceSummary) => each.StartTime?.getTime() ?? 0;
  const sorted = all.toSorted((a, b) => start(a) - start(b));
  return Array.from(
    { length: most },
    (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / most)] as XrayTraceSummary,
  );
}

/** Says which segments are missing. */
export function badDocuments(bad: number): readonly Gap[] {
  if (bad === 0) return [];
  const why = "they are not segment documents as X-Ray describes them";
  const effect = "these spans are missing from their traces";
  return [{ what: `${bad} segments of X-Ray`, why, effect, signal: "traces" }];
}
