import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import {
  createMcpHandler,
  type McpServerFactory,
  type ServerEventBus,
} from "@modelcontextprotocol/server";
import type { McpHttpSettings } from "../../core/mcp-settings.ts";
import { callerOf } from "../caller.ts";
import { mcpLimits } from "../limits.ts";
import type { McpParts } from "../parts.ts";
import { updatedUris } from "../resources.ts";
import { mcpServerFactory } from "../server.ts";
import { callerBus } from "./caller-bus.ts";
import { gateOf } from "./gate.ts";
import { resourceMetadata, type TokenVerifier } from "./oauth.ts";

export interface McpHttpOptions {
  /** Instead of the issuer's keys. */
  readonly verifier?: TokenVerifier;
  /** Another server behind the same gate and transport. */
  readonly factory?: McpServerFactory;
  /** Where change events are published, when others publish there too. */
  readonly bus?: ServerEventBus;
}

export interface McpHttpDoor {
  /** Serves `/mcp` and the well-known documents; null for every other path. */
  fetch(request: Request): Promise<Response | null>;
  close(): Promise<void>;
}

/**
 * MCP over HTTP as a fetch handler, so that it can stand alone or behind the server of alarms. It
 * keeps nothing between requests: any replica over the same store can answer any of them.
 */
export function mcpHttpDoor(
  parts: McpParts,
  settings: McpHttpSettings,
  options: McpHttpOptions = {},
): McpHttpDoor {
  const gate = gateOf(settings, parts.clock, options.verifier);
  const bus = callerBus(parts.analyst, options.bus);
  const handler = createMcpHandler(options.factory ?? mcpServerFactory(parts), {
    maxRequestBodySize: mcpLimits.requestBytesMax,
    maxSubscriptions: 256,
    bus,
    onerror: (error) => parts.logger.warn("mcp-request-reject", { reason: error.message }),
  });
  const stop = parts.analyst.subscribe("all", (event) => {
    for (const uri of updatedUris(event)) handler.notify.resourceUpdated(uri);
  });
  return {
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const known = wellKnown(pathname, settings);
      if (known) return known;
      if (pathname !== "/mcp") return null;
      if (request.method === "OPTIONS") return preflight(request, settings);
      const auth = await gate(request);
      if (auth instanceof Response) return withCors(auth, request, settings);
      const serve = () => handler.fetch(request, { authInfo: auth });
      return withCors(await bus.as(callerOf(auth), serve), request, settings);
    },
    close: async () => {
      stop();
      await handler.close();
    },
  };
}

/** Starts a server of its own. `url` says where; `close` lets open answers end. */
export async function serveMcpHttp(
  parts: McpParts,
  settings: McpHttpSettings,
  options: McpHttpOptions = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const door = mcpHttpDoor(parts, settings, options);
  const node = toNodeHandler(
    { fetch: async (request) => (await door.fetch(request)) ?? notFound() },
    { maxRequestBodySize: mcpLimits.requestBytesMax },
  );
  const server = createServer((request, response) => {
    void node(request as NodeIncomingMessageLike, response);
  });
  // A connection that sends its request slowly, or not at all, is dropped.
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.keepAliveTimeout = 5_000;
  server.maxHeadersCount = 100;
  server.maxConnections = 1_024;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return {
    url: `http://${host}:${port}/mcp`,
    close: async () => {
      await door.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function wellKnown(pathname: string, settings: McpHttpSettings): Response | null {
  const path = "/.well-known/oauth-protected-resource";
  if (!settings.oauth || (pathname !== path && !pathname.startsWith(`${path}/`))) return null;
  return Response.json(resourceMetadata(settings.oauth), {
    headers: { "access-control-allow-origin": "*", "cache-control": "max-age=3600" },
  });
}

/** The host name of an allowed web origin, else null. */
function allowedOrigin(request: Request, settings: McpHttpSettings): string | null {
  const origin = request.headers.get("origin");
  if (!origin || !URL.canParse(origin)) return null;
  return settings.allowedOrigins.includes(new URL(origin).hostname) ? origin : null;
}

function preflight(request: Request, settings: McpHttpSettings): Response {
  const origin = allowedOrigin(request, settings);
  if (!origin) return new Response(null, { status: 403 });
  return withCors(
    new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-methods": "POST, GET, DELETE",
        "access-control-allow-headers":
          "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name",
        "access-control-max-age": "600",
      },
    }),
    request,
    settings,
  );
}

function withCors(response: Response, request: Request, settings: McpHttpSettings): Response {
  const origin = allowedOrigin(request, settings);
  if (!origin) return response;
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", "www-authenticate, retry-after");
  headers.append("vary", "origin");
  return new Response(response.body, { status: response.status, headers });
}

function notFound(): Response {
  return Response.json({ error: "This server speaks MCP at /mcp." }, { status: 404 });
}
