import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { answer, awsDouble, fault } from "../sources/testing/aws-double.ts";
import { fakeAwsCredentials } from "../sources/testing/moto.ts";
import { runDoctor } from "./run-doctor.ts";

fakeAwsCredentials(process.env);
const folder = mkdtempSync(join(tmpdir(), "shodo-doctor-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function doctor(endpoint: string) {
  const configFile = join(folder, "shodo.yaml");
  const own = { region: "eu-west-1", endpoint };
  const kinds = ["cloudwatch-metrics", "cloudwatch-logs", "cloudtrail"];
  writeFileSync(configFile, JSON.stringify({ sources: kinds.map((kind) => ({ kind, ...own })) }));
  const ids = randomIds(systemClock);
  const options = { configFile, model: "builtin", storePath: ":memory:" };
  return runDoctor(options, { clock: systemClock, ids });
}

it("prints one statement with every right that AWS refused, in whichever source", async () => {
  await using aws = await awsDouble(({ operation }) => {
    if (operation === "ListMetrics") return answer({ Metrics: [] });
    if (operation === "DescribeLogGroups") return answer({ logGroups: [{ logGroupName: "/a" }] });
    if (operation === "LookupEvents") return answer({ Events: [] });
    return fault("AccessDeniedException", 403);
  });
  const { text, isReady } = await doctor(aws.endpoint);
  expect(isReady).toBe(false);
  expect(text).toContain("missing rights: cloudwatch:GetMetricData, logs:StartQuery\n");
  const statement = JSON.parse(/^ {2}(\{"Effect".*\})$/m.exec(text)?.[1] ?? "null");
  expect(statement).toEqual({
    Effect: "Allow",
    Action: [
      "cloudwatch:GetMetricData",
      ...["logs:GetLogRecord", "logs:GetQueryResults", "logs:StartQuery", "logs:StopQuery"],
    ],
    Resource: "*",
  });
});

it("asks for no right where credentials are what is wrong", async () => {
  await using aws = await awsDouble(() => fault("ExpiredTokenException", 403));
  const { text } = await doctor(aws.endpoint);
  expect(text).toContain("The AWS credentials have expired; sign in again.");
  expect(text).not.toContain("missing rights");
});
