/** Judges the template of `cdk synth`; runs with `npm test` in this folder, after `npm ci`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { loadConfig } from "../../src/config.ts";
import { type Choices, ShodoStack } from "./stack.ts";
import { image } from "./state.ts";

const root = join(import.meta.dirname, "../..");
const text = (file: string) => readFileSync(join(root, file), "utf8");
const reads = JSON.parse(text("infra/iam-policy.json"));
const certificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/1";
const all = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map((item) => item.Properties);

function synth(choices: Partial<Choices> = {}): Template {
  const defaults = { settings: {}, reads, state: "file", tasks: 1, secretKeys: [] } as const;
  const stack = new ShodoStack(new App(), "Shodo", {
    ...{ ...defaults, source: root, image: "example.com/shodo:1" },
    ...choices,
  });
  return Template.fromStack(stack);
}

/** All that the task may do, by action. */
function taskActions(template: Template): string[] {
  const inline = all(template, "AWS::IAM::Role").flatMap(({ Policies = [] }) => Policies);
  const own = all(template, "AWS::IAM::Policy").filter(({ PolicyName }) =>
    PolicyName.startsWith("Reader"),
  );
  return [...inline, ...own]
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Action }) => Action)
    .sort();
}

it("lets the task read what the policy lists, take from its queue, keep its file, nothing more", () => {
  const keeping = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
  const queue = ["sqs:DeleteMessage", "sqs:ReceiveMessage"];
  const listed: string[] = reads.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
  assert.deepEqual(taskActions(synth()), [...listed, ...keeping, ...queue].sort());
  const postgres = synth({ state: "postgres", tasks: 3 });
  assert.deepEqual(taskActions(postgres), [...listed, ...queue].sort());
});

it("lets it become the roles of the sources, by name", () => {
  const roleArn = "arn:aws:iam::210987654321:role/shodo";
  const template = synth({ settings: { sources: [{ roleArn }, {}] } });
  template.hasResourceProperties("AWS::IAM::Policy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        { Action: "sts:AssumeRole", Effect: "Allow", Resource: roleArn },
      ]),
    },
  });
});

it("gives the service settings that it can load, with its queue and its address", () => {
  const settings = { language: "ja", serve: { sessionHours: 8 } } as object;
  const [task] = all(synth({ settings }), "AWS::ECS::TaskDefinition");
  const [container] = task?.ContainerDefinitions ?? [];
  const { Value } = container.Environment.find(
    ({ Name }: { Name: string }) => Name === "SHODO_YAML",
  );
  const yaml = Value["Fn::Join"][1]
    .map((part: unknown) => (typeof part === "string" ? part : "known-later"))
    .join("")
    .replace('"known-later"', '"https://sqs.eu-west-1.amazonaws.com/1/alarms"');
  const config = loadConfig({ cwd: root, environment: { SHODO_YAML: yaml } });
  assert.equal(config.language, "ja");
  assert.equal(config.alarms[0]?.kind, "sqs");
  assert.deepEqual(
    [config.serve.sessionHours, config.serve.proxies, config.serve.publicUrl],
    [8, 1, "http://known-later"],
  );
});

it("runs the image as it was built: port, home, user, nothing else to write to", () => {
  const file = text("infra/Dockerfile");
  assert.match(file, new RegExp(`^EXPOSE ${image.port}$`, "m"));
  assert.match(file, new RegExp(`SHODO_HOME=${image.home}$`, "m"));
  // The user `node` of the official image has this id.
  assert.match(file, /^USER node$/m);
  assert.equal(image.userId, "1000");
  const [task] = all(synth(), "AWS::ECS::TaskDefinition");
  const [container] = task?.ContainerDefinitions ?? [];
  assert.equal(container.ReadonlyRootFilesystem, true);
  const mounted = container.MountPoints.map(({ ContainerPath }: never) => ContainerPath);
  const volumes = /^VOLUME (.+)$/m.exec(file)?.[1] ?? "[]";
  assert.deepEqual(mounted.sort(), JSON.parse(volumes).sort());
});

it("never lets two tasks have one SQLite file, and lets Postgres have any number", () => {
  assert.throws(() => synth({ tasks: 2 }), /state=postgres/);
  synth().hasResourceProperties("AWS::ECS::Service", {
    DesiredCount: 1,
    DeploymentConfiguration: { MaximumPercent: 100, MinimumHealthyPercent: 0 },
  });
  const postgres = synth({ state: "postgres", tasks: 3 });
  postgres.hasResourceProperties("AWS::ECS::Service", { DesiredCount: 3 });
  postgres.hasResourceProperties("AWS::RDS::DBInstance", {
    ...{ StorageEncrypted: true, PubliclyAccessible: Match.absent(), DeletionProtection: true },
  });
  postgres.resourceCountIs("AWS::EFS::FileSystem", 0);
});

it("keeps secrets in Secrets Manager", () => {
  const choices = { secret: "shodo", secretKeys: ["SLACK_BOT_TOKEN"], state: "postgres" } as const;
  const [task] = all(synth(choices), "AWS::ECS::TaskDefinition");
  const [{ Secrets, Environment }] = task?.ContainerDefinitions ?? [];
  const names = (of: readonly { Name: string }[]) => of.map(({ Name }) => Name).sort();
  assert.deepEqual(names(Secrets), ["PGPASSWORD", "PGUSER", "SLACK_BOT_TOKEN"]);
  assert.deepEqual(names(Environment), ["DATABASE_URL", "SHODO_YAML"]);
});

it("takes alarms of this account alone, keeps what was not taken, and says so", () => {
  const template = synth({ email: "oncall@example.com" });
  template.hasResourceProperties("AWS::SNS::TopicPolicy", {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
        }),
      ]),
    },
  });
  template.hasResourceProperties("AWS::SQS::Queue", {
    RedrivePolicy: Match.objectLike({ maxReceiveCount: 1_000 }),
  });
  const metrics = all(template, "AWS::CloudWatch::Alarm").map(({ MetricName }) => MetricName);
  const watched = ["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"];
  assert.deepEqual(metrics.sort(), watched);
  for (const { AlarmActions } of all(template, "AWS::CloudWatch::Alarm")) {
    assert.equal(AlarmActions.length, 1);
  }
  template.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
});

it("faces the internet by HTTPS only, and without a certificate not at all", () => {
  const [inside] = all(synth(), "AWS::ElasticLoadBalancingV2::LoadBalancer");
  assert.equal(inside?.Scheme, "internal");
  const open = JSON.stringify(
    all(synth(), "AWS::EC2::SecurityGroup").map((g) => g.SecurityGroupIngress),
  );
  assert.ok(!open.includes("0.0.0.0/0"), open);
  const outside = synth({ certificateArn, domain: "shodo.example.com" });
  const listeners = all(outside, "AWS::ElasticLoadBalancingV2::Listener");
  const kinds = listeners.map(({ Port, DefaultActions }) => [Port, DefaultActions[0].Type]);
  assert.deepEqual(kinds.sort(), [
    [443, "forward"],
    [80, "redirect"],
  ]);
});
