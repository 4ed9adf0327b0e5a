import { emptyFrame, type Frame } from "../../core/frame.ts";
import type { Gap, Outcome, Provenance, Signal } from "../../core/outcome.ts";
import { type SignalQuery, signalOf } from "../../core/query.ts";
import type { Probe, SourceContext } from "../../core/source.ts";
import { toIso, type Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import { type AwsPlace, awaitTurn } from "./account-pace.ts";
import { AwsCallFault, AwsRefusal, AwsStopped, awsFailure, isRefused } from "./faults.ts";
import { callUsd, insightsUsd, type Prices } from "./prices.ts";

/** What an AWS source found. */
export interface AwsAnswer {
  readonly frame: Frame;
  /** The query as the service understands it. */
  readonly query: string;
  readonly truncated?: boolean;
  readonly bytes?: number;
  readonly gaps?: readonly Gap[];
  readonly link?: string;
  readonly region?: string;
  /** Why there may be nothing, and what to try; used when the frame is empty. */
  readonly reasons?: readonly string[];
  readonly next?: string;
}

/** Who is asked what. */
export interface AwsAsked {
  readonly source: string;
  readonly place: AwsPlace;
  readonly query: SignalQuery;
  readonly window: Window;
  readonly signal?: Signal;
}

/** What a read has cost so far: bytes of Logs Insights, and dollars of everything else. */
interface Meter {
  bytes: number;
  usd: number;
  plannedBytes: number;
  plannedUsd: number;
}

function newMeter(): Meter {
  return { bytes: 0, usd: 0, plannedBytes: 0, plannedUsd: 0 };
}

/** Makes the calls of one read: each stops with the read, and knows the IAM action it needs. */
export interface AwsCalls {
  readonly stop: AbortSignal;
  /**
   * Bytes that the engine has scanned so far, also for what then failed: they cost all the same.
   */
  readonly meter: Meter;
  /**
   * Says what the read will scan and cost at most, before it is sent; throws when that is more than
   * is left.
   */
  plan(bytes: number, costUsd: number): void;
  /** The prices of this read. */
  readonly prices: Prices;
  call<T>(action: string, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Runs one read within its time, and turns whatever comes of it into an outcome. */
export async function awsOutcome(
  asked: AwsAsked,
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<AwsAnswer>,
): Promise<Outcome> {
  const startedAt = performance.now();
  const meter = newMeter();
  const provenance = (answer?: AwsAnswer): Provenance => ({
    source: asked.source,
    signal: asked.signal ?? signalOf[asked.query.kind],
    query: answer?.query ?? (asked.query.kind === "native" ? asked.query.text : asked.query.kind),
    window: asked.window,
    ...(answer?.region ? { region: answer.region } : {}),
    ...(asked.place.account ? { account: asked.place.account } : {}),
    tookMs: Math.round(performance.now() - startedAt),
    rows: answer?.frame.length ?? 0,
    bytesScanned: Math.max(answer?.bytes ?? 0, meter.bytes),
    costUsd: meter.usd + insightsUsd(meter.bytes, context.prices ?? {}),
    ...(meter.plannedUsd > 0
      ? { planned: { bytes: meter.plannedBytes, costUsd: meter.plannedUsd } }
      : {}),
    truncated: answer?.truncated ?? false,
    ...(answer?.link ? { link: answer.link } : {}),
  });
  let answer: AwsAnswer;
  try {
    answer = await withCalls(asked.place, context, work, meter);
  } catch (error) {
    return { kind: "failed", ...awsFailure(error), provenance: provenance() };
  }
  const gaps = answer.gaps ?? [];
  if (answer.frame.length > 0) {
    return { kind: "data", frame: answer.frame, provenance: provenance(answer), gaps };
  }
  const { from, to } = asked.window;
  return {
    kind: "empty",
    searched: `${asked.query.kind} in ${asked.source}, ${toIso(from)} to ${toIso(to)}`,
    reasons: answer.reasons ?? ["nothing matches what was asked"],
    next: answer.next ?? "Widen the window, or leave out services or text.",
    provenance: provenance(answer),
    gaps,
  };
}

/** What is already paid for is fetched to its end. */
const freeToEnd = /:(GetQueryResults|GetQueryExecution)$/;

/** Runs one probe; what cannot be seen is a line with the way out. */
export async function awsProbe(
  place: AwsPlace,
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<Probe>,
): Promise<Probe> {
  const refused = new Set<string>();
  const granted = new Set<string>();
  const watched = (calls: AwsCalls): AwsCalls => ({
    ...calls,
    call: async (action, send) => {
      try {
        const result = await calls.call(action, send);
        granted.add(action);
        return result;
      } catch (error) {
        if (isRefused(error)) refused.add(action);
        throw error;
      }
    },
  });
  const rights = () =>
    refused.size > 0 ? { rights: { refused: [...refused], granted: [...granted] } } : {};
  try {
    const probe = await withCalls(place, context, (calls) => work(watched(calls)));
    return { ...probe, ...rights() };
  } catch (error) {
    const { message, upstream } = awsFailure(error);
    return { state: "unreachable", lines: upstream ? [message, upstream] : [message], ...rights() };
  }
}

/** An answer without rows. */
export function nothing(query: string, reasons: readonly string[], next: string): AwsAnswer {
  return { frame: emptyFrame, query, reasons, next };
}

/** Makes the calls of `work` within the time of the read; throws what AWS says. */
export async function withCalls<T>(
  place: AwsPlace,
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<T>,
  meter = newMeter(),
): Promise<T> {
  const leftMs = context.deadline - systemClock.now();
  if (context.signal.aborted) throw new AwsStopped("cancelled");
  if (leftMs <= 0) throw new AwsStopped("timed-out");
  const late = AbortSignal.timeout(Math.min(leftMs, 2 ** 31 - 1));
  const stop = AbortSignal.any([context.signal, late]);
  const check = () => {
    if (context.signal.aborted) throw new AwsStopped("cancelled");
    if (late.aborted) throw new AwsStopped("timed-out");
  };
  const prices = context.prices ?? {};
  const left = context.costUsdMax ?? Number.POSITIVE_INFINITY;
  const dollars = (usd: number) => `${usd.toFixed(4)} USD`;
  return work({
    stop,
    meter,
    prices,
    plan: (bytes, costUsd) => {
      meter.plannedBytes += bytes;
      meter.plannedUsd += costUsd;
      if (meter.plannedUsd <= left) return;
      const words = `This would cost up to ${dollars(meter.plannedUsd)} of ${dollars(left)} left`;
      throw new AwsRefusal("too-big", `${words}; narrow it, or raise budget.sourcesUsd.`);
    },
    call: async (action, send) => {
      check();
      const spent = meter.usd + insightsUsd(meter.bytes, prices);
      if (spent > 0 && spent >= left && !freeToEnd.test(action)) {
        const words = `The ${dollars(left)} that reads may still cost are spent`;
        throw new AwsRefusal("too-big", `${words}; raise budget.sourcesUsd.`);
      }
      await awaitTurn(place, action, stop);
      check();
      try {
        const result = await send(stop);
        meter.usd += callUsd(action, result, prices);
        return result;
      } catch (error) {
        check();
        throw new AwsCallFault(action, error);
      }
    },
  });
}
