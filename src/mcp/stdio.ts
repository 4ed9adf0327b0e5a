import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { McpParts } from "./parts.ts";
import { mcpServerFactory } from "./server.ts";

/** Serves one client over stdin and stdout until it closes them. Nothing else may write to stdout. */
export function serveMcpStdio(parts: McpParts): { close(): Promise<void> } {
  return serveStdio(mcpServerFactory(parts), {
    maxSubscriptions: 256,
    onerror: (error) => parts.logger.warn("mcp-message-reject", { reason: error.message }),
  });
}
