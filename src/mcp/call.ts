import type { CallToolResult, ServerContext } from "@modelcontextprotocol/server";
import type { z } from "zod";
import { UserError } from "../core/errors.ts";
import { hasRole, type Principal } from "../core/principal.ts";
import { cleanText } from "./clean.ts";
import { mcpLimits } from "./limits.ts";
import type { Call, McpParts, McpTool } from "./parts.ts";
import { refusal } from "./reply.ts";

/**
 * One call of a tool, from untrusted arguments to an answer. Whatever goes wrong becomes a result
 * that says the next step; a bug becomes a reference id, its text goes to the log only.
 */
export async function callTool(
  tool: McpTool,
  args: unknown,
  call: Call,
  parts: McpParts,
): Promise<CallToolResult> {
  if (!hasRole(call.caller, tool.role)) return lacksScope(tool);
  if (!isModest(args)) return tooMuch();
  const unknown = unknownKeys(tool, args);
  const input = tool.input.safeParse(args ?? {});
  if (!input.success || unknown.length > 0) {
    return invalidInput(tool, input.success ? null : input.error, unknown);
  }
  try {
    return await tool.run(input.data, call);
  } catch (error) {
    return failure(error, tool.name, call, parts);
  }
}

/** The call context of a request that the SDK hands over. */
export function callOf(context: ServerContext, caller: Principal): Call {
  const token = context.mcpReq._meta?.progressToken;
  let last = -1;
  return {
    caller,
    signal: context.mcpReq.signal,
    context,
    progress: async (done, message, total) => {
      // The protocol wants progress to grow with each notification.
      if (token === undefined || done <= last || context.mcpReq.signal.aborted) return;
      last = done;
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: {
          progressToken: token,
          progress: done,
          message: cleanText(message, 300),
          ...(total === undefined ? {} : { total }),
        },
      });
    },
  };
}

function failure(error: unknown, tool: string, call: Call, parts: McpParts): CallToolResult {
  if (error instanceof UserError) {
    return refusal({ reason: "refused", message: error.message, next: "Change the request." });
  }
  if (call.signal.aborted) {
    return refusal({
      reason: "cancelled",
      message: "The call was cancelled; its work was stopped.",
      next: "Call again when it is wanted.",
    });
  }
  const reference = parts.ids.next("err");
  const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
  parts.logger.error("mcp-call-fail", { reference, tool, cause });
  return refusal({
    reason: "internal",
    message: `Something went wrong on our side (${reference}).`,
    next: "Try once more; if it stays, give the reference to whoever runs this server.",
    retryable: true,
  });
}

function lacksScope(tool: McpTool): CallToolResult {
  const scope = tool.role === "viewer" ? "read" : "investigate";
  return refusal({
    reason: "denied",
    message: `${tool.name} needs a token with the scope \`${scope}\`.`,
    next: "Use tools that only read, or ask for a token with that scope.",
  });
}

function invalidInput(
  tool: McpTool,
  error: z.ZodError | null,
  unknown: readonly string[],
): CallToolResult {
  const issues = (error?.issues ?? []).slice(0, 5).map((issue) => {
    return `${issue.path.join(".") || "arguments"}: ${issue.message}`;
  });
  const strange = unknown.slice(0, 5).map((key) => `${JSON.stringify(key.slice(0, 40))}: unknown`);
  const fields = Object.keys(tool.input.shape).join(", ");
  return refusal({
    reason: "invalid-input",
    message: cleanText([...issues, ...strange].join("; "), 600),
    next: `Correct the arguments and call again. ${tool.name} takes: ${fields}.`,
  });
}

/** A misspelt argument would else be dropped silently, and the answer be about something else. */
function unknownKeys(tool: McpTool, args: unknown): readonly string[] {
  if (typeof args !== "object" || args === null || Array.isArray(args)) return [];
  return Object.keys(args).filter((key) => !Object.hasOwn(tool.input.shape, key));
}

function tooMuch(): CallToolResult {
  return refusal({
    reason: "invalid-input",
    message:
      `The arguments are nested deeper than ${mcpLimits.inputDepthMax} levels or hold more than ` +
      `${mcpLimits.inputElementsMax} elements.`,
    next: "Send only the fields that the tool's input schema names.",
  });
}

/** Walks without recursion, so that deep input cannot exhaust the stack. */
function isModest(args: unknown): boolean {
  const open: { value: unknown; depth: number }[] = [{ value: args, depth: 0 }];
  for (let seen = 0; open.length > 0; seen++) {
    const { value, depth } = open.pop() ?? { value: null, depth: 0 };
    if (seen > mcpLimits.inputElementsMax || depth > mcpLimits.inputDepthMax) return false;
    if (typeof value !== "object" || value === null) continue;
    for (const item of Object.values(value)) open.push({ value: item, depth: depth + 1 });
  }
  return true;
}
