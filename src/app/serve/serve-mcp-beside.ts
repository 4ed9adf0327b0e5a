import type { Config } from "../../config.ts";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { McpHttpSettings } from "../../core/mcp-settings.ts";
import type { Role } from "../../core/principal.ts";
import type { McpHttpDoor } from "../../mcp/http/serve-http.ts";
import { mcpParts } from "../mcp/mcp-parts.ts";
import type { OpenedAnalyst } from "../open-analyst.ts";

type Scope = McpHttpSettings["tokens"][number]["scopes"][number];

const scopeOf: Readonly<Record<Role, Scope>> = {
  viewer: "read",
  responder: "investigate",
  approver: "investigate",
  admin: "admin",
};

/**
 * MCP under `/mcp` of `shodo serve`, with the tokens of the API besides those of `mcp.http`. Null
 * when others can reach the server and no caller could be told from another.
 */
export async function mcpBeside(
  { analyst, config, sources }: OpenedAnalyst,
  { host, port }: { readonly host: string; readonly port: number },
  platform: { readonly clock: Clock; readonly ids: Ids; readonly logger: Logger },
): Promise<McpHttpDoor | null> {
  const settings = settingsBeside(config, host, port);
  if (!settings) return null;
  const { mcpHttpDoor } = await import("../../mcp/http/serve-http.ts");
  const parts = mcpParts({
    ...platform,
    analyst,
    isDemo: sources.length === 0,
    sources: async () => sources,
    runbooks: async () => analyst.runbooks,
  });
  return mcpHttpDoor(parts, settings);
}

/** Null when the door would be open to everybody. */
export function settingsBeside(config: Config, host: string, port: number): McpHttpSettings | null {
  const { http } = config.mcp;
  const { publicUrl, tokens, localRole } = config.serve;
  const ours = tokens.map(({ name, role, hash }) => ({ name, hash, scopes: [scopeOf[role]] }));
  const all = [...http.tokens, ...ours];
  const isReachable = publicUrl !== undefined || host !== "127.0.0.1" || localRole !== "admin";
  if (isReachable && all.length === 0 && !http.oauth) return null;
  const publicHost = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  return { ...http, host, port, tokens: all, allowedHosts: [...http.allowedHosts, ...publicHost] };
}
