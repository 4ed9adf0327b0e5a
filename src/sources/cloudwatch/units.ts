import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { AwsStopped } from "../aws/faults.ts";
import type { CloudWatch } from "./client.ts";
import type { CloudWatchMetric } from "./discovery.ts";
import { metricQuery } from "./metric-query.ts";
import { wholePeriods } from "./period.ts";
import { fetchSeries } from "./series.ts";

/** Names of metrics whose unit one source asks for: two calls for all of them. */
const namesMax = 100;
const periodMinMs = 300_000;

/** Units of CloudWatch that a metric is asked for in, as the rest of Shodo writes them. */
const words: Partial<Record<StandardUnit, string>> = {
  Seconds: "s",
  Milliseconds: "ms",
  Microseconds: "us",
  Bytes: "bytes",
  Kilobytes: "Kilobytes",
  Megabytes: "Megabytes",
  "Bytes/Second": "Bytes/Second",
  Percent: "%",
  Count: "count",
  "Count/Second": "Count/Second",
};

/** When a metric is asked for in a unit: stretch, period and now, all in ms. */
interface Asked {
  readonly stretch: Window;
  readonly periodMs: number;
  readonly now: number;
}

/**
 * Units of the account's own metrics by name. GetMetricData tells no unit, but answers a metric in
 * a unit only where it was sent so: one series of each name is asked for in every unit, once, and
 * what is found is kept. A unit that cannot be read, or of which there are several, stays unknown:
 * the values are the same.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html
 */
export function unitReader(cloudwatch: () => Promise<CloudWatch>) {
  const known = new Map<string, Promise<string | null>>();
  return async (
    calls: AwsCalls,
    metrics: readonly CloudWatchMetric[],
    asked: Asked,
  ): Promise<ReadonlyMap<string, string>> => {
    const unknown = metrics.filter((metric) => metric.unit === null);
    const fresh = [...Map.groupBy(unknown, nameOf)]
      .filter(([name]) => !known.has(name))
      .slice(0, Math.max(0, namesMax - known.size))
      .flatMap(([, [first]]) => first ?? []);
    const reading = readUnits(await cloudwatch(), calls, fresh, asked).catch((error: unknown) => {
      if (error instanceof AwsStopped) for (const metric of fresh) known.delete(nameOf(metric));
      return new Map<string, string>();
    });
    for (const name of fresh.map(nameOf)) {
      known.set(
        name,
        reading.then((units) => units.get(name) ?? null),
      );
    }
    const units = new Map<string, string>();
    for (const name of new Set(unknown.map(nameOf))) {
      const unit = await known.get(name);
      if (unit) units.set(name, unit);
    }
    return units;
  };
}

/** What two metrics that share a unit share. */
export function nameOf({ namespace, name }: CloudWatchMetric): string {
  return `${namespace}\0${name}`;
}

async function readUnits(
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  metrics: readonly CloudWatchMetric[],
  { stretch, periodMs, now }: Asked,
): Promise<ReadonlyMap<string, string>> {
  if (metrics.length === 0) return new Map();
  const coarseMs = Math.max(periodMinMs, periodMs);
  const names = Object.keys(words) as StandardUnit[];
  const queries = metrics.flatMap((metric, at) =>
    names.map((unit, place) =>
      metricQuery({ ...metric, stat: "SampleCount" }, `u${at}_${place}`, coarseMs, unit),
    ),
  );
  const whole = wholePeriods(stretch, coarseMs, now);
  const { series } = await fetchSeries(cloudwatch, calls, queries, [whole]);
  const sent = new Set(
    [...series].flatMap(([id, { times }]) => (times.length > 0 ? [id.split("\0")[0]] : [])),
  );
  return new Map(
    metrics.flatMap((metric, at) => {
      const [unit, another] = names.filter((_, place) => sent.has(`u${at}_${place}`));
      const word = unit && !another ? words[unit] : undefined;
      return word ? [[nameOf(metric), word]] : [];
    }),
  );
}
