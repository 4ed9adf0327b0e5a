import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getEncoding } from "js-tiktoken";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../config.ts";
import { mcpLimits } from "../mcp/limits.ts";
import { connect, type Era } from "../mcp/testing/connect.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
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
