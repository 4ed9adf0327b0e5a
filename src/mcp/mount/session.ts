import { setTimeout } from "node:timers/promises";
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
/** How long a program has to end before nobody waits for it. */
const endMs = 6_000;
/** How long a list of definitions is believed without asking again. */
const believedMs = 60_000;

/**
 * `secret` gives a token by the name of its variable; only tokens made for that server belong
 * there.
 */
export function sessionsOf(
  name: string,
  settings: McpMountSettings,
  secret: (variable: string) => string | undefined,
  about: { readonly version: string; readonly now: () => number },
): Sessions {
  let current: Promise<Session> | null = null;
  let live: Client | null = null;
  let listedAt = 0;
  let ending: Promise<void> = Promise.resolve();
  // The process or connection of a session that is given up ends with it.
  const forget = () => {
    current = null;
    const gone = live;
    live = null;
    gone?.close().catch(() => undefined);
  };
  const open = async (): Promise<Session> => {
    const client = new Client(
      { name: "shodo", version: about.version },
      {
        versionNegotiation: { mode: "auto" },
        listChanged: { tools: { autoRefresh: false, onChanged: () => askAgain() } },
      },
    );
    live = client;
    client.onclose = () => {
      if (live === client) forget();
    };
    client.onerror = () => undefined;
    const transport = await transportOf(name, settings, secret);
    ending = new Promise((resolve) => {
      transport.onclose = resolve;
    });
    await client.connect(transport, { timeout: connectMs });
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
  const askAgain = () => {
    listedAt = Number.NEGATIVE_INFINITY;
  };
  return {
    get: () => {
      const known = current;
      if (known && about.now() - listedAt > believedMs) {
        current = known.then(({ client }) => list(client));
      }
      const wanted = current ?? open();
      current = wanted;
      wanted.catch(() => {
        if (current === wanted) forget();
      });
      return wanted;
    },
    close: async () => {
      await current?.catch(() => null);
      await live?.close();
      // A program that does not heed the end of its input is killed after a while: wait for that.
      await Promise.race([ending, setTimeout(endMs, undefined, { ref: false })]);
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
  // A redirect would lead to an address that nobody checked, with our token.
  return new StreamableHTTPClientTransport(url, { requestInit: { headers, redirect: "error" } });
}

/** Addresses at which clouds hand out credentials; nothing there is an MCP server. */
const metadataHosts = [
  /^169\.254\.\d+\.\d+$/,
  /^\[::ffff:a9fe:[\da-f]+\]$/,
  /^\[fd00:ec2::\w+\]$/,
  /^metadata\.google\.internal\.?$/,
];

function safeUrl(name: string, text: string): URL {
  const url = new URL(text);
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (metadataHosts.some((host) => host.test(url.hostname))) {
    throw new ConfigError(`mcp.mounts.${name}.url: ${url.hostname} hands out cloud credentials.`);
  }
  if (url.protocol !== "https:" && !isLocal) {
    throw new ConfigError(`mcp.mounts.${name}.url: use https, so that nobody can read along.`);
  }
  return url;
}
