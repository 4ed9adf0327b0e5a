import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { limits } from "../../core/limits.ts";
import type { NativeQuery } from "../../core/query.ts";
import type { Window } from "../../core/window.ts";
import type { AwsAnswer, AwsCalls } from "../aws/answer.ts";
import { AwsRefusal } from "../aws/faults.ts";
import { graphedQueries, metricsLink } from "../aws/links.ts";
import { seriesFrame } from "../capture/metrics-sql.ts";
import type { CloudWatch } from "./client.ts";
import { periodFor, wholePeriods } from "./period.ts";
import { fetchSeries } from "./series.ts";

/** `errors = AWS/Lambda | Errors | FunctionName=checkout, Resource=checkout:live | Sum` */
const metricLine = /^([a-z][A-Za-z0-9_]*)\s*=\s*([^|]+)\|([^|]+)\|([^|]*)\|([^|]+)$/;

/**
 * The queries of a text: SQL of Metrics Insights or metric math as it stands, or lines that name
 * metrics and a last line with math over them; without that line the metrics themselves.
 */
export function queriesOf(text: string, periodSeconds: number): readonly MetricDataQuery[] {
  const lines = text.split("\n").map((line) => line.trim());
  const isMetric = lines.map((line) => metricLine.test(line));
  const metrics = lines.flatMap((line) => metricOf(line, periodSeconds) ?? []);
  const rest = lines
    .filter((_, at) => !isMetric[at])
    .join("\n")
    .trim();
  const isWhole = rest === "";
  const expression: MetricDataQuery = { Id: "q1", Expression: rest, Period: periodSeconds };
  return [
    ...metrics.map((metric) => ({ ...metric, ReturnData: isWhole })),
    ...(isWhole ? [] : [expression]),
  ];
}

function metricOf(line: string, Period: number): MetricDataQuery | null {
  const [, Id, namespace, name, dimensions, stat] = metricLine.exec(line) ?? [];
  if (!Id || !namespace || !name || !stat) return null;
  const Dimensions = (dimensions ?? "")
    .split(",")
    .map((pair) => pair.trim())
    .filter(Boolean)
    .map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new AwsRefusal("malformed", `"${pair.slice(0, 80)}" is not name=value.`);
      return { Name: pair.slice(0, at).trim(), Value: pair.slice(at + 1).trim() };
    });
  const Metric = { Namespace: namespace.trim(), MetricName: name.trim(), Dimensions };
  return { Id, MetricStat: { Metric, Period, Stat: stat.trim() } };
}

/** The caller's own expression, at a period that the answer names. */
export async function metricExpression(
  { cloudwatch }: { readonly cloudwatch: CloudWatch },
  calls: AwsCalls,
  query: NativeQuery,
  window: Window,
  now: number,
): Promise<AwsAnswer> {
  const periodMs = periodFor([window], undefined, now);
  const whole = wholePeriods(window, periodMs, now);
  const asked = queriesOf(query.text, periodMs / 1_000);
  const { series, labels, gaps } = await fetchSeries(cloudwatch, calls, asked, [whole]);
  const rows = [...series].filter(([, points]) => points.times.length > 0);
  const kept = rows.slice(0, query.limit ?? limits.rowsDefault);
  const described = kept.map(([id]) => ({
    service: "",
    metric: labels.get(id) || (id.split("\0")[0] ?? ""),
    resource: null,
    unit: null,
    metricKind: "gauge",
    layer: "application" as const,
  }));
  return {
    frame: seriesFrame(
      described,
      kept.map(([, points]) => points),
    ),
    query: `${query.text}\n# period ${periodMs / 1_000} s`,
    truncated: kept.length < rows.length,
    link: metricsLink(cloudwatch.region, graphedQueries(asked), periodMs / 1_000, whole),
    gaps,
  };
}
