import { z } from "zod";
import { callTool } from "./call.ts";
import { defineMcpTool, type McpParts, type McpTool } from "./parts.ts";
import { refusal } from "./reply.ts";

const input = z.object({
  name: z.string().max(100).describe("Tool name"),
  input: z.record(z.string(), z.unknown()).default({}).describe("As search_tools says"),
});

/** Runs a tool that is not listed directly, with the same checks. */
export function runTool(
  onDemand: readonly McpTool[],
  all: () => Promise<readonly McpTool[]>,
  parts: McpParts,
): McpTool {
  return defineMcpTool({
    name: "run_tool",
    title: "Run a tool found by search",
    description: "Runs an analysis tool found with search_tools.",
    input,
    output: { type: "object", properties: { kind: { type: "string" } }, required: ["kind"] },
    // A mounted tool reads what is outside our world; one that changes things is never mounted.
    annotations: {
      ...mergedAnnotations(onDemand),
      ...(parts.mounted ? { openWorldHint: true } : {}),
    },
    role: "viewer",
    run: async (wanted, call) => {
      const known = await all();
      const tool = known.find((candidate) => candidate.name === wanted.name);
      if (tool) return callTool(tool, wanted.input, call, parts);
      return refusal({
        reason: "unknown-tool",
        message: "There is no tool of that name to run.",
        next: `Use one of: ${known.map((candidate) => candidate.name).join(", ")}.`,
      });
    },
  });
}

/** As careful as the least careful tool behind it. */
function mergedAnnotations(tools: readonly McpTool[]): McpTool["annotations"] {
  return {
    readOnlyHint: tools.every((tool) => tool.annotations.readOnlyHint),
    destructiveHint: tools.some((tool) => tool.annotations.destructiveHint),
    idempotentHint: tools.every((tool) => tool.annotations.idempotentHint),
    openWorldHint: tools.some((tool) => tool.annotations.openWorldHint),
  };
}
