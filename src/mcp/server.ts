import { McpServer, type McpServerFactory } from "@modelcontextprotocol/server";
import { UserError } from "../core/errors.ts";
import { callOf, callTool } from "./call.ts";
import { callerOf } from "./caller.ts";
import { type Catalog, catalogOf } from "./catalog.ts";
import { instructionsOf } from "./instructions.ts";
import { mcpLimits } from "./limits.ts";
import type { McpParts, McpTool } from "./parts.ts";
import { advertise, inputJson } from "./schema.ts";

/**
 * One factory for stdio and HTTP, for the 2026-07-28 protocol and every 2025 client. A server is made
 * per HTTP request and holds nothing between requests, so it must be cheap: schemas are made once.
 */
export function mcpServerFactory(parts: McpParts): McpServerFactory {
  const tools = advertised(catalogOf(parts));
  const instructions = instructionsOf(parts);
  return (context) => {
    if (context.requestInfo && !context.authInfo) {
      throw new UserError("A request over HTTP must have passed the gate.");
    }
    const caller = callerOf(context.authInfo);
    const server = new McpServer(
      { name: "shodo", title: "Shodo incident analyst", version: parts.version },
      {
        instructions,
        capabilities: { tools: { listChanged: false } },
        cacheHints: listHints,
        maxToolInputElements: mcpLimits.inputElementsMax,
      },
    );
    for (const { tool, config } of tools) {
      server.registerTool(tool.name, config, (args, request) =>
        callTool(tool, args, callOf(request, caller), parts),
      );
    }
    return server;
  };
}

/** Definitions change with the version of the package only. */
const listHints = {
  "tools/list": { ttlMs: 300_000, cacheScope: "private" },
  "prompts/list": { ttlMs: 300_000, cacheScope: "private" },
  "server/discover": { ttlMs: 300_000, cacheScope: "private" },
} as const;

function advertised(catalog: Catalog) {
  return catalog.direct.map((tool) => ({ tool, config: configOf(tool) }));
}

function configOf(tool: McpTool) {
  return {
    title: tool.title,
    description: tool.description,
    inputSchema: advertise(inputJson(tool.input)),
    outputSchema: advertise(tool.output),
    annotations: { ...tool.annotations, title: tool.title },
    ...(tool.meta ? { _meta: tool.meta } : {}),
  };
}
