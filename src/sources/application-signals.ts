import type { MetricReference } from "@aws-sdk/client-application-signals";
import { limits } from "../core/limits.ts";
import type { Gap } from "../core/outcome.ts";
import type { MetricListQuery, SignalQuery, TopologyQuery } from "../core/query.ts";
import type { Edge } from "../core/rows.ts";
import type { Source, SourceContext, SourceDefinition } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { changes } from "./application-signals/changes.ts";
import {
  type KeyAttributes,
  type Listed,
  listDependencies,
  listObjectives,
  listOperations,
  listServices,
  listStates,
  openSignals,
  type Signals,
} from "./application-signals/reads.ts";
import { slos } from "./application-signals/slos.ts";
import { placeOf } from "./aws/account-pace.ts";
import { type AwsAnswer, type AwsCalls, awsOutcome, awsProbe, nothing } from "./aws/answer.ts";
import { type AwsSettings, awsSettings } from "./aws/client.ts";
import { AwsRefusal, AwsStopped, awsFailure } from "./aws/faults.ts";
import { lazyClient } from "./aws/lazy-client.ts";
import { mapLink, metricsLink } from "./aws/links.ts";
import { seriesFrame } from "./capture/metrics-sql.ts";
import { inParallel } from "./cloudwatch/series.ts";
import { topologyFrame } from "./xray/trace-frames.ts";

/** Application Signals: services, operations, dependencies, objectives and changes. */
export const applicationSignals: SourceDefinition<typeof awsSettings> = {
  kind: "application-signals",
  title: "CloudWatch Application Signals",
  settings: awsSettings,
  permissions: [
    "application-signals:ListServices",
    "application-signals:ListServiceOperations",
    "application-signals:ListServiceDependencies",
    "application-signals:ListServiceLevelObjectives",
    "application-signals:BatchGetServiceLevelObjectiveBudgetReport",
    "application-signals:ListServiceStates",
    "application-signals:ListEntityEvents",
  ],
  async open(name, own) {
    return openSource(name, own);
  },
};

/** Services that are asked one by one. */
const servicesMax = 100;
/** Calls at the same time; each list of the service takes ten per second or more. */
const callsAtOnce = 5;

function openSource(name: string, own: AwsSettings): Source {
  const lazy = lazyClient(() => openSignals(own));
  const place = placeOf(own);
  return {
    name,
    signals: ["metrics", "topology", "changes"],
    answers: ["metric-list", "topology", "changes", "slos"],
    guide: "Services, operations, calls, objectives and changes that Application Signals knows.",
    probe: (context) =>
      awsProbe(place, context, async (calls) => {
        const opened = await lazy.get();
        const to = systemClock.now();
        const day = { from: to - 86_400_000, to };
        const [services, objectives, states] = await Promise.all([
          listServices(opened, calls, day),
          listObjectives(opened, calls),
          listStates(opened, calls, day),
        ]);
        const changed = states.items.filter(({ events }) => events.length > 0).length;
        return {
          state: services.items.length > 0 ? "ready" : "limited",
          lines: [
            `${services.items.length} services, ${changed} changed in the last day`,
            `${objectives.items.length} service level objectives`,
            ...(services.items.length > 0 ? [] : ["Application Signals sees no service here"]),
          ],
        };
      }),
    run: (query: SignalQuery, window: Window, context: SourceContext) =>
      awsOutcome({ source: name, place, query, window }, context, async (calls) => {
        if (window.from >= systemClock.now()) {
          const words = ["the window has not begun"];
          return nothing(query.kind, words, "Ask for a window in the past.");
        }
        const opened = await lazy.get();
        const answer = await answerOf(opened, own, calls, query, window);
        return { region: opened.region, ...answer };
      }),
    close: () => lazy.close(),
  };
}

async function answerOf(
  opened: Signals,
  { services: names }: AwsSettings,
  calls: AwsCalls,
  query: SignalQuery,
  window: Window,
): Promise<AwsAnswer> {
  switch (query.kind) {
    case "topology":
      return topology(opened, names, calls, query, window);
    case "metric-list":
      return operations(opened, names, calls, query, window);
    case "changes":
      return changes(opened, names, calls, query, window);
    case "slos":
      return slos(opened, names, calls, query, window);
    default:
      throw new AwsRefusal("unsupported", `Application Signals do not answer ${query.kind}.`);
  }
}

type Names = Readonly<Record<string, string>>;

/** The name of an entity: of a service its own, of a resource what identifies it. */
function nameOf(entity: Readonly<Record<string, string>> | undefined, names: Names): string {
  const name = entity?.Name ?? entity?.Identifier ?? "";
  return names[name] ?? name;
}

/** Asks the same of every service; what fails of some is a gap, what fails of all is a failure. */
async function ofEach<T>(
  services: readonly KeyAttributes[],
  names: Names,
  what: string,
  read: (service: KeyAttributes) => Promise<Listed<T>>,
) {
  const found = new Map<string, readonly T[]>();
  const gaps: Gap[] = [];
  const faults: unknown[] = [];
  let isCut = services.length > servicesMax;
  const asked = services.slice(0, servicesMax);
  const jobs = asked.map((service) => async () => {
    const name = nameOf(service, names);
    try {
      const { items, isCut: isOwnCut } = await read(service);
      found.set(name, [...(found.get(name) ?? []), ...items]);
      isCut ||= isOwnCut;
    } catch (error) {
      if (error instanceof AwsStopped) throw error;
      faults.push(error);
      const { reason, message } = awsFailure(error);
      const effect = "the answer is without them";
      gaps.push({ what: `${what} of ${name}`, why: `${reason}: ${message}`, effect });
    }
  });
  await inParallel(jobs, callsAtOnce);
  if (faults.length > 0 && faults.length === asked.length) throw faults[0];
  return { found, gaps, isCut };
}

async function topology(
  opened: Signals,
  names: Names,
  calls: AwsCalls,
  query: TopologyQuery,
  window: Window,
): Promise<AwsAnswer> {
  const services = await listServices(opened, calls, window);
  const all = await ofEach(services.items, names, "calls", (service) =>
    listDependencies(opened, calls, service, window),
  );
  const edges = new Map<string, Edge>();
  for (const [from, dependencies] of all.found) {
    for (const { DependencyKeyAttributes: entity } of dependencies) {
      const to = nameOf(entity, names);
      if (to && to !== from) edges.set(`${from}\0${to}`, { from, to, kind: "call" });
    }
  }
  const rows = [...edges.values()];
  const kept = rows.slice(0, Math.min(query.limit ?? limits.rowsMax, limits.rowsMax));
  return {
    frame: topologyFrame(kept),
    query: `ListServiceDependencies of ${services.items.length} services`,
    truncated: services.isCut || all.isCut || kept.length < rows.length,
    gaps: all.gaps,
    link: mapLink(opened.region, window),
    reasons: ["Application Signals has seen no call between services in this time"],
    next: "Enable Application Signals, or take the topology from traces.",
  };
}

/** Metrics of every operation, as they are found in CloudWatch under `ApplicationSignals`. */
async function operations(
  opened: Signals,
  names: Names,
  calls: AwsCalls,
  query: MetricListQuery,
  window: Window,
): Promise<AwsAnswer> {
  const services = await listServices(opened, calls, window);
  const wanted = services.items.filter(
    (service) => query.services?.includes(nameOf(service, names)) ?? true,
  );
  const all = await ofEach(wanted, names, "operations", (service) =>
    listOperations(opened, calls, service, window),
  );
  const rows = [...all.found].flatMap(([service, list]) =>
    list.flatMap(({ Name: operation, MetricReferences: metrics }) =>
      (metrics ?? []).map((reference) => operationRow(service, operation, reference)),
    ),
  );
  const text = query.text?.toLowerCase();
  const matching = rows.filter(({ metric }) => !text || metric.toLowerCase().includes(text));
  const kept = matching.slice(0, Math.min(query.limit ?? limits.rowsDefault, limits.rowsMax));
  return {
    frame: seriesFrame(kept, null),
    query: `ListServiceOperations of ${wanted.length} services`,
    truncated: services.isCut || all.isCut || kept.length < matching.length,
    gaps: all.gaps,
    link: metricsLink(opened.region, kept, 60, window),
    reasons: [`none of ${services.items.length} services has such an operation`],
  };
}

/** A metric of an operation, and its place in CloudWatch. */
function operationRow(service: string, operation: string | undefined, reference: MetricReference) {
  const { Namespace: namespace, MetricName: name, MetricType: type } = reference;
  const dimensions = reference.Dimensions ?? [];
  const metric = name ?? type ?? "";
  return {
    service,
    metric,
    resource:
      dimensions.map((each) => `${each.Name}=${each.Value}`).join(",") || `Operation=${operation}`,
    unit: metric === "Latency" ? "ms" : "count",
    metricKind: "gauge",
    layer: "application" as const,
    path: [
      namespace ?? "ApplicationSignals",
      metric,
      ...dimensions.flatMap((each) => [each.Name ?? "", each.Value ?? ""]),
    ],
    stat: metric === "Latency" ? "p99" : "Sum",
  };
}
