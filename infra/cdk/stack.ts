import {
  aws_ecr_assets as assets,
  aws_elasticloadbalancingv2 as balancing,
  CfnOutput,
  Duration,
  aws_ec2 as ec2,
  aws_ecs as ecs,
  aws_iam as iam,
  aws_logs as logs,
  Stack,
  type StackProps,
  aws_secretsmanager as secrets,
} from "aws-cdk-lib";
import type { Construct } from "constructs";
import { alarmQueue } from "./alarms.ts";
import { image, keepInFile, keepInPostgres } from "./state.ts";

/** What `-c name=value` may choose; docs/serve.md has the table. */
export interface Choices extends StackProps {
  /** shodo.yaml, parsed. The queue of this stack and its address are added to it. */
  readonly settings: Settings;
  /** infra/iam-policy.json, parsed: all that the service may read. */
  readonly reads: object;
  /** SQLite on EFS for one task, or Postgres on RDS for any number. */
  readonly state: "file" | "postgres";
  readonly tasks: number;
  /** Folder that the image is built from when `image` is absent. */
  readonly source: string;
  readonly image?: string | undefined;
  readonly vpcId?: string | undefined;
  /** With a certificate the balancer faces the internet; without one only the VPC, by HTTP. */
  readonly certificateArn?: string | undefined;
  readonly domain?: string | undefined;
  /** Name of a secret in Secrets Manager, and the keys of it that become variables. */
  readonly secret?: string | undefined;
  readonly secretKeys: readonly string[];
  /** Who hears that Shodo itself is in trouble. */
  readonly email?: string | undefined;
}

interface Settings {
  readonly alarms?: readonly object[];
  readonly serve?: object;
  readonly sources?: readonly { readonly roleArn?: string }[];
}

/** Alarms by SNS and SQS into Shodo on Fargate, pages out through a balancer. */
export class ShodoStack extends Stack {
  constructor(scope: Construct, id: string, choices: Choices) {
    super(scope, id, choices);
    if (choices.state === "file" && choices.tasks !== 1) {
      throw new Error("one SQLite file serves one task: use -c state=postgres for more");
    }
    const { vpcId, secret: secretName, secretKeys, state } = choices;
    const vpc = vpcId
      ? ec2.Vpc.fromLookup(this, "Vpc", { vpcId })
      : new ec2.Vpc(this, "Vpc", { maxAzs: 2, natGateways: 1 });
    const queue = alarmQueue(this, choices.email);
    const { address, serveFrom } = balancer(this, vpc, choices);
    const task = new ecs.FargateTaskDefinition(this, "Task", {
      ...{ cpu: 1_024, memoryLimitMiB: 2_048, taskRole: readerRole(this, choices) },
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64 },
    });
    queue.grant(task.taskRole, "sqs:ReceiveMessage", "sqs:DeleteMessage");
    const settings = {
      ...choices.settings,
      alarms: [...(choices.settings.alarms ?? []), { kind: "sqs", queueUrl: queue.queueUrl }],
      serve: { publicUrl: address, proxies: 1, ...choices.settings.serve },
    };
    const secret = secretName
      ? secrets.Secret.fromSecretNameV2(this, "Secret", secretName)
      : undefined;
    const container = task.addContainer("shodo", {
      image: choices.image
        ? ecs.ContainerImage.fromRegistry(choices.image)
        : ecs.ContainerImage.fromAsset(choices.source, {
            ...{ file: "infra/Dockerfile", platform: assets.Platform.LINUX_AMD64 },
          }),
      environment: { SHODO_YAML: this.toJsonString(settings) },
      secrets: Object.fromEntries(
        secret ? secretKeys.map((key) => [key, ecs.Secret.fromSecretsManager(secret, key)]) : [],
      ),
      portMappings: [{ containerPort: image.port }],
      readonlyRootFilesystem: true,
      linuxParameters: new ecs.LinuxParameters(this, "Linux", { initProcessEnabled: true }),
      // Running investigations are handed over or written down before it is killed.
      stopTimeout: Duration.seconds(60),
      logging: ecs.LogDrivers.awsLogs({
        streamPrefix: "shodo",
        logGroup: new logs.LogGroup(this, "Log", { retention: logs.RetentionDays.THREE_MONTHS }),
      }),
    });
    task.addVolume({ name: "tmp" });
    container.addMountPoints({ sourceVolume: "tmp", containerPath: "/tmp", readOnly: false });
    container.addMountPoints({ sourceVolume: "home", containerPath: image.home, readOnly: false });
    const service = new ecs.FargateService(this, "Service", {
      cluster: new ecs.Cluster(this, "Cluster", { vpc }),
      ...{ taskDefinition: task, desiredCount: choices.tasks, circuitBreaker: { rollback: true } },
      // Two machines must never have one SQLite file open: the old task goes before the new comes.
      ...(state === "file"
        ? { minHealthyPercent: 0, maxHealthyPercent: 100 }
        : { minHealthyPercent: 100, maxHealthyPercent: 200 }),
    });
    const keep = state === "file" ? keepInFile : keepInPostgres;
    keep(this, { vpc, task, container, service });
    serveFrom(service);
  }
}

/**
 * Reads what infra/iam-policy.json lists, and becomes the roles that `sources` name, nothing else.
 */
function readerRole(stack: Stack, { reads, settings }: Choices): iam.Role {
  const role = new iam.Role(stack, "Reader", {
    assumedBy: new iam.ServicePrincipal("ecs-tasks.amazonaws.com"),
    inlinePolicies: { reads: iam.PolicyDocument.fromJson(reads) },
  });
  const resources = (settings.sources ?? []).flatMap(({ roleArn }) => roleArn ?? []);
  if (resources.length > 0) {
    role.addToPolicy(new iam.PolicyStatement({ actions: ["sts:AssumeRole"], resources }));
  }
  return role;
}

function balancer(stack: Stack, vpc: ec2.IVpc, { certificateArn, domain }: Choices) {
  const isPublic = certificateArn !== undefined;
  const front = new balancing.ApplicationLoadBalancer(stack, "Balancer", {
    ...{ vpc, internetFacing: isPublic, dropInvalidHeaderFields: true },
  });
  const port = isPublic ? 443 : 80;
  const listener = front.addListener("Pages", {
    ...{ port, open: isPublic, certificates: certificateArn ? [{ certificateArn }] : [] },
  });
  if (isPublic) front.addRedirect();
  else front.connections.allowFrom(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(port));
  const address = `${isPublic ? "https" : "http"}://${domain ?? front.loadBalancerDnsName}`;
  new CfnOutput(stack, "Pages", { value: address });
  new CfnOutput(stack, "BalancerName", { value: front.loadBalancerDnsName });
  const serveFrom = (service: ecs.FargateService) =>
    listener.addTargets("Tasks", {
      ...{ port: image.port, protocol: balancing.ApplicationProtocol.HTTP, targets: [service] },
      ...{ healthCheck: { path: "/healthz" }, deregistrationDelay: Duration.seconds(30) },
    });
  return { address, serveFrom };
}
