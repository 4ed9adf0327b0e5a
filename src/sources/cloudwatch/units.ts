import type { Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { AwsStopped } from "../aws/faults.ts";
import type { CloudWatch } from "./client.ts";
import type { CloudWatchMetric } from "./discovery.ts";
import { inParallel } from "./series.ts";

/** Names of metrics whose unit one source asks for: one call each, 0.01 USD per 1,000. */
const namesMax = 40;
const callsAtOnce = 10;

/** Units of CloudWatch as the rest of Shodo writes them; `None` is no unit. */
const words: Readonly<Record<string, string>> = {
  Seconds: "s",
  Milliseconds: "ms",
  Microseconds: "us",
  Bytes: "bytes",
  Percent: "%",
  Count: "count",
};

/**
 * Units of the account's own metrics by name. GetMetricData tells no unit and GetMetricStatistics
 * does, so one series of each name is asked once and kept. A unit that cannot be read stays
 * unknown: the values are the same.
 */
export function unitReader(cloudwatch: () => Promise<CloudWatch>) {
  const known = new Map<string, Promise<string | null>>();
  return async (
    calls: AwsCalls,
    metrics: readonly CloudWatchMetric[],
    window: Window,
  ): Promise<ReadonlyMap<string, string>> => {
    const unknown = metrics.filter((metric) => metric.unit === null);
    const asked = [...Map.groupBy(unknown, nameOf)].flatMap(([name, [first]]) =>
      first && !known.has(name) ? [{ name, first }] : [],
    );
    const jobs = asked.slice(0, Math.max(0, namesMax - known.size)).map(({ name, first }) => {
      const answer = Promise.withResolvers<string | null>();
      known.set(name, answer.promise);
      return async () => {
        try {
          answer.resolve(await unitOf(await cloudwatch(), calls, first, window));
        } catch (error) {
          answer.resolve(null);
          if (error instanceof AwsStopped) known.delete(name);
        }
      };
    });
    await inParallel(jobs, callsAtOnce);
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

async function unitOf(
  { sdk, client }: CloudWatch,
  calls: AwsCalls,
  metric: CloudWatchMetric,
  window: Window,
): Promise<string | null> {
  const minutes = Math.max(1, Math.ceil((window.to - window.from) / 60_000));
  const answer = await calls.call("cloudwatch:GetMetricStatistics", (abortSignal) =>
    client.send(
      new sdk.GetMetricStatisticsCommand({
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: metric.dimensions.map(({ name, value }) => ({ Name: name, Value: value })),
        StartTime: new Date(window.from),
        EndTime: new Date(window.to),
        Period: minutes * 60,
        Statistics: ["SampleCount"],
      }),
      { abortSignal },
    ),
  );
  const unit = answer.Datapoints?.find((point) => point.Unit && point.Unit !== "None")?.Unit;
  return unit ? (words[unit] ?? unit) : null;
}
