import { emptyFrame, type Frame } from "../../core/frame.ts";
import type { Gap, Outcome, Provenance, Signal } from "../../core/outcome.ts";
import { type SignalQuery, signalOf } from "../../core/query.ts";
import type { Probe, Purse, SourceContext } from "../../core/source.ts";
import { toIso, type Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import { type AwsPlace, awaitTurn } from "./account-pace.ts";
import { AwsCallFault, AwsRefusal, AwsStopped, awsFailure, isRefused } from "./faults.ts";
import { callUsd, isPriced, type Prices, requestUsd } from "./prices.ts";

/** What an AWS source found. */
export interface AwsAnswer {
  readonly frame: Frame;
  /** The query as the service understands it. */
  readonly query: string;
  readonly truncated?: boolean;
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

/** What a read has scanned and cost so far, and was expected to. */
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
  readonly meter: Readonly<Meter>;
  /** Says what will be scanned and cost, before it is sent; throws when that is more than is left. */
  plan(bytes: number, costUsd: number): void;
  /** Counts what an engine has scanned, also for what then failed: it costs all the same. */
  scanned(bytes: number, costUsd: number): void;
  /** The prices of this read. */
  readonly prices: Prices;
  /** Waits for its turn, also by the data `points` that it asks for, where these have a quota. */
  call<T>(
    action: string,
    send: (abortSignal: AbortSignal) => Promise<T>,
    points?: number,
  ): Promise<T>;
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
    bytesScanned: meter.bytes,
    costUsd: meter.usd,
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
    call: async (action, send, points) => {
      try {
        const result = await calls.call(action, send, points);
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
  const cost = costGuard(meter, context.purse);
  const call = async <C>(action: string, send: (abortSignal: AbortSignal) => Promise<C>) => {
    check();
    if (isPriced(action)) cost.checkLeft();
    const expected = requestUsd(action, prices);
    if (expected > 0) cost.plan(0, expected);
    await awaitTurn(place, action, stop);
    check();
    try {
      const result = await send(stop);
      cost.scanned(0, callUsd(action, result, prices));
      return result;
    } catch (error) {
      check();
      throw new AwsCallFault(action, error);
    }
  };
  try {
    return await work({ stop, meter, prices, plan: cost.plan, scanned: cost.scanned, call });
  } finally {
    cost.settle();
  }
}

/**
 * Holds a read to what is left of the investigation's money. What it plans is set aside before it
 * is sent, so that reads that run at the same time cannot spend the same dollar.
 */
function costGuard(meter: Meter, purse: Purse | undefined) {
  let claimed = 0;
  const claim = (usd: number) => {
    purse?.claim(usd - claimed);
    claimed = usd;
  };
  const claimKnown = () => claim(Math.max(meter.plannedUsd, meter.usd));
  const left = () => purse?.left() ?? Number.POSITIVE_INFINITY;
  const dollars = (usd: number) => `${usd.toFixed(4)} USD`;
  return {
    plan(bytes: number, costUsd: number) {
      const wanted = Math.max(meter.plannedUsd + costUsd, meter.usd) - claimed;
      if (wanted > left()) {
        const words = `This would cost up to ${dollars(wanted)} of ${dollars(Math.max(0, left()))} left`;
        throw new AwsRefusal("too-big", `${words}; narrow it, or raise budget.sourcesUsd.`);
      }
      meter.plannedBytes += bytes;
      meter.plannedUsd += costUsd;
      claimKnown();
    },
    scanned(bytes: number, costUsd: number) {
      meter.bytes += bytes;
      meter.usd += costUsd;
      claimKnown();
    },
    checkLeft() {
      if (left() > 0 || meter.usd < meter.plannedUsd) return;
      const words = "What reads may cost is spent or set aside";
      throw new AwsRefusal("too-big", `${words}; raise budget.sourcesUsd.`);
    },
    settle: () => claim(meter.usd),
  };
}
