import { expect, it } from "vitest";
import { systemClock } from "../../platform/clock.ts";
import { cloudwatchAlarms } from "../cloudwatch-alarms.ts";
import { cloudwatchMetrics } from "../cloudwatch-metrics.ts";
import { freeContext } from "../testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble } from "../testing/aws-double.ts";
import { fakeAwsCredentials } from "../testing/moto.ts";

fakeAwsCredentials(process.env);
const minute = 60_000;
const now = systemClock.now();
const window = { from: now - 30 * minute, to: now };

const role = (account: string) => `arn:aws:iam::${account}:role/reader`;

/** What STS answers, in its own XML. */
function session(key: string, minutesLeft: number): AwsReply {
  const ends = new Date(now + minutesLeft * minute).toISOString();
  const text = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleResult><Credentials><AccessKeyId>${key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>${ends}</Expiration></Credentials></AssumeRoleResult>
</AssumeRoleResponse>`;
  return { kind: "text", text };
}

const refusal: AwsReply = {
  kind: "text",
  status: 403,
  text: `<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>`,
};

const accountIn = ({ body }: AwsRequest) =>
  /role%2Freader/.test(String(body.form)) ? /iam%3A%3A(\d+)/.exec(String(body.form))?.[1] : null;

/** An account whose sessions last so long; keys are numbered as they are given out. */
function serving(minutesLeft: number) {
  let given = 0;
  return (request: AwsRequest): AwsReply => {
    if (request.operation === "AssumeRole") {
      given += 1;
      return session(`KEY${accountIn(request)}x${given}`, minutesLeft);
    }
    if (request.operation === "ListMetrics") return answer({ Metrics: [] });
    return answer({ MetricAlarms: [], CompositeAlarms: [], AlarmHistoryItems: [] });
  };
}

const alarms = (endpoint: string, roleArn: string, region = "eu-west-1", more = {}) =>
  cloudwatchAlarms.open(
    "alarms",
    cloudwatchAlarms.settings.parse({ region, endpoint, roleArn, ...more }),
  );

it("assumes a role once for all sources and reads, with its external id", async () => {
  await using aws = await awsDouble(serving(60));
  const own = { region: "eu-west-1", endpoint: aws.endpoint, roleArn: role("111111111111") };
  const settings = { ...own, externalId: "shodo-7" };
  const first = await alarms(aws.endpoint, own.roleArn, own.region, { externalId: "shodo-7" });
  const second = await cloudwatchMetrics.open("m", cloudwatchMetrics.settings.parse(settings));
  await Promise.all([
    first.run({ kind: "alarms" }, window, freeContext()),
    second.run({ kind: "metric-list" }, window, freeContext()),
    first.run({ kind: "alarms", state: "all" }, window, freeContext()),
  ]);
  expect(aws.count("AssumeRole")).toBe(1);
  expect(String(aws.requests[0]?.body.form)).toContain("ExternalId=shodo-7");
  const reads = aws.requests.filter(({ operation }) => operation !== "AssumeRole");
  expect(new Set(reads.map(({ key }) => key))).toEqual(new Set(["KEY111111111111x1"]));
  await Promise.all([first.close(), second.close()]);
});

it("assumes the role again before its session ends", async () => {
  await using aws = await awsDouble(serving(4));
  const source = await alarms(aws.endpoint, role("222222222222"));
  await source.run({ kind: "alarms" }, window, freeContext());
  const before = aws.count("AssumeRole");
  const outcome = await source.run({ kind: "alarms" }, window, freeContext());
  expect(outcome.kind).toBe("empty");
  expect(aws.count("AssumeRole")).toBeGreaterThan(before);
  expect(aws.requests.at(-1)?.key).toBe(`KEY222222222222x${aws.count("AssumeRole")}`);
  await source.close();
});

it("tries again to assume a role that could not be assumed before", async () => {
  let isDown = true;
  const serve = serving(60);
  await using aws = await awsDouble((request) =>
    request.operation === "AssumeRole" && isDown ? refusal : serve(request),
  );
  const source = await alarms(aws.endpoint, role("333333333333"));
  const denied = await source.run({ kind: "alarms" }, window, freeContext());
  expect(denied).toMatchObject({ kind: "failed", reason: "denied" });
  expect(denied.kind === "failed" && denied.message).toContain('"Action":"sts:AssumeRole"');
  isDown = false;
  expect((await source.run({ kind: "alarms" }, window, freeContext())).kind).toBe("empty");
  await source.close();
});

it("reads several accounts and regions in one process, each with its own session", async () => {
  await using aws = await awsDouble(serving(60));
  const places = [
    ["444444444444", "eu-west-1"],
    ["444444444444", "us-east-1"],
    ["555555555555", "eu-west-1"],
  ] as const;
  const outcomes = await Promise.all(
    places.map(async ([account, region]) => {
      const source = await alarms(aws.endpoint, role(account), region);
      const outcome = await source.run({ kind: "alarms" }, window, freeContext());
      await source.close();
      return outcome.provenance;
    }),
  );
  expect(outcomes.map(({ account, region }) => [account, region])).toEqual(places);
  const reads = aws.requests.filter(({ operation }) => operation === "DescribeAlarms");
  const seen = reads.map(({ key, region }) => `${key?.slice(3, 15)} ${region}`);
  expect(seen.sort()).toEqual(places.map(([account, region]) => `${account} ${region}`).sort());
});

it("never guesses a region: without one it says where to set it", async () => {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_CONFIG_FILE } = process.env;
  delete process.env.AWS_REGION;
  delete process.env.AWS_DEFAULT_REGION;
  process.env.AWS_CONFIG_FILE = "/dev/null";
  try {
    const source = await cloudwatchAlarms.open("alarms", cloudwatchAlarms.settings.parse({}));
    const outcome = await source.run({ kind: "alarms" }, window, freeContext());
    await source.close();
    expect(outcome).toMatchObject({
      kind: "failed",
      message: "No AWS region is set; set `region` of the source, or AWS_REGION.",
    });
  } finally {
    Object.assign(process.env, definedOf({ AWS_REGION, AWS_DEFAULT_REGION, AWS_CONFIG_FILE }));
    if (AWS_CONFIG_FILE === undefined) delete process.env.AWS_CONFIG_FILE;
  }
});

function definedOf(all: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
