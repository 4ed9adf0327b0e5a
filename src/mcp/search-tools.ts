import { z } from "zod";
import { readOnly } from "../core/tool.ts";
import { defineMcpTool, type McpTool } from "./parts.ts";
import { reply } from "./reply.ts";
import { inputJson } from "./schema.ts";

const input = z.object({
  query: z.string().max(200).default("").describe("Words, e.g. `slo burn`; empty lists all"),
});
const foundMax = 5;

/** Finds tools that are not listed directly, with their input schemas. */
export function searchTools(
  onDemand: readonly McpTool[],
  all: () => Promise<readonly McpTool[]>,
): McpTool {
  return defineMcpTool({
    name: "search_tools",
    title: "Find more tools",
    description: `Finds further analysis tools for run_tool: ${onDemand.map((t) => t.name).join(", ")}.`,
    input,
    output: {
      type: "object",
      properties: {
        kind: { enum: ["data", "empty"] },
        tools: { type: "array", items: { type: "object" } },
        names: { type: "array", items: { type: "string" } },
        next: { type: "string" },
      },
      required: ["kind"],
    },
    annotations: readOnly,
    role: "viewer",
    run: async ({ query }) => {
      const known = await all();
      const found = ranked(known, query).slice(0, foundMax);
      if (found.length === 0) {
        return reply({
          kind: "empty",
          names: known.map((tool) => tool.name),
          next: "No tool matches these words. These are all names; search for one of them.",
        });
      }
      return reply({
        kind: "data",
        tools: found.map((tool) => ({
          name: tool.name,
          description: tool.description,
          input_schema: JSON.stringify(inputJson(tool.input)),
        })),
        names: known.map((tool) => tool.name),
        next: "Call run_tool with `name` and `input` as its schema says.",
      });
    },
  });
}

/** Tools by how many words of the query their name (double) and description carry. */
function ranked(tools: readonly McpTool[], query: string): readonly McpTool[] {
  const words = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1);
  if (words.length === 0) return tools;
  const score = (tool: McpTool) =>
    words.reduce((sum, word) => {
      const inName = tool.name.toLowerCase().includes(word) ? 2 : 0;
      const inText = `${tool.title} ${tool.description}`.toLowerCase().includes(word) ? 1 : 0;
      return sum + inName + inText;
    }, 0);
  return tools
    .map((tool) => ({ tool, score: score(tool) }))
    .filter((item) => item.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((item) => item.tool);
}
