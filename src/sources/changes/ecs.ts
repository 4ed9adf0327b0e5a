import type { Deployment, Service, TaskDefinition } from "@aws-sdk/client-ecs";
import { isWithin, type Window } from "../../core/window.ts";
import type { AwsCalls } from "../aws/answer.ts";
import { type AwsSettings, awsClientConfig } from "../aws/client.ts";
import { everyPage } from "../aws/every-page.ts";
import { chunksOf, inParallel } from "../cloudwatch/series.ts";
import type { ChangeRow } from "./change-rows.ts";
import { type Settings, settingsDiff } from "./deployment-diff.ts";
import { type DeploymentsRead, type Detail, readDeployments } from "./deployments.ts";

/** Services of one DescribeServices. */
const servicesPerCall = 10;
const clustersMax = 50;
/** Pages of clusters, and of services of one cluster, 100 each. */
const pagesMax = 20;
const callsAtOnce = 5;

async function open(settings: AwsSettings) {
  const sdk = await import("@aws-sdk/client-ecs");
  return { sdk, client: new sdk.ECSClient(awsClientConfig(settings)) };
}
type Ecs = Awaited<ReturnType<typeof open>>;

/**
 * The deployments that ECS still knows of: the last one of each service, and those that it has not
 * yet replaced. What the task definition changed against its previous revision is the diff.
 */
export async function ecsDeployments(
  settings: AwsSettings,
  calls: AwsCalls,
  window: Window,
): Promise<DeploymentsRead> {
  const ecs = await open(settings);
  const find = async () => {
    const { services, isCut } = await allServices(ecs, calls);
    const found = services.flatMap((service) =>
      (service.deployments ?? [])
        .filter(({ createdAt: at }) => at && isWithin(at.getTime(), window))
        .map((deployment) => ({ service, deployment })),
    );
    return { found, isCut };
  };
  return readDeployments(ecs.client, find, (each, detail) =>
    rowOf(ecs, calls, each, settings.services, detail),
  );
}

async function allServices(ecs: Ecs, calls: AwsCalls) {
  const { sdk, client } = ecs;
  const clusters: string[] = [];
  let isCut = await everyPage(pagesMax, async (token) => {
    const page = await calls.call("ecs:ListClusters", (abortSignal) =>
      client.send(new sdk.ListClustersCommand(token ? { nextToken: token } : {}), { abortSignal }),
    );
    clusters.push(...(page.clusterArns ?? []));
    return clusters.length < clustersMax ? page.nextToken : undefined;
  });
  isCut ||= clusters.length > clustersMax;
  const services: Service[] = [];
  const jobs = clusters.slice(0, clustersMax).map((cluster) => async () => {
    const { names, isCut: isCutHere } = await servicesOf(ecs, calls, cluster);
    isCut ||= isCutHere;
    for (const chunk of chunksOf(names, servicesPerCall)) {
      const page = await calls.call("ecs:DescribeServices", (abortSignal) =>
        client.send(new sdk.DescribeServicesCommand({ cluster, services: chunk }), { abortSignal }),
      );
      services.push(...(page.services ?? []));
    }
  });
  await inParallel(jobs, callsAtOnce);
  return { services, isCut };
}

async function servicesOf({ sdk, client }: Ecs, calls: AwsCalls, cluster: string) {
  const names: string[] = [];
  const isCut = await everyPage(pagesMax, async (token) => {
    const page = await calls.call("ecs:ListServices", (abortSignal) =>
      client.send(
        new sdk.ListServicesCommand({
          cluster,
          maxResults: 100,
          ...(token ? { nextToken: token } : {}),
        }),
        { abortSignal },
      ),
    );
    names.push(...(page.serviceArns ?? []));
    return page.nextToken;
  });
  return { names, isCut };
}

async function rowOf(
  ecs: Ecs,
  calls: AwsCalls,
  { service, deployment }: { service: Service; deployment: Deployment },
  names: Readonly<Record<string, string>>,
  detail: Detail,
): Promise<ChangeRow> {
  const definition = deployment.taskDefinition ?? "";
  const [, family = "", revision = ""] = /([^/:]+):(\d+)$/.exec(definition) ?? [];
  const previous = Number(revision) > 1 ? `${family}:${Number(revision) - 1}` : null;
  const [after, before] = await Promise.all([
    detail(taskSettings(ecs, calls, definition)),
    previous ? detail(taskSettings(ecs, calls, previous)) : null,
  ]);
  const own = service.serviceName ?? "";
  const file = `task-definition/${family}.json`;
  const diff = after && before ? settingsDiff(file, before, after) : null;
  const isCode = diff === null || /^[+-] {2}"[^"]*image"/m.test(diff);
  const state = deployment.rolloutState ? ` (${deployment.rolloutState.toLowerCase()})` : "";
  return {
    at: deployment.createdAt?.getTime() ?? Number.NaN,
    kind: isCode ? "deploy" : "config",
    service: names[own] ?? own,
    ref: `${family}:${revision}`,
    title: `ECS deployment of ${own}, task definition ${family}:${revision}${state}`,
    author: service.createdBy?.split("/").at(-1) ?? null,
    diff,
    files: diff ? [file] : [],
  };
}

async function taskSettings(
  { sdk, client }: Ecs,
  calls: AwsCalls,
  taskDefinition: string,
): Promise<Settings | null> {
  const answer = await calls.call("ecs:DescribeTaskDefinition", (abortSignal) =>
    client
      .send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition }), { abortSignal })
      .catch((error: unknown) => {
        // An earlier revision may be gone: then there is no diff, and nothing failed.
        if (error instanceof sdk.ClientException) return null;
        throw error;
      }),
  );
  return answer?.taskDefinition ? settingsOf(answer.taskDefinition) : null;
}

/** Image, size and environment of every container; the first one's without its name. */
function settingsOf({ containerDefinitions: all = [], cpu, memory }: TaskDefinition): Settings {
  const pairs: [string, string | undefined][] = [
    ["cpu", cpu],
    ["memory", memory],
  ];
  for (const [i, container] of all.entries()) {
    const prefix = i === 0 ? "" : `${container.name}.`;
    pairs.push([`${prefix}image`, container.image]);
    pairs.push([`${prefix}command`, container.command?.join(" ")]);
    pairs.push([`${prefix}containerMemory`, container.memory?.toString()]);
    for (const { name, value } of container.environment ?? []) {
      pairs.push([`${prefix}${name}`, value]);
    }
    for (const { name, valueFrom } of container.secrets ?? []) {
      pairs.push([`${prefix}secretFrom.${name}`, valueFrom]);
    }
  }
  return Object.fromEntries(
    pairs.filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ""),
  );
}
