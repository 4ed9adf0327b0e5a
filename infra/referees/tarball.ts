import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { Referee } from "./run.ts";
import { environment, root, scratch } from "./servers.ts";

/**
 * What `npx -y shodo mcp` does on a new machine: the packed tarball in an empty folder, no
 * configuration, an MCP client, a recorded incident to its report.
 */
export const tarball: Referee = async (report) => {
  const folder = join(scratch, "empty");
  mkdirSync(folder, { recursive: true });
  const npm = (args: readonly string[], cwd: string) =>
    spawnSync("npm", [...args], { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const packed = npm(["pack", "--json", "--pack-destination", folder], root);
  const [{ filename, size }] = JSON.parse(packed.stdout) as [{ filename: string; size: number }];
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const installed = npm(["install", ...quiet, `./${filename}`], folder);
  report("the tarball installs", installed.status === 0, `${(size / 1e6).toFixed(1)} MB packed`);
  if (installed.status !== 0) return;

  const client = new Client({ name: "referee", version: "0" });
  const env = Object.fromEntries(
    Object.entries({
      ...environment,
      SHODO_CONFIG: undefined,
      SHODO_HOME: join(folder, "state"),
    }).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
  const args = [join(folder, "node_modules/.bin/shodo"), "mcp"];
  const transport = new StdioClientTransport({ command: process.execPath, args, env, cwd: folder });
  await client.connect(transport);
  const words = client.getInstructions() ?? "";
  report("it says that it is demo data", words.includes("demo incidents"), words.slice(-120));
  // Every field is narrowed where it is used.
  const facts = async (name: string, input: object) =>
    (await client.callTool({ name, arguments: { ...input } }))
      .structuredContent as unknown as Record<string, never>;
  const listed = await facts("list_incidents", {});
  const [demo] = (listed.demo_incidents ?? []) as { demo: string }[];
  report("it lists recorded incidents", demo !== undefined, demo?.demo ?? "none");
  if (demo) {
    const { incident } = await facts("start_investigation", { demo: demo.demo });
    const done = await facts("get_investigation", { incident, wait_s: 30 });
    const { conclusion, summary } = (done.report ?? {}) as {
      conclusion?: string;
      summary?: string;
    };
    report("it investigates one", done.state === "reported", `${conclusion}: ${summary}`);
    const view = await client.readResource({ uri: "ui://shodo/investigation.html" });
    report("it ships the MCP App", JSON.stringify(view).includes("shodo/view"), "page is there");
    const { prompts } = await client.listPrompts();
    report("it ships the prompts", prompts.length === 4, `${prompts.length} prompts`);
  }
  await client.close();
};
