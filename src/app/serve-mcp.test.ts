import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getEncoding } from "js-tiktoken";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../config.ts";
import { catalogOf } from "../mcp/catalog.ts";
import { mcpLimits } from "../mcp/limits.ts";
import { connect, type Era } from "../mcp/testing/connect.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { packageRoot } from "./package-root.ts";
import { settingsBeside } from "./serve/serve-mcp-beside.ts";
import { openMcpParts } from "./serve-mcp.ts";

const eras: readonly Era[] = ["2026-07-28", "2025"];

describe("the MCP server as it ships", () => {
  let opened: Awaited<ReturnType<typeof openMcpParts>>;
  beforeAll(async () => {
    const home = mkdtempSync(join(tmpdir(), "shodo-"));
    const config = loadConfig({ cwd: home, environment: { SHODO_HOME: home } });
    opened = await openMcpParts(config, undefined, {
      clock: systemClock,
      ids: randomIds(systemClock),
    });
  });
  afterAll(() => opened.close());

  it.each(eras)("lists few tools for few tokens in the %s era", async (era) => {
    const { tools } = await (await connect(opened.parts, era)).listTools();
    expect(tools.map((tool) => tool.name)).toMatchInlineSnapshot(`
      [
        "start_investigation",
        "get_investigation",
        "ask_investigation",
        "list_incidents",
        "show_investigation",
        "cancel_investigation",
        "analyze_traces",
        "compare_log_patterns",
        "find_anomalies",
        "list_changes",
        "list_services",
        "query_metrics",
        "search_logs",
        "search_tools",
        "run_tool",
      ]
    `);
    expect(tools.length).toBeLessThanOrEqual(mcpLimits.directToolsMax);
    const tokens = getEncoding("o200k_base").encode(JSON.stringify({ tools })).length;
    expect(tokens).toBeLessThan(mcpLimits.listTokensMax);
  });

  it("describes every tool as the goldens say, so that a change is seen", async () => {
    const { tools } = await (await connect(opened.parts)).listTools();
    for (const tool of tools) {
      const path = `__fixtures__/mcp-tools/${tool.name}.json`;
      await expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(path);
    }
  });

  it("gives every argument of every tool a type, and words for models", async () => {
    const { tools } = await (await connect(opened.parts)).listTools();
    for (const tool of tools) {
      expect(tool.description?.length, tool.name).toBeGreaterThan(30);
      expect(tool.description?.length, tool.name).toBeLessThan(600);
      expect(`mcp__shodo__${tool.name}`.length).toBeLessThanOrEqual(64);
      for (const [name, schema] of Object.entries(tool.inputSchema.properties ?? {})) {
        expect(schema, `${tool.name}.${name}`).toHaveProperty("type");
      }
    }
  });
});

describe("what is installed with it", () => {
  const json = (path: string) =>
    JSON.parse(readFileSync(join(packageRoot, path), "utf8")) as Record<string, unknown>;
  const { name, version, mcpName, description } = json("package.json");

  it("has the package's name, version and start in every listing", () => {
    const server = json("server.json");
    expect(server).toMatchObject({ name: mcpName, version });
    expect(server.packages).toMatchObject([
      { identifier: name, version, packageArguments: [{ type: "positional", value: "mcp" }] },
    ]);
    const bundle = json("infra/mcpb/manifest.json");
    expect(bundle).toMatchObject({ name, version, server: { mcp_config: { command: "node" } } });
    expect(json("infra/claude-plugin/.claude-plugin/plugin.json")).toMatchObject({ name, version });
    expect(json("infra/claude-plugin/.mcp.json")).toEqual({
      mcpServers: { shodo: { type: "stdio", command: "npx", args: ["-y", name, "mcp"] } },
    });
    expect(server.description).toBe(bundle.description);
    expect(String(description)).toContain("what broke first and why");
    // The bundle runs the program that the package installs.
    const { bin } = json("package.json") as { bin: { shodo: string } };
    expect(JSON.stringify(bundle.server)).toContain(`node_modules/${name}/${bin.shodo}`);
  });

  it("names settings that there are", () => {
    const known = readFileSync(join(packageRoot, "src/config.ts"), "utf8");
    const [item] = json("server.json").packages as { environmentVariables: { name: string }[] }[];
    const bundle = json("infra/mcpb/manifest.json").server as { mcp_config: { env: object } };
    const names = [
      ...(item?.environmentVariables ?? []).map((each) => each.name),
      ...Object.keys(bundle.mcp_config.env),
    ];
    expect(names.length).toBeGreaterThan(2);
    for (const each of names) expect(known).toContain(each);
  });

  it.each([
    "infra/claude-plugin/skills/incident/SKILL.md",
    "prompts/mcp-triage.md",
    "prompts/mcp-postmortem.md",
    "prompts/mcp-handover.md",
    "prompts/mcp-explain-alarm.md",
    "docs/mcp/README.md",
  ])("%s names only tools that are listed or found by search", async (path) => {
    const home = mkdtempSync(join(tmpdir(), "shodo-"));
    const config = loadConfig({ cwd: home, environment: { SHODO_HOME: home } });
    const platform = { clock: systemClock, ids: randomIds(systemClock) };
    const { parts, close } = await openMcpParts(config, undefined, platform);
    try {
      const { direct, onDemand } = catalogOf(parts);
      const known = new Set([...direct, ...onDemand].map((tool) => tool.name));
      const text = readFileSync(join(packageRoot, path), "utf8");
      // The tool of another server, in the example of a mount, is not ours.
      const named = text.replaceAll("find_tickets", "").match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
      expect(named.filter((each) => !known.has(each))).toEqual([]);
    } finally {
      await close();
    }
  });
});

describe("the MCP server without a configuration", () => {
  it("completes names of services and metrics from the recordings", async () => {
    const home = mkdtempSync(join(tmpdir(), "shodo-"));
    const config = loadConfig({ cwd: home, environment: { SHODO_HOME: home } });
    const platform = { clock: systemClock, ids: randomIds(systemClock) };
    const { parts, close } = await openMcpParts(config, undefined, platform);
    try {
      const services = (await parts.names?.services("")) ?? [];
      const metrics = (await parts.names?.metrics("")) ?? [];
      expect(services).toContain("payment");
      expect(metrics.length).toBeGreaterThan(5);
      expect(metrics).toEqual([...metrics].sort());
    } finally {
      await close();
    }
  }, 30_000);

  it("answers at once while a server that it mounts says nothing", async () => {
    const home = mkdtempSync(join(tmpdir(), "shodo-"));
    const program = join(home, "silent.mjs");
    const pidFile = join(home, "pid");
    const keepPid = `import fs from "node:fs"; fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`;
    writeFileSync(program, `${keepPid} setInterval(() => {}, 1_000);`);
    const mount = { command: process.execPath, args: [program], allow: ["x"] };
    const file = join(home, "shodo.yaml");
    writeFileSync(file, JSON.stringify({ mcp: { mounts: { silent: mount } } }));
    const config = loadConfig({ file, cwd: home, environment: { SHODO_HOME: home } });
    const platform = { clock: systemClock, ids: randomIds(systemClock) };
    const { parts, close } = await openMcpParts(config, undefined, platform);
    let isMounted = false;
    const mounting = parts.mounted?.().then((tools) => {
      isMounted = true;
      return tools;
    });
    const { tools } = await (await connect(parts)).listTools();
    expect(isMounted).toBe(false);
    expect(tools.map((tool) => tool.name)).toContain("search_tools");
    expect(await mounting).toEqual([]);
    await close();
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(() => process.kill(pid, 0), "the program goes on running").toThrowError("ESRCH");
  }, 60_000);
});

describe("MCP beside the pages of shodo serve", () => {
  const hash = `sha256:${"0".repeat(64)}`;
  const settingsFor = (serve: object, mcp: object = {}, host = "127.0.0.1") => {
    const home = mkdtempSync(join(tmpdir(), "shodo-"));
    const file = join(home, "shodo.yaml");
    writeFileSync(file, JSON.stringify({ serve, mcp }));
    return settingsBeside(loadConfig({ file, cwd: home, environment: {} }), host, 7_331);
  };

  it("takes the tokens of the API with the rights they have there, and its own", () => {
    const tokens = [
      { name: "ci", role: "responder", hash },
      { name: "board", role: "viewer", hash },
    ];
    const own = { name: "own", scopes: ["admin"], hash };
    const publicUrl = "https://shodo.example.com";
    const settings = settingsFor({ tokens, publicUrl }, { http: { tokens: [own] } }, "0.0.0.0");
    expect(settings?.tokens.map(({ name, scopes }) => [name, scopes])).toEqual([
      ["own", ["admin"]],
      ["ci", ["investigate"]],
      ["board", ["read"]],
    ]);
    expect(settings).toMatchObject({ host: "0.0.0.0", allowedHosts: ["shodo.example.com"] });
  });

  it("is off where others can reach the server and nobody could be told from another", () => {
    expect(settingsFor({})).not.toBeNull();
    expect(settingsFor({ publicUrl: "https://shodo.example.com" })).toBeNull();
    expect(settingsFor({}, {}, "0.0.0.0")).toBeNull();
    expect(settingsFor({ localRole: null })).toBeNull();
  });
});
