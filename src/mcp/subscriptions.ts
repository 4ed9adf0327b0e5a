import type { McpServer } from "@modelcontextprotocol/server";
import type { McpParts } from "./parts.ts";
import { updatedUris } from "./resources.ts";

const subscriptionsMax = 256;

/**
 * Tells the client of a stdio connection which incidents changed: what it subscribed to in the 2025
 * protocol, while the 2026 one filters by its own `subscriptions/listen`. Over HTTP the handler
 * does this, since servers live for one request there.
 */
export function tellUpdates(server: McpServer, parts: McpParts, isModern: boolean): void {
  const wanted = new Set<string>();
  if (!isModern) {
    server.server.setRequestHandler("resources/subscribe", ({ params }) => {
      if (wanted.size < subscriptionsMax) wanted.add(params.uri);
      return {};
    });
    server.server.setRequestHandler("resources/unsubscribe", ({ params }) => {
      wanted.delete(params.uri);
      return {};
    });
  }
  const stop = parts.analyst.subscribe("all", (event) => {
    for (const uri of updatedUris(event)) {
      if (!isModern && !wanted.has(uri)) continue;
      // A client that went away is told nothing, and that is no fault.
      server.server.sendResourceUpdated({ uri }).catch(() => undefined);
    }
  });
  server.server.onclose = stop;
}
