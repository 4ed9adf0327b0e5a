import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demoIncidents } from "./app/demo-incidents.ts";
import { packageRoot, packageVersion } from "./app/package-root.ts";
import type { Runtime } from "./cli/runtime.ts";
import { systemClock } from "./platform/clock.ts";
import { randomIds } from "./platform/ids.ts";

/**
 * The composition root: what the command line asks for, wired from the parts that do it. Every part
 * is loaded when it is first needed, so that `--help` costs nothing.
 */
export function createRuntime(): Runtime {
  const clock = systemClock;
  const ids = randomIds(clock);
  return {
    clock,
    version: packageVersion(),
    demoIncidents,
    async openAnalyst(options) {
      const { openAnalyst } = await import("./app/open-analyst.ts");
      return openAnalyst({ ...options, clock, ids });
    },
    async evaluate(options) {
      const { runEvaluation } = await import("./app/run-evaluation.ts");
      return runEvaluation(options, { clock, ids });
    },
    async replay(file, configFile) {
      const { runReplay } = await import("./app/run-replay.ts");
      return runReplay(file, { configFile, clock });
    },
    async doctor(options) {
      const { runDoctor } = await import("./app/run-doctor.ts");
      return runDoctor(options, { clock, ids });
    },
    exampleConfig: () => readFileSync(join(packageRoot, "infra/shodo.example.yaml"), "utf8"),
    async awsSetup(options) {
      const { proposeAws } = await import("./app/propose-aws.ts");
      return proposeAws(options, clock);
    },
    async slackSetup(transport, url) {
      const { initText } = await import("./slack/manifest.ts");
      return initText(transport, url);
    },
    async serveMcp(options) {
      const { serveMcp } = await import("./app/serve-mcp.ts");
      return serveMcp(options, { clock, ids });
    },
    async newMcpToken(name, scopes) {
      const { newMcpToken } = await import("./app/new-mcp-token.ts");
      return newMcpToken(name, scopes, ids);
    },
    async serve(options) {
      const { runServe } = await import("./app/run-serve.ts");
      return runServe(options, { clock, ids });
    },
    async receive(options) {
      const { runReceive } = await import("./app/run-receive.ts");
      return runReceive(options, clock);
    },
    async verifyAudit(options) {
      const { verifyAudit } = await import("./app/state-tasks.ts");
      return verifyAudit(options, { clock, ids });
    },
    async forget(options) {
      const { forget } = await import("./app/state-tasks.ts");
      return forget(options, { clock, ids });
    },
    async toolTable() {
      const { toolTable } = await import("./app/tool-table.ts");
      return toolTable();
    },
  };
}
