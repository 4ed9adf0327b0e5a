import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { limits } from "../core/limits.ts";
import type { Outcome } from "../core/outcome.ts";
import type { MetricListQuery, SignalQuery } from "../core/query.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { AwsRefusal, AwsStopped } from "./aws/faults.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { metricsLink } from "./aws/links.ts";
import { seriesFrame } from "./capture/metrics-sql.ts";
import { type CloudWatch, openCloudWatch } from "./cloudwatch/client.ts";
import { type Discovery, discover } from "./cloudwatch/discovery.ts";
import { metricExpression } from "./cloudwatch/expression.ts";
import {
  graphed,
  isWanted,
  metricSeries,
  type Opened,
  reasonOf,
  rowOf,
  type Settings,
  cloudwatchSettings as settings,
} from "./cloudwatch/metric-series.ts";
import { everythingKeptMs } from "./cloudwatch/period.ts";
import { fetchSeries } from "./cloudwatch/series.ts";
import { unitReader } from "./cloudwatch/units.ts";

/** Metrics of CloudWatch: AWS's own and the account's. */
export const cloudwatchMetrics: SourceDefinition<typeof settings> = {
  kind: "cloudwatch-metrics",
  title: "CloudWatch metrics",
  settings,
  permissions: ["cloudwatch:ListMetrics", "cloudwatch:GetMetricData"],
  async open(name, own, house) {
    const kpis = house?.kpis.map((kpi) => kpi.metric) ?? [];
    return openMetrics(name, { ...own, businessMetrics: [...own.businessMetrics, ...kpis] });
  },
};

const guide = `Metrics Insights (SQL), a metric math expression, or metrics with math over them:
SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId
  ORDER BY AVG() DESC LIMIT 10
SEARCH('{AWS/ApplicationELB,LoadBalancer} MetricName="HTTPCode_Target_5XX_Count"', 'Sum', 60)
errors = AWS/Lambda | Errors | FunctionName=checkout | Sum
calls = AWS/Lambda | Invocations | FunctionName=checkout | Sum
100 * errors / calls
Statistics: Sum, Average, Maximum, Minimum, SampleCount, p99, tm90. Window and period are set from
outside. Metrics Insights reads the last two weeks; a namespace with "/" stands in double quotes.`;

/** ListMetrics offers what was active in the last three hours; a little less is asked of it. */
const recentMs = 2.5 * 3_600_000;
/** How long a discovery is good for. */
const discoveryMs = 5 * 60_000;

function openMetrics(name: string, own: Settings): Source {
  const lazy = lazyClient(() => openCloudWatch(own));
  const kept = new Map<boolean, { readonly at: number; readonly found: Promise<Discovery> }>();
  // Questions that come at the same time share one list.
  const list = async (calls: AwsCalls, window: Window): Promise<Discovery> => {
    const now = systemClock.now();
    const isRecent = window.from >= now - recentMs;
    const known = kept.get(isRecent);
    if (known && now - known.at < discoveryMs) {
      try {
        return await known.found;
      } catch (error) {
        // Whoever began the list has gone; this question goes on by itself.
        if (!(error instanceof AwsStopped) || calls.stop.aborted) throw error;
      }
    }
    const found = lazy
      .get()
      .then((cloudwatch) => discover(cloudwatch, calls, own.namespaces, isRecent, own));
    const entry = { at: now, found };
    kept.set(isRecent, entry);
    found.catch(() => {
      if (kept.get(isRecent) === entry) kept.delete(isRecent);
    });
    return found;
  };
  const units = unitReader(() => lazy.get());
  const place = placeOf(own);
  return {
    name,
    signals: ["metrics", "business"],
    answers: ["metric-list", "metric-series", "native"],
    guide,
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const now = systemClock.now();
        const { metrics, isCut } = await list(calls, { from: now - 3_600_000, to: now });
        const namespaces = new Set(metrics.map((metric) => metric.namespace));
        await probeRead(await lazy.get(), calls, now);
        return {
          state: metrics.length > 0 ? "ready" : "limited",
          lines: [
            `${metrics.length}${isCut ? " and more" : ""} metrics in ${namespaces.size} namespaces`,
            ...(metrics.length > 0 ? [] : ["no metric had a point in the last three hours"]),
          ],
        };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext): Promise<Outcome> =>
      awsOutcome({ source: name, place, query, window }, context, async (calls) => {
        const opened: Opened = { settings: own, cloudwatch: await lazy.get(), list, units };
        const answer = await answerOf(opened, calls, query, window);
        return { region: opened.cloudwatch.region, ...answer };
      }),
    close: () => lazy.close(),
  };
}

/** Lists say nothing about the right to read points: one small read does. */
async function probeRead(cloudwatch: CloudWatch, calls: AwsCalls, now: number): Promise<void> {
  const metric: MetricDataQuery = {
    Id: "probe",
    MetricStat: {
      Metric: { Namespace: "AWS/Usage", MetricName: "CallCount" },
      Period: 60,
      Stat: "Sum",
    },
  };
  await fetchSeries(cloudwatch, calls, [metric], [{ from: now - 120_000, to: now }]);
}

async function answerOf(
  opened: Opened,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  const now = systemClock.now();
  if (window.from >= now || window.to <= now - everythingKeptMs) {
    const why = window.from >= now ? "the window has not begun" : "CloudWatch keeps 455 days";
    return nothing(query.kind, [why], "Ask for a window in the last 15 months.");
  }
  if (query.kind === "metric-list") return metricList(opened, calls, query, window);
  if (query.kind === "metric-series") return metricSeries(opened, calls, query, window, now);
  if (query.kind === "native") return metricExpression(opened, calls, query, window, now);
  throw new AwsRefusal("unsupported", `CloudWatch metrics do not answer ${query.kind}.`);
}

async function metricList(
  opened: Opened,
  calls: AwsCalls,
  query: MetricListQuery,
  window: Window,
): Promise<AwsAnswer> {
  const found = await opened.list(calls, window);
  const wanted = found.metrics.filter((metric) => isWanted(metric, query));
  const kept = wanted.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  return {
    frame: seriesFrame(
      kept.map((metric) => rowOf(metric)),
      null,
    ),
    query: `ListMetrics ${opened.settings.namespaces.join(", ") || "of all namespaces"}`,
    truncated: found.isCut || kept.length < wanted.length,
    link: metricsLink(opened.cloudwatch.region, kept.map(graphed), 60, window),
    reasons: [reasonOf(found)],
  };
}
