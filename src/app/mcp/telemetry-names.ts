import type { Clock } from "../../core/clock.ts";
import { texts } from "../../core/frame.ts";
import { limits } from "../../core/limits.ts";
import type { Source } from "../../core/source.ts";
import type { Window } from "../../core/window.ts";
import { openTelemetry } from "../../sources/telemetry.ts";

const bytesMax = 50_000_000;
const namesMax = 2_000;

/** Names of services and metrics that the sources know in `window`, for completion. */
export async function namesOf(
  sources: readonly Source[],
  window: Window,
  clock: Clock,
): Promise<{ readonly services: readonly string[]; readonly metrics: readonly string[] }> {
  if (sources.length === 0) return { services: [], metrics: [] };
  const signal = AbortSignal.timeout(5_000);
  const { readTimeoutMs } = limits;
  const telemetry = openTelemetry(sources, { clock, signal, readTimeoutMs, bytesMax });
  const reading = await telemetry.read({ kind: "metric-list", limit: namesMax }, window);
  if (reading.kind !== "data") return { services: [], metrics: [] };
  return {
    services: distinct(texts(reading.frame, "service")),
    metrics: distinct(texts(reading.frame, "metric")),
  };
}

function distinct(names: readonly (string | null)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== null))].sort();
}
