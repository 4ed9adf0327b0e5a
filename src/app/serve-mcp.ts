import { setTimeout as wait } from "node:timers/promises";
import { tools } from "../../tools/index.ts";
import type { ServeMcpOptions } from "../cli/runtime.ts";
import { type Config, loadConfig } from "../config.ts";
import type { Analyst } from "../core/analyst.ts";
import type { Clock, Ids } from "../core/clock.ts";
import type { McpParts } from "../mcp/parts.ts";
import { stderrLogger } from "../platform/logger.ts";
import { demoIncidents } from "./demo-incidents.ts";
import { lazyAnalyst } from "./lazy-analyst.ts";
import { mountTools } from "./mount-tools.ts";
import type { OpenedAnalyst } from "./open-analyst.ts";
import { packageVersion } from "./package-root.ts";

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
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): Promise<{ readonly parts: McpParts; close(): Promise<void> }> {
  const logger = stderrLogger(clock);
  const mounted = await mountTools(config, clock, logger);
  let opened: Promise<OpenedAnalyst> | null = null;
  const open = async (): Promise<Analyst> => {
    const { openAnalyst } = await import("./open-analyst.ts");
    opened ??= openAnalyst({
      configFile,
      model: undefined,
      clock,
      ids,
      logger,
      mounted: mounted.tools,
      isWatching: true,
    });
    return (await opened).analyst;
  };
  const parts: McpParts = {
    analyst: lazyAnalyst([...tools, ...mounted.tools], open),
    clock,
    ids,
    logger,
    version: packageVersion(),
    demos: demoIncidents().map(({ name, title, folder }) => ({ name, title, capture: folder })),
    isDemo: config.sources.length === 0,
    runbooks: async () => (await open()).runbooks,
    markdown: async (report) => {
      const { renderMarkdown } = await import("../report/markdown.ts");
      return renderMarkdown(report);
    },
    names: telemetryNames(async () => {
      await open();
      return opened;
    }, clock),
    pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
  };
  const close = async () => {
    await (await opened?.catch(() => null))?.close();
    await mounted.close();
  };
  return { parts, close };
}

const namesKeptMs = 60_000;
const namesWindowMs = 3_600_000;

/** Services and metrics of the last hour, asked at most once a minute. */
function telemetryNames(
  open: () => Promise<OpenedAnalyst | null>,
  clock: Clock,
): NonNullable<McpParts["names"]> {
  let known: { at: number; services: readonly string[]; metrics: readonly string[] } | null = null;
  const load = async () => {
    if (known && clock.now() - known.at < namesKeptMs) return known;
    const sources = (await open())?.sources ?? [];
    const { namesOf } = await import("./telemetry-names.ts");
    const to = clock.now();
    const found = await namesOf(sources, { from: to - namesWindowMs, to }, clock);
    known = { at: to, ...found };
    return known;
  };
  return {
    services: async () => (await load()).services,
    metrics: async () => (await load()).metrics,
  };
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
