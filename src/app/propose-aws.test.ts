import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfig } from "../config.ts";
import { systemClock } from "../platform/clock.ts";
import { capturedAccount } from "../sources/testing/aws-account.ts";
import { fakeAwsCredentials, isMotoThere, motoNote, startMoto } from "../sources/testing/moto.ts";
import { openSources } from "./analyst/open-sources.ts";
import { packageRoot } from "./package-root.ts";
import { proposeAws } from "./propose-aws.ts";

fakeAwsCredentials(process.env);

it.runIf(isMotoThere)(
  `proposes sources, KPIs and SLOs from what is in an account${motoNote}`,
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
