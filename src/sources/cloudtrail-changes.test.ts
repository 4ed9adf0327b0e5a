import { expect, it } from "vitest";
import { readChanges } from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { cloudtrail } from "./cloudtrail-changes.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { fakeAwsCredentials } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const region = "eu-west-1";
const now = Math.floor(systemClock.now() / 60_000) * 60_000;
const window = { from: now - 7_200_000, to: now };
const emptyWindow = { from: now - 200 * 86_400_000, to: now - 199 * 86_400_000 };

// Shaped as CloudTrail documents its events; moto does not implement LookupEvents.
const event = (id: string, EventName: string, EventSource: string, more: object = {}) => ({
  EventId: id,
  EventName,
  EventSource,
  EventTime: (now - 3_600_000) / 1_000,
  Username: "deployer",
  CloudTrailEvent: JSON.stringify(more),
});
const pages = [
  [
    event("1", "UpdateService", "ecs.amazonaws.com", {
      requestParameters: { cluster: "prod", service: "arn:aws:ecs:eu-west-1:1:service/prod/cart" },
    }),
    event("2", "AssumeRole", "sts.amazonaws.com"),
    event("3", "UpdateFunctionConfiguration20150331v2", "lambda.amazonaws.com", {
      requestParameters: { functionName: "checkout-fn" },
    }),
  ],
  [
    event("4", "StartDeployment", "appconfig.amazonaws.com"),
    event("5", "ModifyDBInstance", "rds.amazonaws.com", {
      errorCode: "AccessDenied",
      requestParameters: { dBInstanceIdentifier: "orders-db" },
    }),
  ],
];
const serve = ({ body }: AwsRequest): AwsReply =>
  answer(body.NextToken ? { Events: pages[1] } : { Events: pages[0], NextToken: "2" });

const open = (endpoint: string, more: object = {}) =>
  cloudtrail.open("trail", cloudtrail.settings.parse({ region, endpoint, ...more }));

const served = await awsDouble(serve);

sourceConformance("CloudTrail", {
  open: () => open(served.endpoint),
  window,
  baseline: emptyWindow,
  emptyWindow,
  isAws: true,
  expected: ["changes"],
  now: systemClock.now,
});

it("tells deploys, configuration, flags and infrastructure apart, over all pages", async () => {
  const source = await open(served.endpoint, { services: { "checkout-fn": "checkout" } });
  const outcome = await source.run({ kind: "changes" }, window, freeContext());
  const rows = outcome.kind === "data" ? readChanges(outcome.frame) : [];
  expect(rows.map(({ kind, service, title }) => [kind, service, title])).toEqual([
    ["deploy", "cart", "UpdateService cart"],
    ["config", "checkout", "UpdateFunctionConfiguration20150331v2 checkout-fn"],
    ["flag", "", "StartDeployment"],
    ["infrastructure", "orders-db", "ModifyDBInstance orders-db (refused: AccessDenied)"],
  ]);
  expect(served.requests.at(-1)?.body.LookupAttributes).toEqual([
    { AttributeKey: "ReadOnly", AttributeValue: "false" },
  ]);
  const narrow = { kind: "changes", services: ["cart"] } as const;
  const some = await source.run(narrow, window, freeContext());
  expect(some.kind === "data" && readChanges(some.frame).map(({ ref }) => ref)).toEqual(["1", "4"]);
  await source.close();
});

it("says that it stopped before the last page", async () => {
  const source = await open(served.endpoint, { pagesMax: 1 });
  const outcome = await source.run({ kind: "changes" }, window, freeContext());
  expect(outcome.provenance).toMatchObject({ truncated: true, rows: 2, region });
  await source.close();
});

it("reads through a role, assumed once, and names the right that is missing for it", async () => {
  const roleArn = "arn:aws:iam::123456789012:role/shodo-read";
  const assumed = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
    <AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey>
    <SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
    </AssumeRoleResult></AssumeRoleResponse>`;
  await using aws = await awsDouble((request) =>
    request.operation === "AssumeRole" ? { kind: "text", text: assumed } : serve(request),
  );
  const source = await open(aws.endpoint, { roleArn, externalId: "shodo" });
  const outcomes = await Promise.all(
    [1, 2].map(() => source.run({ kind: "changes" }, window, freeContext())),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(["data", "data"]);
  expect(outcomes[0]?.provenance.account).toBe("123456789012");
  const [role, ...others] = aws.requests.filter(({ operation }) => operation === "AssumeRole");
  expect(others).toEqual([]);
  expect(String(role?.body.form)).toContain("ExternalId=shodo");
  await source.close();
});

it("never reads a refusal as no changes", async () => {
  await using aws = await awsDouble(() => fault("AccessDeniedException"));
  const source = await open(aws.endpoint);
  const outcome = await source.run({ kind: "changes" }, window, freeContext());
  expect(outcome).toMatchObject({ kind: "failed", reason: "denied" });
  expect(outcome.kind === "failed" && outcome.message).toContain(
    '{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}',
  );
  const probe = await source.probe(freeContext());
  expect(probe.state).toBe("unreachable");
  expect(probe.lines[0]).toContain("cloudtrail:LookupEvents");
  await source.close();
});
