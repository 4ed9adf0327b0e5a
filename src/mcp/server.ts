import {
  McpServer,
  type McpServerFactory,
  type ScopeChallengeHandler,
} from "@modelcontextprotocol/server";
import { UserError } from "../core/errors.ts";
import { hasRole } from "../core/principal.ts";
import { callOf, callTool } from "./call.ts";
import { callerOf } from "./caller.ts";
import { type Catalog, catalogOf } from "./catalog.ts";
import { instructionsOf } from "./instructions.ts";
import type { McpParts, McpTool } from "./parts.ts";
import { promptTexts, registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { advertise, inputJson } from "./schema.ts";
import { tellUpdates } from "./subscriptions.ts";

/**
 * One factory for stdio and HTTP, for the 2026-07-28 protocol and every 2025 client. A server is
 * made per HTTP request and holds nothing between requests, so it must be cheap: schemas are made
 * once.
 */
export function mcpServerFactory(parts: McpParts): McpServerFactory {
  const tools = advertised(catalogOf(parts));
  const prompts = promptTexts();
  const instructions = instructionsOf(parts);
  return (context) => {
    if (context.requestInfo && !context.authInfo) {
      throw new UserError("A request over HTTP must have passed the gate.");
    }
    const caller = callerOf(context.authInfo);
    const isStdio = context.requestInfo === undefined;
    const isModern = context.era === "modern";
    // A 2025 client over stateless HTTP has no stream on which it could be told.
    const canSubscribe = isStdio || isModern;
    const server = new McpServer(
      { name: "shodo", title: "Shodo incident analyst", version: parts.version },
      {
        instructions,
        capabilities: {
          tools: { listChanged: false },
          prompts: { listChanged: false },
          resources: { listChanged: false, subscribe: canSubscribe },
        },
        cacheHints: listHints,
      },
    );
    for (const { tool, config } of tools) {
      server.registerTool(tool.name, config, (args, request) =>
        callTool(tool, args, callOf(request, caller), parts),
      );
    }
    registerPrompts(server, prompts, parts, caller);
    registerResources(server, parts, caller);
    if (isStdio) tellUpdates(server, parts, isModern);
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
    scopeChallenge: challengeOf(tool),
    ...(tool.meta ? { _meta: tool.meta } : {}),
  };
}

/**
 * A caller who came by OAuth can be asked to consent to more (step-up); one with a fixed token
 * cannot, and gets a result that says which scope is missing.
 */
function challengeOf(tool: McpTool): ScopeChallengeHandler {
  return ({ authInfo }) => {
    const prefix = authInfo?.extra?.scopePrefix;
    if (typeof prefix !== "string" || hasRole(callerOf(authInfo), tool.role)) return undefined;
    const scopes = tool.role === "viewer" ? ["read"] : ["read", "investigate"];
    const [first = "read", ...rest] = scopes.map((scope) => `${prefix}${scope}`);
    return { scopes: [first, ...rest], errorDescription: `${tool.name} needs more rights` };
  };
}
