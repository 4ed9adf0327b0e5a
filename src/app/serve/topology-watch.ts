import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { texts } from "../../core/frame.ts";
import type { Logger } from "../../core/logger.ts";
import type { Edge } from "../../core/rows.ts";
import type { Source } from "../../core/source.ts";
import { type Topology, topologyOf } from "../../intake/grouping/topology.ts";
import { openTelemetry } from "../../sources/telemetry.ts";

const everyMs = 10 * 60_000;
const lookBackMs = 60 * 60_000;
const readTimeoutMs = 30_000;
const bytesMax = 1_000_000_000;

export interface TopologyWatch {
  readonly current: () => Topology;
  /** Reads it again and again until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

/** Who calls whom, as the sources say; the last good answer stands while they cannot be read. */
export function watchTopology(
  sources: readonly Source[],
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): TopologyWatch {
  let known = topologyOf([]);
  const read = async (signal: AbortSignal) => {
    const telemetry = openTelemetry(sources, { clock, signal, readTimeoutMs, bytesMax });
    const to = clock.now();
    const reading = await telemetry.read({ kind: "topology" }, { from: to - lookBackMs, to });
    if (reading.kind !== "data") return;
    const [from, callee] = [texts(reading.frame, "from"), texts(reading.frame, "to")];
    const edges = from.flatMap((name, i): Edge[] => {
      const other = callee[i];
      return name !== null && other != null ? [{ from: name, to: other, kind: "calls" }] : [];
    });
    if (edges.length > 0) known = topologyOf(edges);
    logger.info("topology-read", { edges: edges.length });
  };
  return {
    current: () => known,
    run: async (signal) => {
      while (!signal.aborted && sources.length > 0) {
        await read(signal).catch((fault: unknown) => {
          logger.warn("topology-read-fail", { fault: fault instanceof Error ? fault.message : "" });
        });
        await delay(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
