import { Client, StreamableHTTPClientTransport, type Tool } from "@modelcontextprotocol/client";
import { ConfigError } from "../../core/errors.ts";
import type { McpMountSettings } from "../../core/mcp-settings.ts";
import { mcpLimits } from "../limits.ts";

/** A connection to another server, with the tools it offered when it was made. */
export interface Session {
  readonly client: Client;
  readonly tools: readonly Tool[];
}

/** Opens sessions to one server; a broken or changed one is replaced at the next call. */
export interface Sessions {
  get(): Promise<Session>;
  close(): Promise<void>;
}

const connectMs = 15_000;
/** How long a list of definitions is believed without asking again. */
const believedMs = 60_000;

/** `secret` gives a token by the name of its variable; only tokens made for that server belong there. */
export function sessionsOf(
  name: string,
  settings: McpMountSettings,
  secret: (variable: string) => string | undefined,
  about: { readonly version: string; readonly now: () => number },
): Sessions {
  let current: Promise<Session> | null = null;
  let listedAt = 0;
  const forget = () => {
    current = null;
  };
  const open = async (): Promise<Session> => {
    const client = new Client(
      { name: "shodo", version: about.version },
      {
        versionNegotiation: { mode: "auto" },
        listChanged: { tools: { autoRefresh: false, onChanged: forget } },
      },
    );
    client.onclose = forget;
    client.onerror = () => undefined;
    await client.connect(await transportOf(name, settings, secret), { timeout: connectMs });
    return list(client);
  };
  const list = async (client: Client): Promise<Session> => {
    const { tools } = await client.listTools(undefined, {
      timeout: connectMs,
      cacheMode: "refresh",
    });
    listedAt = about.now();
    return { client, tools: tools.slice(0, mcpLimits.mountedToolsMax) };
  };
  return {
    get: () => {
      const known = current;
      if (known && about.now() - listedAt > believedMs) {
        current = known.then(({ client }) => list(client));
      }
      current ??= open();
      current.catch(forget);
      return current;
    },
    close: async () => {
      const session = await current?.catch(() => null);
      await session?.client.close();
    },
  };
}

async function transportOf(
  name: string,
  settings: McpMountSettings,
  secret: (variable: string) => string | undefined,
) {
  if ("command" in settings) {
    const { StdioClientTransport, getDefaultEnvironment } = await import(
      "@modelcontextprotocol/client/stdio"
    );
    const { command, args, env } = settings;
    // Only what a program needs to start, and what the file names: none of our own secrets.
    return new StdioClientTransport({
      command,
      args,
      env: { ...getDefaultEnvironment(), ...env },
      stderr: "ignore",
    });
  }
  const url = safeUrl(name, settings.url);
  const token = settings.tokenEnv === undefined ? undefined : secret(settings.tokenEnv);
  if (settings.tokenEnv !== undefined && !token) {
    throw new ConfigError(`mcp.mounts.${name}.tokenEnv: ${settings.tokenEnv} is not set.`);
  }
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return new StreamableHTTPClientTransport(url, { requestInit: { headers } });
}

/** Addresses at which clouds hand out credentials; nothing there is an MCP server. */
const metadataHosts = new Set([
  "169.254.169.254",
  "169.254.170.2",
  "[fd00:ec2::254]",
  "metadata.google.internal",
]);

function safeUrl(name: string, text: string): URL {
  const url = new URL(text);
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (metadataHosts.has(url.hostname)) {
    throw new ConfigError(`mcp.mounts.${name}.url: ${url.hostname} hands out cloud credentials.`);
  }
  if (url.protocol !== "https:" && !isLocal) {
    throw new ConfigError(`mcp.mounts.${name}.url: use https, so that nobody can read along.`);
  }
  return url;
}
