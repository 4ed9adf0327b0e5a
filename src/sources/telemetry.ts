import type { Clock } from "../core/clock.ts";
import type { Gap, Outcome } from "../core/outcome.ts";
import { type NativeQuery, type SignalQuery, signalOf } from "../core/query.ts";
import type { Purse, Reading, Source, SourceContext, Telemetry } from "../core/source.ts";
import type { Window } from "../core/window.ts";
import { joinOutcomes } from "./join-outcomes.ts";

/** What bounds all reads of one investigation together. */
export interface TelemetryOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Longest time for one read. */
  readonly readTimeoutMs: number;
  /** Most bytes that all reads together may scan. */
  readonly bytesMax: number;
  /** Most US dollars that all reads together may cost; without it, any. */
  readonly costUsdMax?: number;
  readonly prices?: Readonly<Record<string, number>>;
}

/**
 * All open sources behind one question. Every source that answers the kind of question is asked, at
 * the same time; a source that throws, hangs past the deadline or is cancelled has failed, and the
 * others' answers stand. The same question over the same window is asked once.
 */
export function openTelemetry(sources: readonly Source[], options: TelemetryOptions): Telemetry {
  const answers = new Map<string, Promise<Reading>>();
  const gaps = new Map<string, Gap>();
  let hasData = false;
  let bytes = 0;
  let costUsd = 0;
  const planned = { bytes: 0, costUsd: 0 };
  const purse = options.costUsdMax === undefined ? {} : { purse: newPurse(options.costUsdMax) };

  const askAll = async (
    asked: readonly Source[],
    query: SignalQuery,
    window: Window,
  ): Promise<Reading> => {
    const context: SourceContext = {
      signal: options.signal,
      deadline: options.clock.now() + options.readTimeoutMs,
      bytesMax: Math.max(0, options.bytesMax - bytes),
      ...purse,
      ...(options.prices ? { prices: options.prices } : {}),
    };
    const parts = await Promise.all(
      asked.map((source) => askOne(source, query, window, context, options.clock)),
    );
    bytes += parts.reduce((sum, part) => sum + part.provenance.bytesScanned, 0);
    for (const { provenance } of parts) {
      costUsd += provenance.costUsd ?? 0;
      planned.bytes += provenance.planned?.bytes ?? 0;
      planned.costUsd += provenance.planned?.costUsd ?? 0;
    }
    const reading = joinOutcomes(parts, query, window);
    hasData ||= reading.kind === "data" && query.kind !== "alarms" && query.kind !== "topology";
    for (const gap of gapsOf(reading)) gaps.set(JSON.stringify(gap), gap);
    return reading;
  };
  const read = (asked: readonly Source[], query: SignalQuery, window: Window) => {
    const key = JSON.stringify([query, window.from, window.to]);
    const known = answers.get(key);
    if (known) return known;
    const made = askAll(asked, query, window);
    answers.set(key, made);
    // What could be different next time is not remembered.
    const forget = () => answers.delete(key);
    made.then((reading) => {
      if (reading.parts.some((part) => part.kind === "failed" && part.retryable)) forget();
    }, forget);
    return made;
  };
  return {
    sources,
    read: (query, window) =>
      read(
        sources.filter((source) => source.answers.includes(query.kind)),
        query,
        window,
      ),
    native: (query: NativeQuery, window) =>
      read(
        sources.filter((source) => source.name === query.source),
        query,
        window,
      ),
    gaps: () => [...gaps.values()],
    hasData: () => hasData,
    bytesScanned: () => bytes,
    spent: () => ({ costUsd, planned: { ...planned } }),
  };
}

function newPurse(mostUsd: number): Purse {
  let claimedUsd = 0;
  return {
    left: () => mostUsd - claimedUsd,
    claim: (usd) => {
      claimedUsd += usd;
    },
  };
}

async function askOne(
  source: Source,
  query: SignalQuery,
  window: Window,
  context: SourceContext,
  clock: Clock,
): Promise<Outcome> {
  const startedAt = clock.now();
  const failed = (
    reason: "cancelled" | "timed-out" | "unavailable",
    message: string,
    upstream?: string,
  ): Outcome => ({
    kind: "failed",
    reason,
    message,
    retryable: true,
    ...(upstream ? { upstream } : {}),
    provenance: {
      source: source.name,
      signal: signalOf[query.kind],
      query: query.kind === "native" ? query.text : query.kind,
      window,
      tookMs: clock.now() - startedAt,
      rows: 0,
      bytesScanned: 0,
      truncated: false,
    },
  });
  if (context.signal.aborted) return failed("cancelled", "The read was cancelled.");
  const stop = Promise.withResolvers<Outcome>();
  const onAbort = () => stop.resolve(failed("cancelled", "The read was cancelled."));
  context.signal.addEventListener("abort", onAbort, { once: true });
  const left = Math.max(0, context.deadline - startedAt);
  // A source stops itself at the deadline; this is for one that does not.
  const timer = setTimeout(
    () => stop.resolve(failed("timed-out", `${source.name} did not answer in time.`)),
    Math.min(left + graceMs, 2 ** 31 - 1),
  );
  try {
    const answer = source.run(query, window, context);
    answer.catch(() => undefined);
    return await Promise.race([answer, stop.promise]);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return failed("unavailable", `${source.name} broke while answering.`, words.slice(0, 500));
  } finally {
    clearTimeout(timer);
    context.signal.removeEventListener("abort", onAbort);
  }
}

const graceMs = 1_000;

function gapsOf(reading: Reading): readonly Gap[] {
  if (reading.kind !== "failed") return reading.gaps;
  if (reading.gaps) return reading.gaps;
  const signal = reading.provenance.signal;
  return [
    {
      what: `${signal} from ${reading.provenance.source}`,
      why: reading.message,
      effect: `nothing is known from ${signal} for this question`,
      signal,
    },
  ];
}
