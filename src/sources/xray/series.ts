import { limits } from "../../core/limits.ts";
import type { SpanSeriesQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import { tracesLink } from "../aws/links.ts";
import { stretchesOf, wholePeriods } from "../cloudwatch/period.ts";
import { inParallel } from "../cloudwatch/series.ts";
import { graphOf, type OpenXray, servicesFilter, xrayNames } from "./open.ts";
import { serviceSeries } from "./reads.ts";
import { binsOf, type SpanBin, spanSeriesFrame } from "./span-series-frame.ts";
import { histogramQuantile } from "./span-statistics.ts";
import { failuresOf } from "./statistics.ts";

/** Services of one `span-series`, each a call per six hours. */
export const servicesMax = 50;

/** Requests, failures and p95 per service and bin, over all traced requests. */
export async function spanSeries(
  open: OpenXray,
  calls: AwsCalls,
  query: SpanSeriesQuery,
  window: Window,
): Promise<AwsAnswer> {
  const stepMs = Math.max(60_000, Math.ceil(query.stepMs / 60_000) * 60_000);
  const now = systemClock.now();
  const stretches = stretchesOf(window, query.baseline).map((s) => wholePeriods(s, stepMs, now));
  const map = await graphOf(open, calls, window);
  const known = map.items.flat().filter((each) => each.Type !== "client" && each.Name);
  const wanted = query.services ? xrayNames(open, query.services) : null;
  const all = [...new Set(known.map((each) => each.Name as string))].filter(
    (name) => wanted?.includes(name) ?? true,
  );
  const asked = all.slice(0, servicesMax);
  const rows: SpanBin[] = [];
  const faults: { name: string; error: unknown }[] = [];
  const jobs = asked.map((name) => async () => {
    try {
      for (const stretch of stretches) {
        const group = open.group ? { group: open.group } : {};
        const series = { service: name, periodSeconds: stepMs / 1_000, ...group };
        // The choice of the window and the comparison ask for the same time: it is read once.
        const key = `${name} ${stretch.from} ${stretch.to} ${stepMs}`;
        const read = await open.keptSeries(calls, key, () =>
          serviceSeries(open.xray, calls, stretch, series),
        );
        rows.push(...read.items.flatMap((each) => binOf(each, open.names[name] ?? name)));
      }
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      faults.push({ name, error });
    }
  });
  await inParallel(jobs, 10);
  if (faults[0] && faults.length === asked.length) throw faults[0].error;
  const bins = binsOf(stretches, stepMs);
  const most = Math.min(query.limit ?? limits.seriesMax, limits.seriesMax);
  const { frame, isCut } = spanSeriesFrame(rows, bins, most);
  return {
    frame,
    query: `GetTimeSeriesServiceStatistics of ${asked.length} services, ${stepMs / 1_000} s`,
    truncated: isCut || map.isCut || asked.length < all.length,
    gaps: faults.map(({ name, error }) => {
      const { reason, message } = awsFailure(error);
      const effect = "its requests over time are not known";
      return { what: `X-Ray of ${name}`, why: `${reason}: ${message}`, effect, signal: "traces" };
    }),
    link: tracesLink(open.xray.region, servicesFilter(open, query.services), window),
    reasons: ["the service map has no such service in this time"],
  };
}

type Statistics = Awaited<ReturnType<typeof serviceSeries>>["items"][number];

function binOf(each: Statistics, service: string): readonly SpanBin[] {
  const stats = each.ServiceSummaryStatistics ?? each.EdgeSummaryStatistics;
  if (!each.Timestamp || !stats) return [];
  const histogram = (each.ResponseTimeHistogram ?? []).map(({ Value = 0, Count = 0 }) => ({
    value: Value,
    count: Count,
  }));
  return [
    {
      service,
      at: each.Timestamp.getTime(),
      requests: stats.TotalCount ?? 0,
      errors: failuresOf(stats),
      p95Ms: histogramQuantile(histogram, 0.95) * 1_000,
    },
  ];
}
