import { answer } from "./aws-double.ts";
import type { AwsHandler } from "./aws-front.ts";

/** One service of ECS and what its last deployment changed in its environment. */
export interface EcsDeployed {
  readonly service: string;
  readonly at: number;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

const arn = "arn:aws:ecs:eu-west-1:123456789012";
const revision = 13;

/** Name and revision under which the deployment's task definition is known. */
export function definitionOf({ service }: EcsDeployed): string {
  return `${service}:${revision}`;
}

/** Reads of ECS over some deployments: moto cannot be told when one was made. */
export function ecsHandlers(deployed: () => readonly EcsDeployed[]): Record<string, AwsHandler> {
  return {
    ListClusters: () => answer({ clusterArns: [`${arn}:cluster/shop`] }),
    ListServices: () =>
      answer({ serviceArns: deployed().map(({ service }) => `${arn}:service/shop/${service}`) }),
    DescribeServices: ({ body }) => {
      const names = (body.services as string[]).map((each) => each.split("/").at(-1));
      const services = deployed()
        .filter(({ service }) => names.includes(service))
        .map((each) => ({
          serviceName: each.service,
          deployments: [
            {
              id: "ecs-svc/1",
              status: "PRIMARY",
              rolloutState: "COMPLETED",
              taskDefinition: `${arn}:task-definition/${definitionOf(each)}`,
              createdAt: each.at / 1_000,
            },
          ],
        }));
      return answer({ services });
    },
    DescribeTaskDefinition: ({ body }) => {
      const [family, wanted] = String(body.taskDefinition).split("/").at(-1)?.split(":") ?? [];
      const own = deployed().find(({ service }) => service === family);
      const environment = Number(wanted) === revision ? own?.after : own?.before;
      const container = {
        name: "app",
        image: `${family}:latest`,
        environment: Object.entries(environment ?? {}).map(([name, value]) => ({ name, value })),
      };
      return answer({ taskDefinition: { family, containerDefinitions: [container] } });
    },
  };
}
