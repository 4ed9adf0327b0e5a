import { join } from "node:path";
import { tools } from "../../tools/index.ts";
import type { OpenAnalyst } from "../cli/runtime.ts";
import { type Config, loadConfig } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Source } from "../core/source.ts";
import type { Store } from "../core/store.ts";
import type { Tool } from "../core/tool.ts";
import { silentLogger } from "../platform/logger.ts";
import { loadRunbooks } from "../platform/runbooks.ts";
import { prioritySettingsSchema } from "../priority/settings.ts";
import { ownerName } from "../work/owner.ts";
import { driverFor } from "./analyst/drivers.ts";
import { LocalAnalyst } from "./analyst/local-analyst.ts";
import { openSources } from "./analyst/open-sources.ts";
import { openStore } from "./analyst/open-store.ts";
import { rerunEvidence } from "./analyst/rerun-evidence.ts";
import { mountTools } from "./mcp/mount-tools.ts";
import { packageRoot, packageVersion } from "./package-root.ts";

export interface OpenAnalystOptions {
  readonly configFile: string | undefined;
  readonly model: string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger?: Logger;
  /** `:memory:` keeps nothing: for evaluations. */
  readonly storePath?: string;
  /** Tools of other MCP servers, when they are mounted already; closed by whoever mounted them. */
  readonly mounted?: readonly Tool[];
  /** Folder that stands in for live telemetry, for practice. */
  readonly capture?: string | undefined;
  /** Hears of what other processes do with the same store, until `close`. */
  readonly isWatching?: boolean;
}

export interface OpenedAnalyst {
  readonly analyst: LocalAnalyst;
  readonly rerun: OpenAnalyst["rerun"];
  readonly store: Store;
  readonly config: Config;
  readonly sources: readonly Source[];
  /** Name of this process among those that share the store. */
  readonly owner: string;
  close(): Promise<void>;
}

/** Reads the configuration, opens sources and store, and puts an analyst over them. */
export async function openAnalyst(options: OpenAnalystOptions): Promise<OpenedAnalyst> {
  const { clock, ids, logger = silentLogger } = options;
  const config = loadConfig({ file: options.configFile });
  const owner = ownerName(ids);
  const model = options.model ?? config.model.name;
  const settings = { ...config, model: { ...config.model, name: model } };
  const tracing = config.otlpEndpoint ? await exportTraces() : null;
  const mounting = options.mounted ? null : mountTools(config, clock, logger);
  const [mounted, sources, runbooks, store] = await Promise.all([
    mounting,
    openSources(config.sources, config),
    loadRunbooks([join(packageRoot, "runbooks"), ...config.runbooks]),
    openStore({ config, path: options.storePath, clock, ids, logger }),
  ]);
  const parts = {
    config: settings,
    clock,
    tools: [...tools, ...(mounted?.tools ?? options.mounted ?? [])],
    runbooks,
    priority: prioritySettingsSchema.parse(config.priority),
    sources,
    capture: options.capture,
    driverFor: (name: string) => driverFor(name, settings, runbooks),
  };
  const analyst = new LocalAnalyst({ parts, store, ids, logger, owner });
  const unwatch = new AbortController();
  if (options.isWatching) void analyst.watch(unwatch.signal);
  return {
    analyst,
    rerun: (wanted) => rerunEvidence(analyst, parts, wanted),
    store,
    config: settings,
    sources,
    owner,
    async close() {
      unwatch.abort();
      await analyst.close();
      await Promise.all(sources.map((source) => source.close()));
      await mounted?.close();
      await tracing?.stop();
      await store.close();
    },
  };
}

async function exportTraces() {
  const { startTraceExport } = await import("./analyst/trace-export.ts");
  return startTraceExport(packageVersion());
}
