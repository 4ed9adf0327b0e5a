import {
  Duration,
  aws_ec2 as ec2,
  aws_ecs as ecs,
  aws_efs as efs,
  RemovalPolicy,
  aws_rds as rds,
  type Stack,
} from "aws-cdk-lib";

/** As infra/Dockerfile has them; a test compares. */
export const image = { port: 7_331, home: "/var/lib/shodo", userId: "1000" } as const;

interface Running {
  readonly vpc: ec2.IVpc;
  readonly task: ecs.FargateTaskDefinition;
  readonly container: ecs.ContainerDefinition;
  readonly service: ecs.FargateService;
}

/** SQLite on EFS: a write takes milliseconds of network, and only one task may run. */
export function keepInFile(stack: Stack, { vpc, task, service }: Running): void {
  const files = new efs.FileSystem(stack, "Files", {
    ...{ vpc, encrypted: true, removalPolicy: RemovalPolicy.RETAIN },
  });
  const { userId } = image;
  const point = files.addAccessPoint("Home", {
    path: "/shodo",
    createAcl: { ownerUid: userId, ownerGid: userId, permissions: "700" },
    posixUser: { uid: userId, gid: userId },
  });
  task.addVolume({
    name: "home",
    efsVolumeConfiguration: {
      ...{ fileSystemId: files.fileSystemId, transitEncryption: "ENABLED" },
      authorizationConfig: { accessPointId: point.accessPointId, iam: "ENABLED" },
    },
  });
  files.grantReadWrite(task.taskRole);
  files.connections.allowDefaultPortFrom(service);
  service.node.addDependency(files.mountTargetsAvailable);
}

/** Postgres on RDS, in two zones; tasks come and go. */
export function keepInPostgres(stack: Stack, { vpc, task, container, service }: Running): void {
  task.addVolume({ name: "home" });
  const database = new rds.DatabaseInstance(stack, "Database", {
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_17 }),
    instanceType: ec2.InstanceType.of(ec2.InstanceClass.T4G, ec2.InstanceSize.SMALL),
    ...{ vpc, databaseName: "shodo", multiAz: true, storageEncrypted: true },
    ...{ backupRetention: Duration.days(7), deletionProtection: true },
    ...{ removalPolicy: RemovalPolicy.RETAIN, maxAllocatedStorage: 200 },
  });
  database.connections.allowDefaultPortFrom(service);
  // Encrypted, but RDS's authority is not among those that Node.js knows; only `service` gets here.
  const host = database.instanceEndpoint.socketAddress;
  container.addEnvironment("DATABASE_URL", `postgresql://${host}/shodo?sslmode=no-verify`);
  const login = database.secret;
  if (!login) throw new Error("RDS made no secret for its user");
  container.addSecret("PGUSER", ecs.Secret.fromSecretsManager(login, "username"));
  container.addSecret("PGPASSWORD", ecs.Secret.fromSecretsManager(login, "password"));
}
