import { setTimeout as delay } from "node:timers/promises";
import type { AlarmQueue } from "../core/alarm-door.ts";
import type { Clock } from "../core/clock.ts";
import type { AlarmStore } from "../core/intake.ts";
import type { Logger } from "../core/logger.ts";
import { type Quarantine, quarantine } from "./alarm-door.ts";
import type { ArrivalWriter } from "./arrival-writer.ts";
import type { Sender } from "./sender.ts";

const pauseMinMs = 1_000;
const pauseMaxMs = 60_000;

export interface PollParts {
  readonly queue: AlarmQueue;
  readonly sender: Sender;
  readonly store: AlarmStore;
  readonly write: ArrivalWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Reads a queue until the signal. A message is deleted when its alarms are on disk, or when it is
 * in quarantine; everything else stays in the queue and comes again.
 */
export async function pollQueue(parts: PollParts): Promise<void> {
  const { queue, signal, logger } = parts;
  const keep = quarantine(parts.store, parts.clock, logger);
  let pauseMs = pauseMinMs;
  while (!signal.aborted) {
    try {
      await takeOnce(parts, keep);
      pauseMs = pauseMinMs;
    } catch (fault) {
      if (signal.aborted) return;
      const message = fault instanceof Error ? fault.message : String(fault);
      logger.error("queue-poll-fail", { queue: queue.name, fault: message, pauseMs });
      await delay(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, pauseMaxMs);
    }
  }
}

/** One read of the queue. Returns the number of messages that are done with. */
export async function takeOnce(parts: PollParts, keep: Quarantine): Promise<number> {
  const { queue, sender, write, signal } = parts;
  const messages = await queue.receive(signal);
  const done: string[] = [];
  for (const message of messages) {
    const body = new TextEncoder().encode(message.body);
    const verdict = await sender.receive({ body, headers: {} });
    if (verdict.kind === "later") continue;
    if (verdict.kind === "alarms") await write(verdict.arrivals);
    if (verdict.kind === "refused" && !(await keep(queue.name, verdict.reason, body))) continue;
    done.push(message.receipt);
  }
  if (done.length > 0) await queue.remove(done);
  return done.length;
}
