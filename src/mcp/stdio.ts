import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { McpParts } from "./parts.ts";
import { mcpServerFactory } from "./server.ts";

/**
 * Serves one client over stdin and stdout until it closes them or `signal` is aborted. Nothing else
 * may write to stdout.
 */
export async function serveMcpStdio(parts: McpParts, signal: AbortSignal): Promise<void> {
  const serving = serveStdio(mcpServerFactory(parts), {
    maxSubscriptions: 256,
    onerror: (error) => parts.logger.warn("mcp-message-reject", { reason: error.message }),
  });
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await serving.close();
}
