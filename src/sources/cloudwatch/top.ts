import type { Gap } from "../../core/outcome.ts";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { AwsStopped, awsFailure } from "../aws/faults.ts";
import type { CloudWatch } from "./client.ts";
import type { CloudWatchMetric } from "./discovery.ts";
import { awsMetric } from "./metric-catalogue.ts";
import { periodFor, wholePeriods } from "./period.ts";
import { fetchSeries } from "./series.ts";

/** Kinds of metric that are looked through for their worst, and how many of each are picked. */
const kindsMax = 10;
const topMax = 25;
/** Metrics Insights reads this far back. */
const insightsKeptMs = 14 * 86_400_000;

export interface TopMetrics {
  readonly metrics: readonly CloudWatchMetric[];
  /** The queries that picked them. */
  readonly query: string;
  readonly gaps: readonly Gap[];
}

/**
 * Of more metrics than one read takes, the worst of each kind by Metrics Insights: one query looks
 * through all series of a kind. They are then read like any other. A pick that fails leaves these
 * metrics unread, which is said.
 */
export async function topMetrics(
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  left: readonly CloudWatchMetric[],
  window: Window,
  now: number,
): Promise<TopMetrics> {
  const none = { metrics: [], query: "", gaps: [] };
  if (left.length === 0 || window.from < now - insightsKeptMs) return none;
  const kinds = [...Map.groupBy(left.filter(isPickable), kindOf).values()]
    .filter((metrics) => metrics.length > topMax)
    .sort((a, b) => b.length - a.length)
    .slice(0, kindsMax);
  if (kinds.length === 0) return none;
  const periodMs = periodFor([window], undefined, now);
  const texts = kinds.map((metrics) => topText(metrics[0] as CloudWatchMetric));
  const queries = texts.map((Expression, at) => ({
    Id: `t${at}`,
    Expression,
    Period: periodMs / 1_000,
  }));
  try {
    const whole = wholePeriods(window, periodMs, now);
    const found = await fetchSeries(cloudwatch, calls, queries, [whole]);
    const metrics = kinds.flatMap((all, at) => {
      const labels = [...found.labels]
        .filter(([id]) => id.startsWith(`t${at}\0`))
        .map(([, label]) => label);
      return labels.flatMap((label) => all.find((metric) => labelOf(metric) === label) ?? []);
    });
    return { metrics, query: texts.join("; "), gaps: found.gaps };
  } catch (error) {
    if (error instanceof AwsStopped) throw error;
    const { reason, message } = awsFailure(error);
    const gap: Gap = {
      what: `the worst of ${left.length} CloudWatch metrics`,
      why: `${reason}: ${message}`,
      effect: "which of these stand out is not known",
      signal: "metrics",
    };
    return { ...none, gaps: [gap] };
  }
}

function isPickable({ dimensions, isDaily }: CloudWatchMetric): boolean {
  return dimensions.length > 0 && !isDaily;
}

function kindOf({ namespace, name, dimensions }: CloudWatchMetric): string {
  return JSON.stringify([namespace, name, dimensions.map((each) => each.name)]);
}

const aggregates: Readonly<Record<string, string>> = {
  Sum: "SUM",
  Average: "AVG",
  Maximum: "MAX",
  Minimum: "MIN",
};

/** The worst series of a metric; of a percentile, which Metrics Insights has not, the highest. */
function topText({ namespace, name, dimensions, stat }: CloudWatchMetric): string {
  const aggregate = aggregates[stat] ?? "MAX";
  const keys = dimensions.map((each) => quoted(each.name)).join(", ");
  const order = awsMetric(namespace, name)?.direction === "down-is-bad" ? "ASC" : "DESC";
  return (
    `SELECT ${aggregate}(${quoted(name)}) FROM SCHEMA(${quoted(namespace)}, ${keys}) ` +
    `GROUP BY ${keys} ORDER BY ${aggregate}() ${order} LIMIT ${topMax}`
  );
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Metrics Insights names a group by the values of its keys, with a blank between. */
function labelOf({ dimensions }: CloudWatchMetric): string {
  return dimensions.map((each) => each.value).join(" ");
}
