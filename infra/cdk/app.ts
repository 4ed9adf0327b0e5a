/**
 * Shodo on AWS: `npm ci && npm run cdk -- deploy -c config=../../shodo.yaml`, see docs/serve.md.
 * Nothing here needs an account or Docker before `deploy`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { parse } from "yaml";
import { type Choices, ShodoStack } from "./stack.ts";

const app = new App({
  context: {
    ...createRequire(import.meta.url)("aws-cdk-lib/recommended-feature-flags.json"),
    // Else a Lambda function with rights over security groups comes along.
    "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": false,
  },
});
const file = text("config");
const root = join(import.meta.dirname, "../..");
new ShodoStack(app, text("stack") ?? "Shodo", {
  settings: file === undefined ? {} : parse(readFileSync(file, "utf8")),
  reads: JSON.parse(readFileSync(join(root, "infra/iam-policy.json"), "utf8")),
  state: state(text("state") ?? "file"),
  tasks: Number(text("tasks") ?? 1),
  source: root,
  image: text("image"),
  vpcId: text("vpc"),
  certificateArn: text("certificate"),
  domain: text("domain"),
  secret: text("secret"),
  secretKeys: text("secretKeys")?.split(",") ?? [],
  email: text("email"),
  // Known to `cdk deploy`; absent without an account, and then nothing is looked up.
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});

function text(name: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name);
  return value === undefined ? undefined : String(value);
}

function state(name: string): Choices["state"] {
  if (name === "file" || name === "postgres") return name;
  throw new Error(`-c state=${name} is neither "file" nor "postgres"`);
}
