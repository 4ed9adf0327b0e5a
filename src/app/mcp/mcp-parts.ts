import { setTimeout as wait } from "node:timers/promises";
import type { Analyst } from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Source } from "../../core/source.ts";
import type { Tool } from "../../core/tool.ts";
import type { McpParts } from "../../mcp/parts.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { packageVersion } from "../package-root.ts";

export interface McpPartsOptions {
  readonly analyst: Analyst;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Sources of `shodo.yaml`; without any, the demo incidents are all there is. */
  readonly isDemo: boolean;
  readonly sources: () => Promise<readonly Source[]>;
  readonly runbooks: () => Promise<readonly Runbook[]>;
  readonly mounted?: () => Promise<readonly Tool[]>;
}

/** What the MCP door is made of, whichever process it stands in. */
export function mcpParts(options: McpPartsOptions): McpParts {
  const { analyst, clock, ids, logger, isDemo, runbooks, mounted } = options;
  return {
    ...{ analyst, clock, ids, logger, isDemo, runbooks, ...(mounted ? { mounted } : {}) },
    version: packageVersion(),
    demos: demoIncidents().map(({ name, title, folder }) => ({ name, title, capture: folder })),
    markdown: async (report) => {
      const { renderMarkdown } = await import("../../report/markdown.ts");
      return renderMarkdown(report);
    },
    names: isDemo ? demoNames(clock) : telemetryNames(options.sources, clock),
    pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
  };
}

interface Names {
  readonly services: readonly string[];
  readonly metrics: readonly string[];
}

const namesKeptMs = 60_000;
const namesWindowMs = 3_600_000;

/** Services and metrics of the last hour, asked at most once a minute. */
function telemetryNames(
  sources: () => Promise<readonly Source[]>,
  clock: Clock,
): NonNullable<McpParts["names"]> {
  let known: (Names & { at: number }) | null = null;
  const load = async () => {
    if (known && clock.now() - known.at < namesKeptMs) return known;
    const { namesOf } = await import("./telemetry-names.ts");
    const to = clock.now();
    known = {
      at: to,
      ...(await namesOf(await sources(), { from: to - namesWindowMs, to }, clock)),
    };
    return known;
  };
  return namesFrom(load);
}

/** Recordings whose names are read; the others are of the same systems. */
const demosRead = 3;

/** Those of the recordings, read once: they do not change. */
function demoNames(clock: Clock): NonNullable<McpParts["names"]> {
  let known: Promise<Names> | null = null;
  const load = async (): Promise<Names> => {
    const [{ namesOf }, { capture, readCaptureIncident }] = await Promise.all([
      import("./telemetry-names.ts"),
      import("../../sources/capture.ts"),
    ]);
    const services = new Set<string>();
    const metrics = new Set<string>();
    for (const { folder } of demoIncidents().slice(0, demosRead)) {
      const [source, incident] = await Promise.all([
        capture.open("demo", { folder }),
        readCaptureIncident(folder),
      ]);
      try {
        const found = await namesOf([source], incident.window, clock);
        for (const name of found.services) services.add(name);
        for (const name of found.metrics) metrics.add(name);
      } finally {
        await source.close();
      }
    }
    return { services: [...services].sort(), metrics: [...metrics].sort() };
  };
  return namesFrom(() => {
    known ??= load().catch((fault: unknown) => {
      known = null;
      throw fault;
    });
    return known;
  });
}

function namesFrom(load: () => Promise<Names>): NonNullable<McpParts["names"]> {
  return {
    services: async () => (await load()).services,
    metrics: async () => (await load()).metrics,
  };
}
