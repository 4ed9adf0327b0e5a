import { z } from "zod";
import { tools } from "../../tools/index.ts";
import type { Tool } from "../core/tool.ts";

/** Characters per token of English and JSON, on average, in current tokenizers. */
const charsPerToken = 4;

/** Rough count of the tokens that a tool's definition takes from every request. */
export function tokensOf(tool: Tool): number {
  const { name, description } = tool;
  const definition = { name, description, parameters: z.toJSONSchema(tool.input) };
  return Math.ceil(JSON.stringify(definition).length / charsPerToken);
}

/** The tools with what each costs, as `shodo tools` prints them. */
export function toolTable(): string {
  const width = Math.max(...tools.map(({ name }) => name.length));
  const rows = tools.map((tool) => {
    const cost = String(tokensOf(tool)).padStart(6);
    return `${tool.name.padEnd(width)} ${cost}  ${tool.costly ? "costly" : "      "}  ${tool.description}`;
  });
  const total = tools.reduce((sum, tool) => sum + tokensOf(tool), 0);
  const head = `${"tool".padEnd(width)} tokens`;
  return [head, ...rows, `${"total".padEnd(width)} ${String(total).padStart(6)}`].join("\n");
}
