import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import type { McpParts } from "../parts.ts";
import { mcpServerFactory } from "../server.ts";

export type Era = "2026-07-28" | "2025";

/** Headers, body framing and statelessness are those of HTTP; only the socket is missing. */
export async function connect(
  parts: McpParts,
  era: Era = "2026-07-28",
  auth: Partial<AuthInfo> = {},
): Promise<Client> {
  const handler = createMcpHandler(mcpServerFactory(parts));
  const authInfo: AuthInfo = { token: "", clientId: "local", scopes: ["admin"], ...auth };
  const client = new Client(
    { name: "test", version: "0" },
    { versionNegotiation: { mode: era === "2025" ? "legacy" : { pin: era } } },
  );
  const transport = new StreamableHTTPClientTransport(new URL("http://127.0.0.1/mcp"), {
    fetch: (url, init) => handler.fetch(new Request(url, init as RequestInit), { authInfo }),
  });
  await client.connect(transport);
  return client;
}

export interface CallFacts {
  readonly [field: string]: unknown;
  readonly text: string;
  readonly isError: boolean;
}

/** `structuredContent` of a call, typed loosely: tests say what they expect. */
export async function callFacts(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<CallFacts> {
  const result = await client.callTool({ name, arguments: args });
  const first = (result.content as { type: string; text?: string }[])[0];
  return {
    ...(result.structuredContent as Record<string, unknown>),
    text: first?.text ?? "",
    isError: result.isError === true,
  };
}
