import { emptyFrame, type Frame } from "../core/frame.ts";
import type { Gap, Outcome, Provenance, Signal } from "../core/outcome.ts";
import { type SignalQuery, signalOf } from "../core/query.ts";
import type { Probe, SourceContext } from "../core/source.ts";
import { toIso, type Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import { AwsCallFault, AwsStopped, awsFailure } from "./aws-faults.ts";

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
  readonly account?: string | undefined;
  readonly query: SignalQuery;
  readonly window: Window;
  readonly signal?: Signal;
}

/** Makes the calls of one read: each stops with the read, and knows the IAM action it needs. */
export interface AwsCalls {
  readonly stop: AbortSignal;
  /** Bytes that the engine has scanned so far, also for what then failed: they cost all the same. */
  readonly meter: { bytes: number };
  call<T>(action: string, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Runs one read within its time, and turns whatever comes of it into an outcome. */
export async function awsOutcome(
  asked: AwsAsked,
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<AwsAnswer>,
): Promise<Outcome> {
  const startedAt = performance.now();
  const meter = { bytes: 0 };
  const provenance = (answer?: AwsAnswer): Provenance => ({
    source: asked.source,
    signal: asked.signal ?? signalOf[asked.query.kind],
    query: answer?.query ?? (asked.query.kind === "native" ? asked.query.text : asked.query.kind),
    window: asked.window,
    ...(answer?.region ? { region: answer.region } : {}),
    ...(asked.account ? { account: asked.account } : {}),
    tookMs: Math.round(performance.now() - startedAt),
    rows: answer?.frame.length ?? 0,
    bytesScanned: Math.max(answer?.bytes ?? 0, meter.bytes),
    truncated: answer?.truncated ?? false,
    ...(answer?.link ? { link: answer.link } : {}),
  });
  let answer: AwsAnswer;
  try {
    answer = await withCalls(context, work, meter);
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
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<Probe>,
): Promise<Probe> {
  try {
    return await withCalls(context, work);
  } catch (error) {
    const { message, upstream } = awsFailure(error);
    return { state: "unreachable", lines: upstream ? [message, upstream] : [message] };
  }
}

/** An answer without rows. */
export function nothing(query: string, reasons: readonly string[], next: string): AwsAnswer {
  return { frame: emptyFrame, query, reasons, next };
}

async function withCalls<T>(
  context: SourceContext,
  work: (calls: AwsCalls) => Promise<T>,
  meter = { bytes: 0 },
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
  return work({
    stop,
    meter,
    call: async (action, send) => {
      check();
      try {
        return await send(stop);
      } catch (error) {
        check();
        throw new AwsCallFault(action, error);
      }
    },
  });
}
