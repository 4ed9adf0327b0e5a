import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../config.ts";
import { type InvestigationRequest, requestBy } from "../core/investigation-request.ts";
import { localPrincipal } from "../core/principal.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { renderMarkdown } from "../report/markdown.ts";
import { capturedAccount } from "../sources/testing/aws-account.ts";
import { awsDouble, fault } from "../sources/testing/aws-double.ts";
import { fakeAwsCredentials, isMotoThere, motoNote, startMoto } from "../sources/testing/moto.ts";
import { openSources } from "./analyst/open-sources.ts";
import { openAnalyst } from "./open-analyst.ts";
import { packageRoot } from "./package-root.ts";
import { proposeAws } from "./propose-aws.ts";

fakeAwsCredentials(process.env);

it.runIf(isMotoThere)(
  `proposes what reads an account as it is, at a cost that is said and held to${motoNote}`,
  async () => {
    const moto = await startMoto();
    try {
      const folder = join(packageRoot, "examples/incidents/01-amber-harbor");
      const endsAt = systemClock.now() - 60_000;
      await using account = await capturedAccount(moto.endpoint, folder, endsAt);
      const { region, endpoint } = account;
      const client = new CloudWatchLogsClient({ region, endpoint });
      const logGroupName = "/aws/cloudtrail/audit";
      await client.send(new CreateLogGroupCommand({ logGroupName }));
      client.destroy();
      const own = { region, endpoint, profile: undefined, roleArn: undefined };
      const text = await proposeAws(own, systemClock);
      const made = parse(text);
      const file = join(mkdtempSync(join(tmpdir(), "shodo-init-")), "shodo.yaml");
      writeFileSync(file, text);
      const config = loadConfig({ file, cwd: tmpdir(), environment: {} });
      for (const source of await openSources(config.sources)) await source.close();
      const { incident, shiftMs } = account;
      const moved = ({ from, to }: Window) => ({ from: from + shiftMs, to: to + shiftMs });
      const baseline = incident.baseline ? moved(incident.baseline) : null;
      const asked = { question: "checkout errors", window: moved(incident.window), baseline };
      const report = await investigated(file, asked);
      expect(report.rootCauses[0]).toMatchObject({ service: "payment" });
      expect(report.impact.business.length).toBeGreaterThan(0);
      const [, cost = "0"] =
        /reads cost (\S+) USD \(\S+ USD and .+ expected beforehand\)/.exec(
          renderMarkdown(report),
        ) ?? [];
      expect(Number(cost)).toBeGreaterThan(0.001);
      const poor = join(mkdtempSync(join(tmpdir(), "shodo-init-")), "shodo.yaml");
      writeFileSync(poor, `${text}\nbudget: { sourcesUsd: 0.001 }\n`);
      const stopped = await investigated(poor, asked);
      expect(stopped.usage.sourcesUsd).toBeLessThanOrEqual(0.001);
      expect(renderMarkdown(stopped)).toContain("raise budget.sourcesUsd");
      expect(stopped.confidence).toBeLessThan(report.confidence);
      const kinds = made.sources.map(({ kind }: { kind: string }) => kind);
      expect(kinds).toEqual(expect.arrayContaining(["cloudwatch-metrics", "xray", "athena"]));
      // moto lacks it: it stands there as a comment, with the reason above it.
      expect(kinds).not.toContain("application-signals");
      expect(text).toContain("# - kind: application-signals");
      const logs = made.sources.find(({ kind }: { kind: string }) => kind === "cloudwatch-logs");
      expect(logs.logGroups).toEqual(expect.arrayContaining(["/ecs/catalog", "/ecs/payment"]));
      expect(logs.logGroups).not.toContain("/aws/cloudtrail/audit");
      expect(text).toContain("left out, as no application writes there: /aws/cloudtrail/audit");
      expect(text).toContain("# Services found: catalog, checkout, inventory, payment, postgres");
      const kpis = made.kpis.map(({ metric }: { metric: string }) => metric);
      expect(kpis).toEqual(expect.arrayContaining(["orders.placed", "revenue", "users.active"]));
      expect(kpis.join()).not.toContain("duration");
      expect(made.slos[0]).toEqual({
        name: "catalog availability",
        service: "catalog",
        target: 0.995,
        badMetric: "http.server.request.duration.errors",
        totalMetric: "http.server.request.duration.count",
      });
    } finally {
      moto.stop();
    }
  },
  60_000,
);

it("proposes a file that loads where nothing may be read", async () => {
  await using aws = await awsDouble(() => fault("AccessDeniedException"));
  const own = { region: "eu-west-1", endpoint: aws.endpoint };
  const text = await proposeAws({ ...own, profile: undefined, roleArn: undefined }, systemClock);
  const file = join(mkdtempSync(join(tmpdir(), "shodo-init-")), "shodo.yaml");
  writeFileSync(file, text);
  expect(loadConfig({ file, cwd: tmpdir(), environment: {} }).sources).toEqual([]);
  expect(text).toContain("# - kind: xray");
  expect(text).toMatch(/^# {3}\{"Effect":"Allow","Action":\[.*"xray:GetTraceSummaries".*\]/m);
  expect(text).toContain('add {"Effect":"Allow","Action":"logs:DescribeLogGroups","Resource":"*"}');
});

async function investigated(configFile: string, own: Partial<InvestigationRequest>) {
  const clock = systemClock;
  const options = { configFile, model: "builtin", storePath: ":memory:" };
  const opened = await openAnalyst({ ...options, clock, ids: randomIds(clock) });
  try {
    return await opened.analyst.investigate(requestBy(localPrincipal, own));
  } finally {
    await opened.close();
  }
}
