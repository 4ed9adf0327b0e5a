/**
 * Real hosts against a model endpoint that follows a script: opt-in, because each host is 360 MB or
 * more. `node infra/referees/hosts/run.ts claude-code|codex`. Nothing of the person's own is used: the
 * host gets an empty home and no other environment.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environment, main, scratch } from "../servers.ts";
import { type FakeModel, fakeModel, type Turn } from "./fake-model.ts";

interface Host {
  /** Package and exact version, from npm. */
  readonly install: string;
  readonly script: readonly Turn[];
  /** Writes the host's files into `home` and gives its command line. */
  prepare(home: string, model: FakeModel): { readonly bin: string; readonly args: string[] };
  readonly environment: (model: FakeModel) => NodeJS.ProcessEnv;
}

const last: Turn = { kind: "say", text: "All incidents are listed." };

const hosts: Readonly<Record<string, Host>> = {
  "claude-code": {
    install: "@anthropic-ai/claude-code@2.1.329",
    script: [
      { kind: "call", tool: "ToolSearch", input: { query: "select:mcp__shodo__list_incidents" } },
      { kind: "call", tool: "mcp__shodo__list_incidents", input: {} },
      last,
    ],
    prepare: (home) => {
      const config = join(home, "mcp.json");
      const shodo = { type: "stdio", command: process.execPath, args: [main, "mcp"] };
      writeFileSync(config, JSON.stringify({ mcpServers: { shodo } }));
      const flags = ["-p", "--strict-mcp-config", "--mcp-config", config, "--max-turns", "4"];
      const allow = ["--allowedTools", "mcp__shodo__list_incidents"];
      return { bin: "claude", args: [...flags, ...allow, "--", "List the incidents."] };
    },
    environment: (model) => ({
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: "dummy",
      DISABLE_AUTOUPDATER: "1",
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    }),
  },
  codex: {
    install: "@openai/codex@0.169.0",
    script: [{ kind: "call", tool: "mcp__shodo/list_incidents", input: {} }, last],
    prepare: (home, model) => {
      mkdirSync(join(home, ".codex"), { recursive: true });
      const lines = [
        'model = "fake"',
        'model_provider = "fake"',
        "[model_providers.fake]",
        'name = "fake"',
        `base_url = "${model.url}/v1"`,
        'wire_api = "responses"',
        "[mcp_servers.shodo]",
        // The first turn is sent with the tools that are there by then.
        "required = true",
        "startup_timeout_sec = 60",
        `command = ${JSON.stringify(process.execPath)}`,
        `args = ${JSON.stringify([main, "mcp"])}`,
        `env = ${JSON.stringify({ SHODO_HOME: join(home, "state") })
          .replaceAll(":", " = ")
          .replace('"SHODO_HOME"', "SHODO_HOME")}`,
      ];
      writeFileSync(join(home, ".codex/config.toml"), `${lines.join("\n")}\n`);
      const flags = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"];
      return { bin: "codex", args: [...flags, "List the incidents."] };
    },
    environment: () => ({}),
  },
};

const name = process.argv[2] ?? "";
const host = hosts[name];
if (!host) throw new Error(`name a host: ${Object.keys(hosts).join(", ")}`);

const folder = join(tmpdir(), `shodo-host-${name}`);
if (!existsSync(join(folder, "node_modules"))) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const options = ["--no-audit", "--no-fund"];
  const npm = spawnSync("npm", ["install", ...options, host.install], { cwd: folder });
  if (npm.status !== 0) throw new Error(`${host.install} could not be installed`);
}

const model = await fakeModel(host.script);
const home = join(scratch, name);
mkdirSync(home, { recursive: true });
const { bin, args } = host.prepare(home, model);
const env = {
  PATH: environment.PATH,
  HOME: home,
  SHODO_HOME: join(home, "state"),
  ...host.environment(model),
};
const child = spawn(join(folder, "node_modules/.bin", bin), args, {
  cwd: home,
  env,
  stdio: ["ignore", "pipe", "pipe"],
  timeout: 120_000,
});
let said = "";
for (const stream of [child.stdout, child.stderr]) {
  stream.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
}
const code = await new Promise((resolve) => child.on("close", resolve));
model.close();

const shown = model.seen.at(-1) ?? "";
const isShown = /demo_incidents|01-amber-harbor/.test(shown);
const isSaid = said.includes(last.kind === "say" ? last.text : "");
console.log(`${isShown ? "ok  " : "FAIL"} ${name} showed its model the tool's result`);
console.log(`${isSaid ? "ok  " : "FAIL"} ${name} ended with the model's words (exit ${code})`);
if (!isShown || !isSaid) console.log(said.slice(-2_000), shown.slice(-2_000));
process.exit(isShown && isSaid ? 0 : 1);
