/**
 * What reads cost in US dollars, as AWS lists them for us-east-1; other regions differ by some tens
 * of per cent, and `budget.awsPrices` in shodo.yaml replaces any of them.
 * https://aws.amazon.com/cloudwatch/pricing/ https://aws.amazon.com/athena/pricing/
 * https://aws.amazon.com/xray/pricing/
 */
export const awsPrices: Readonly<Record<string, number>> = {
  /** Each metric of GetMetricData: 0.01 per 1,000. */
  metric: 0.01 / 1_000,
  /** Each request of ListMetrics, GetMetricStatistics and the like: 0.01 per 1,000. */
  request: 0.01 / 1_000,
  /** Each GB that Logs Insights scans. */
  insightsGb: 0.005,
  /** Each TB that Athena scans, at least 10 MB per query. */
  athenaTb: 5,
  /** Each trace retrieved or scanned: 0.50 per million. */
  trace: 0.5 / 1_000_000,
};

/** A price by its name above, or the user's own. */
export type Prices = Readonly<Record<string, number>>;

const athenaBytesMin = 10_000_000;
const priced = new Set([
  "cloudwatch:ListMetrics",
  "cloudwatch:GetMetricStatistics",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:DescribeAlarmHistory",
]);

/** Dollars for so many bytes of Logs Insights. */
export function insightsUsd(bytes: number, prices: Prices): number {
  return (bytes / 1e9) * priceOf("insightsGb", prices);
}

/** Dollars for one query of Athena over so many bytes. */
export function athenaUsd(bytes: number, prices: Prices): number {
  return (Math.max(athenaBytesMin, bytes) / 1e12) * priceOf("athenaTb", prices);
}

/** Dollars for so many metrics of GetMetricData. */
export function metricsUsd(metrics: number, prices: Prices): number {
  return metrics * priceOf("metric", prices);
}

function priceOf(name: string, prices: Prices): number {
  return prices[name] ?? awsPrices[name] ?? 0;
}

/** What one answered call costs; a query of Logs Insights is counted by its bytes elsewhere. */
export function callUsd(action: string, result: unknown, prices: Prices): number {
  const answer = (result ?? {}) as {
    MetricDataResults?: readonly unknown[];
    TracesProcessedCount?: number;
    Traces?: readonly unknown[];
    QueryExecution?: {
      Status?: { State?: string };
      Statistics?: { DataScannedInBytes?: number };
    };
  };
  if (priced.has(action)) return priceOf("request", prices);
  if (action === "cloudwatch:GetMetricData") {
    return metricsUsd(answer.MetricDataResults?.length ?? 0, prices);
  }
  if (action === "xray:GetTraceSummaries") {
    return (answer.TracesProcessedCount ?? 0) * priceOf("trace", prices);
  }
  if (action === "xray:BatchGetTraces") {
    return (answer.Traces?.length ?? 0) * priceOf("trace", prices);
  }
  if (action === "athena:GetQueryExecution") {
    const { Status: status, Statistics: statistics } = answer.QueryExecution ?? {};
    const isOver = /^(SUCCEEDED|FAILED|CANCELLED)$/.test(status?.State ?? "");
    return isOver ? athenaUsd(statistics?.DataScannedInBytes ?? 0, prices) : 0;
  }
  return 0;
}
