import { tools } from "../../tools/index.ts";
import type { ServeMcpOptions } from "../cli/runtime.ts";
import { type Config, loadConfig } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { McpParts } from "../mcp/parts.ts";
import { stderrLogger } from "../platform/logger.ts";
import { lazyAnalyst } from "./mcp/lazy-analyst.ts";
import { mcpParts } from "./mcp/mcp-parts.ts";
import { mountTools } from "./mcp/mount-tools.ts";
import type { OpenedAnalyst } from "./open-analyst.ts";
import type { Platform } from "./platform.ts";

/** Serves MCP as the command line asks. Everything heavy waits for the first question. */
export async function serveMcp(
  options: ServeMcpOptions,
  platform: { readonly clock: Clock; readonly ids: Ids },
): Promise<void> {
  const config = loadConfig({ file: options.configFile });
  const opened = await openMcpParts(config, options.configFile, platform);
  try {
    if (opened.parts.isDemo) options.say(demoNotice(opened.parts.demos.length));
    if (options.transport === "stdio") {
      const { serveMcpStdio } = await import("../mcp/stdio.ts");
      await serveMcpStdio(opened.parts, options.signal);
      return;
    }
    const { serveMcpHttp } = await import("../mcp/http/serve-http.ts");
    const { host = config.mcp.http.host, port = config.mcp.http.port } = options;
    const server = await serveMcpHttp(opened.parts, { ...config.mcp.http, host, port });
    options.say(`MCP at ${server.url} (Ctrl-C stops)`);
    await aborted(options.signal);
    await server.close();
  } finally {
    await opened.close();
  }
}

/** The MCP door over the configured telemetry, or over the demo incidents when there is none. */
export async function openMcpParts(
  config: Config,
  configFile: string | undefined,
  { clock, ids }: Platform,
): Promise<{ readonly parts: McpParts; close(): Promise<void> }> {
  const logger = stderrLogger(clock);
  // Not waited for: a server that is slow to answer must not hold up our own first answer.
  const mounting = mountTools(config, clock, logger);
  mounting.catch((fault: unknown) => logger.warn("mcp-mount-fail", { fault: String(fault) }));
  let opened: Promise<OpenedAnalyst> | null = null;
  const open = (): Promise<OpenedAnalyst> => {
    opened ??= (async () => {
      const { openAnalyst } = await import("./open-analyst.ts");
      const { tools: mounted } = await mounting;
      const options = { configFile, model: undefined, clock, ids, logger, mounted };
      return openAnalyst({ ...options, isWatching: true });
    })();
    return opened;
  };
  const parts = mcpParts({
    analyst: lazyAnalyst(tools, async () => (await open()).analyst),
    ...{ clock, ids, logger },
    isDemo: config.sources.length === 0,
    sources: async () => (await open()).sources,
    runbooks: async () => (await open()).analyst.runbooks,
    ...(Object.keys(config.mcp.mounts).length > 0
      ? { mounted: async () => (await mounting).tools }
      : {}),
  });
  const close = async () => {
    await (await opened?.catch(() => null))?.close();
    await (await mounting.catch(() => null))?.close();
  };
  return { parts, close };
}

function demoNotice(count: number): string {
  return (
    `shodo mcp: no source is configured, so this works on ${count} recorded demo incidents ` +
    "(shodo init makes a configuration)."
  );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
