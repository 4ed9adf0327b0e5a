import { z } from "zod";
import type { Tool, ToolResult } from "./tool.ts";

export type FailedCall = Extract<ToolResult, { kind: "failed" }>;

/** A call that did not come to an answer, and what to do instead; calling again alike is no use. */
export function failedCall(
  reason: FailedCall["reason"],
  message: string,
  next: string,
): FailedCall {
  return { kind: "failed", reason, message, next, retryable: false };
}

/** The answer to a call of a tool that there is not. */
export function unknownTool(name: string, tools: readonly Tool[]): FailedCall {
  const names = tools.map((tool) => tool.name).join(", ");
  return failedCall("unknown-tool", `There is no tool "${name}".`, `Use one of: ${names}.`);
}

/** The input as the tool's schema takes it, with its defaults; else what is wrong with it. */
export function parseInput(
  tool: Tool,
  input: unknown,
): { readonly kind: "parsed"; readonly input: z.infer<Tool["input"]> } | FailedCall {
  const parsed = tool.input.safeParse(input ?? {});
  if (parsed.success) return { kind: "parsed", input: parsed.data };
  const faults = z.prettifyError(parsed.error).replaceAll("\n", " ");
  const message = `${tool.name}: ${faults}`;
  return failedCall("invalid-input", message, "Correct the input and call again.");
}
