import { describe, expect, it } from "vitest";
import { readChanges } from "../core/row-readers.ts";
import { systemClock } from "../platform/clock.ts";
import { awsDeployments } from "./aws-deployments.ts";
import { settingsDiff } from "./changes/deployment-diff.ts";
import { freeContext } from "./testing/ask.ts";
import { type AwsReply, type AwsRequest, answer, awsDouble, fault } from "./testing/aws-double.ts";
import { ecsHandlers } from "./testing/ecs-double.ts";
import { fakeAwsCredentials } from "./testing/moto.ts";
import { sourceConformance } from "./testing/source-conformance.ts";

fakeAwsCredentials(process.env);
const minute = 60_000;
const now = Math.floor(systemClock.now() / minute) * minute;
const window = { from: now - 60 * minute, to: now };
const emptyWindow = { from: window.from - 9e8, to: window.from - 8e8 };
const at = now - 20 * minute;

const ecs = ecsHandlers(() => [
  {
    service: "payment",
    at,
    before: { TIMEOUT_MS: "3000", DB_PASSWORD: "old", RETRIES: "2" },
    after: { TIMEOUT_MS: "260", DB_PASSWORD: "new", RETRIES: "2" },
  },
]);
const iso = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");
const version = (Version: string, CodeSha256: string, ms: number, Timeout: number) => ({
  FunctionName: "resize",
  Version,
  CodeSha256,
  LastModified: iso(ms),
  Timeout,
  Runtime: "nodejs24.x",
  RevisionId: "abcdef12-3",
});

async function serve(request: AwsRequest): Promise<AwsReply> {
  const { operation, body } = request;
  if (operation === "2015-03-31/functions") {
    return answer({ Functions: [version("$LATEST", "new", at - minute, 3)] });
  }
  if (operation === "2015-03-31/functions/resize/versions") {
    return answer({
      Versions: [version("7", "old", at - 9e7, 30), version("$LATEST", "new", at, 3)],
    });
  }
  if (operation === "ListDeployments") {
    const { start, end } = body.createTimeRange as { start: number; end: number };
    const made = (at - 2 * minute) / 1_000;
    return answer({ deployments: made >= start && made < end ? ["d-1"] : [] });
  }
  if (operation === "BatchGetDeployments") {
    const git = (commitId: string) => ({
      revisionType: "GitHub",
      gitHubLocation: { repository: "shop/cart", commitId },
    });
    const own = {
      deploymentId: "d-1",
      applicationName: "cart",
      createTime: (at - 2 * minute) / 1_000,
      status: "Succeeded",
      creator: "user",
      description: "faster totals",
      revision: git("bbbbbbbbbbbb"),
      previousRevision: git("aaaaaaaaaaaa"),
    };
    return answer({ deploymentsInfo: [own] });
  }
  const own = await ecs[operation]?.(request);
  if (own?.kind === "answer") return own;
  throw new Error(`${operation} is not served`);
}

const served = await awsDouble(serve);

function open(endpoint: string) {
  const own = awsDeployments.settings.parse({ region: "eu-west-1", endpoint });
  return awsDeployments.open("deployments", own);
}

sourceConformance("Deployments", {
  open: () => open(served.endpoint),
  window,
  baseline: emptyWindow,
  emptyWindow,
  isAws: true,
  expected: ["changes"],
  now: systemClock.now,
});

describe("deployments", () => {
  it("tell what each changed, and whether that was code or configuration", async () => {
    const source = await open(served.endpoint);
    const outcome = await source.run({ kind: "changes" }, window, freeContext());
    const rows = outcome.kind === "data" ? readChanges(outcome.frame) : [];
    expect(rows).toMatchObject([
      { kind: "config", service: "payment", ref: "payment:13", timestamp: at },
      { kind: "deploy", service: "resize", title: "Lambda function resize: new code" },
      {
        kind: "deploy",
        service: "cart",
        ref: "d-1",
        title:
          "CodeDeploy deployment of cart from shop/cart@aaaaaaaaaa to shop/cart@bbbbbbbbbb " +
          "(succeeded): faster totals",
      },
    ]);
    expect(
      rows[0]?.diff,
    ).toBe(`diff --git a/task-definition/payment.json b/task-definition/payment.json
--- a/task-definition/payment.json
+++ b/task-definition/payment.json
@@ -1,2 +1,2 @@
-  "DB_PASSWORD": "(hidden, before)",
+  "DB_PASSWORD": "(hidden, after)",
-  "TIMEOUT_MS": 3000,
+  "TIMEOUT_MS": 260,
`);
    expect(rows[1]?.diff).toContain('-  "timeoutSeconds": 30,\n+  "timeoutSeconds": 3,');
    expect(rows[1]?.files).toEqual(["function/resize.json"]);
  });

  it("are a gap where one of the services may not be read, and a failure when none may", async () => {
    await using some = await awsDouble((request) =>
      request.operation === "ListClusters" ? fault("AccessDeniedException") : serve(request),
    );
    const source = await open(some.endpoint);
    const outcome = await source.run({ kind: "changes" }, window, freeContext());
    expect(outcome.kind === "data" && outcome.gaps[0]?.why).toContain("ecs:ListClusters");
    expect((await source.probe(freeContext())).state).toBe("limited");
    await using none = await awsDouble(() => fault("AccessDeniedException", 403));
    const blind = await (await open(none.endpoint)).run({ kind: "changes" }, window, freeContext());
    expect(blind).toMatchObject({ kind: "failed", reason: "denied" });
  });

  it("are known without their diff where it cannot be read, and that is said", async () => {
    await using some = await awsDouble((request) =>
      /DescribeTaskDefinition$|\/versions$/.test(request.operation)
        ? fault("AccessDeniedException", 403)
        : serve(request),
    );
    const outcome = await (await open(some.endpoint)).run(
      { kind: "changes" },
      window,
      freeContext(),
    );
    if (outcome.kind !== "data") throw new Error(outcome.kind);
    expect(readChanges(outcome.frame).map(({ service, diff }) => [service, diff])).toEqual([
      ["payment", null],
      ["resize", null],
      ["cart", null],
    ]);
    expect(outcome.gaps.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      expect.stringMatching(/of ecs changed: denied: ecs:DescribeTaskDefinition is not allowed/),
      expect.stringMatching(/of lambda changed: denied: lambda:ListVersionsByFunction is not/),
    ]);
  });

  it("lay a function beside its newest version, however many pages of older ones there are", async () => {
    const pages: string[] = [];
    await using aged = await awsDouble((request) => {
      if (!/\/versions$/.test(request.operation)) return serve(request);
      const page = Number(request.search.get("Marker") ?? 0);
      pages.push(String(page));
      const Versions = Array.from({ length: 50 }, (_, i) => ({
        ...{ FunctionName: "resize", Version: String(page * 50 + i + 1), CodeSha256: "old" },
        ...{ Timeout: page * 50 + i + 100, LastModified: new Date(at - 60 * minute).toISOString() },
      }));
      return answer({ Versions, ...(page < 2 ? { NextMarker: String(page + 1) } : {}) });
    });
    const source = await open(aged.endpoint);
    const outcome = await source.run({ kind: "changes" }, window, freeContext());
    const rows = outcome.kind === "data" ? readChanges(outcome.frame) : [];
    const diff = rows.find(({ service }) => service === "resize")?.diff;
    expect(diff).toContain('-  "timeoutSeconds": 249,');
    expect(pages).toEqual(["0", "1", "2"]);
  });

  it("say nothing of settings that did not change", () => {
    expect(settingsDiff("f", { a: "1" }, { a: "1" })).toBeNull();
  });
});
