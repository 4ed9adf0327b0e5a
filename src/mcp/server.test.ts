import { getEncoding } from "js-tiktoken";
import { describe, expect, it } from "vitest";
import { mcpLimits } from "./limits.ts";
import { connect, type Era } from "./testing/connect.ts";
import { fakeParts } from "./testing/fake-parts.ts";

const eras: readonly Era[] = ["2026-07-28", "2025"];

describe.each(eras)("the tool list in the %s era", (era) => {
  it("is short, cheap, in the same order every time, and says all four hints", async () => {
    const client = await connect(fakeParts(), era);
    const { tools } = await client.listTools();
    expect(tools.length).toBeLessThanOrEqual(mcpLimits.directToolsMax);
    expect(tools.map((tool) => tool.name)).toMatchInlineSnapshot(`
      [
        "start_investigation",
        "get_investigation",
        "ask_investigation",
        "list_incidents",
        "show_investigation",
        "cancel_investigation",
        "analyze_traces",
        "break_down",
        "find_changes",
        "get_slo",
        "search_logs",
      ]
    `);
    const tokens = getEncoding("o200k_base").encode(JSON.stringify({ tools })).length;
    expect(tokens).toBeLessThan(mcpLimits.listTokensMax);
    for (const tool of tools) {
      expect(tool.name).toMatch(/^[a-z][a-z_]{2,40}$/);
      expect(tool.outputSchema?.type, tool.name).toBe("object");
      const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } =
        tool.annotations ?? {};
      for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint]) {
        expect(hint, tool.name).toBeTypeOf("boolean");
      }
      expect(destructiveHint, `${tool.name} destroys nothing`).toBe(false);
    }
  });

  it("describes each tool as the golden says", async () => {
    const client = await connect(fakeParts(), era);
    const { tools } = await client.listTools();
    await expect(JSON.stringify(tools, null, 2)).toMatchFileSnapshot(
      `__fixtures__/tools-double-${era.slice(0, 4)}.json`,
    );
  });

  it("gives the same instructions to every client, with the words models search by first", async () => {
    const client = await connect(fakeParts(), era);
    const text = client.getInstructions() ?? "";
    for (const word of ["incident", "alert", "latency", "error rate", "root cause"]) {
      expect(text.slice(0, 200)).toContain(word);
    }
    expect(text.length).toBeLessThan(2_048);
  });
});
