import type { Metric } from "@aws-sdk/client-cloudwatch";
import type { Layer } from "../../core/outcome.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { everyPage } from "../aws/every-page.ts";
import { type Dimension, serviceOf } from "../aws/service-name.ts";
import { metricKind } from "../metric-kinds.ts";
import { layerOf } from "../metric-layer.ts";
import type { CloudWatch } from "./client.ts";
import { awsMetric, dailyNamespaces, statisticOf } from "./metric-catalogue.ts";
import { inParallel } from "./series.ts";

/** Pages of 500 metrics that one discovery reads of one namespace (or of all). */
const pagesMax = 40;

/** One metric with its dimensions, and what is known of it. */
export interface CloudWatchMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly Dimension[];
  readonly service: string;
  /** What it measures inside the service: the other dimensions as `k=v`; null for all of it. */
  readonly resource: string | null;
  readonly unit: string | null;
  readonly stat: string;
  readonly layer: Layer;
  readonly isDaily: boolean;
  readonly isKnown: boolean;
}

/** How metrics become services and layers. */
export interface MetricNaming {
  readonly services: Readonly<Record<string, string>>;
  readonly businessMetrics: readonly string[];
  readonly statistics: Readonly<Record<string, string>>;
}

export interface Discovery {
  readonly metrics: readonly CloudWatchMetric[];
  /** True when there were more pages than are read. */
  readonly isCut: boolean;
}

/**
 * Every metric of the account, or of the namespaces given. With `isRecent` only what had points in
 * the last three hours, as ListMetrics offers it; what is published once a day is then listed
 * apart.
 */
export async function discover(
  cloudwatch: CloudWatch,
  calls: AwsCalls,
  namespaces: readonly string[],
  isRecent: boolean,
  naming: MetricNaming,
): Promise<Discovery> {
  const wanted = namespaces.length > 0 ? namespaces : [undefined];
  const daily = dailyNamespaces.filter(
    (each) => namespaces.length === 0 || namespaces.includes(each),
  );
  const jobs = [
    ...wanted.map((namespace) => ({ namespace, isRecent })),
    ...(isRecent ? daily.map((namespace) => ({ namespace, isRecent: false })) : []),
  ];
  const found = new Map<string, CloudWatchMetric>();
  let isCut = false;
  await inParallel(
    jobs.map((job) => async () => {
      isCut = (await listPages(cloudwatch, calls, job, naming, found)) || isCut;
    }),
    5,
  );
  return { metrics: [...found.values()], isCut };
}

async function listPages(
  { sdk, client }: CloudWatch,
  calls: AwsCalls,
  job: { readonly namespace: string | undefined; readonly isRecent: boolean },
  naming: MetricNaming,
  into: Map<string, CloudWatchMetric>,
): Promise<boolean> {
  return everyPage(pagesMax, async (token) => {
    const answer = await calls.call("cloudwatch:ListMetrics", (abortSignal) =>
      client.send(
        new sdk.ListMetricsCommand({
          ...(job.namespace ? { Namespace: job.namespace } : {}),
          ...(job.isRecent ? { RecentlyActive: "PT3H" } : {}),
          ...(token ? { NextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    for (const metric of answer.Metrics ?? []) {
      const described = describe(metric, naming);
      if (described) into.set(keyOf(described), described);
    }
    return answer.NextToken;
  });
}

function describe(metric: Metric, naming: MetricNaming): CloudWatchMetric | null {
  const { Namespace: namespace, MetricName: name } = metric;
  if (!namespace || !name) return null;
  const dimensions = (metric.Dimensions ?? []).map((dimension) => ({
    name: dimension.Name ?? "",
    value: dimension.Value ?? "",
  }));
  const known = awsMetric(namespace, name);
  const { service, by } = serviceOf(namespace, dimensions, naming.services);
  return {
    namespace,
    name,
    dimensions,
    service,
    resource: resourceOf(dimensions, by),
    unit: known?.unit ?? null,
    stat: naming.statistics[name] ?? statisticOf(namespace, name),
    layer: naming.businessMetrics.includes(name)
      ? "business"
      : (known?.layer ?? ownLayer(service, name)),
    isDaily: known?.isDaily ?? false,
    isKnown: known !== null,
  };
}

/** Names of OpenTelemetry's conventions say it best; words in the name say it of any other. */
function ownLayer(service: string, name: string): Layer {
  const { layer } = metricKind(name, "");
  return layer === "infrastructure" ? layer : layerOf(service, name, []);
}

/** What of a service is measured: the dimensions that do not name the service itself. */
function resourceOf(dimensions: readonly Dimension[], by: Dimension | null): string | null {
  const rest = dimensions.filter((dimension) => dimension !== by);
  const named = rest.find(({ name }) => name.toLowerCase() === "resource");
  const pairs = rest.filter((d) => d !== named).map(({ name, value }) => `${name}=${value}`);
  return [named?.value, pairs.join(",")].filter(Boolean).join(" ") || null;
}

function keyOf({ namespace, name, dimensions }: CloudWatchMetric): string {
  return JSON.stringify([namespace, name, dimensions]);
}
