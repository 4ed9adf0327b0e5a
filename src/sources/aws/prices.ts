/**
 * What reads cost in US dollars, as AWS lists them for us-east-1; other regions differ by some tens
 * of per cent, and `budget.awsPrices` in shodo.yaml replaces any of them.
 * https://aws.amazon.com/cloudwatch/pricing/ https://aws.amazon.com/athena/pricing/
 * https://aws.amazon.com/xray/pricing/
 */
export const awsPrices: Readonly<Record<string, number>> = {
  /** Each metric of GetMetricData: 0.01 per 1,000. */
  metric: 0.01 / 1_000,
  /** Each request of ListMetrics and the like: 0.01 per 1,000. */
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
/** Calls that cost by the request. */
const requests = new Set([
  "cloudwatch:ListMetrics",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:DescribeAlarmHistory",
]);
/** Calls that cost by what they bring or begin. */
const metered = new Set([
  "cloudwatch:GetMetricData",
  "xray:GetTraceSummaries",
  "xray:BatchGetTraces",
  "logs:StartQuery",
  "athena:StartQueryExecution",
]);

/** True for a call that costs anything; what was paid for is fetched for nothing. */
export function isPriced(action: string): boolean {
  return requests.has(action) || metered.has(action);
}

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

/** Dollars for so many traces of X-Ray, whole or looked at by a filter. */
export function tracesUsd(traces: number, prices: Prices): number {
  return traces * priceOf("trace", prices);
}

/** Dollars for a call that costs by the request; 0 for any other. */
export function requestUsd(action: string, prices: Prices): number {
  return requests.has(action) ? priceOf("request", prices) : 0;
}

function priceOf(name: string, prices: Prices): number {
  return prices[name] ?? awsPrices[name] ?? 0;
}

/** What one answered call costs; what a query scans is counted as it is scanned. */
export function callUsd(action: string, result: unknown, prices: Prices): number {
  const answer = (result ?? {}) as {
    MetricDataResults?: readonly unknown[];
    TracesProcessedCount?: number;
    Traces?: readonly unknown[];
  };
  if (action === "cloudwatch:GetMetricData") {
    return metricsUsd(answer.MetricDataResults?.length ?? 0, prices);
  }
  if (action === "xray:GetTraceSummaries") {
    return tracesUsd(answer.TracesProcessedCount ?? 0, prices);
  }
  if (action === "xray:BatchGetTraces") return tracesUsd(answer.Traces?.length ?? 0, prices);
  return requestUsd(action, prices);
}
