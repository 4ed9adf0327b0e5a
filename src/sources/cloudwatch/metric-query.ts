import type { MetricDataQuery, StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchMetric } from "./discovery.ts";

/** A metric as a query of GetMetricData; with a unit, only of what was sent in it. */
export function metricQuery(
  { namespace, name, dimensions, stat }: CloudWatchMetric,
  id: string,
  periodMs: number,
  unit?: StandardUnit,
): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: dimensions.map((each) => ({ Name: each.name, Value: each.value })),
      },
      Period: periodMs / 1_000,
      Stat: stat,
      ...(unit ? { Unit: unit } : {}),
    },
  };
}
