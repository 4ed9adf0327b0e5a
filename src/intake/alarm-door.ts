import type { AlarmDoor, DoorAnswer, IncomingMessage } from "../core/alarm-door.ts";
import type { Clock } from "../core/clock.ts";
import type { AlarmStore } from "../core/intake.ts";
import type { Logger } from "../core/logger.ts";
import type { ArrivalWriter } from "./arrival-writer.ts";
import type { Sender, Verdict } from "./sender.ts";

/** SNS and EventBridge send 256 KiB at most; Alertmanager and others are given room for groups. */
const bodyBytesMax = 1_048_576;
const quarantineBodyChars = 4_000;
/** Refused messages kept per minute, so that a flood of them cannot fill the disk. */
const quarantinePerMinute = 120;
const minuteMs = 60_000;

export interface DoorParts {
  readonly senders: readonly Sender[];
  readonly store: AlarmStore;
  readonly write: ArrivalWriter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes messages in: to the sender's own file, to disk, and only then 2xx. */
export function alarmDoor({ senders, store, write, clock, logger }: DoorParts): AlarmDoor {
  const byPath = new Map(senders.flatMap((sender) => (sender.path ? [[sender.path, sender]] : [])));
  const keep = quarantine(store, clock, logger);

  const answerTo = async (path: string, message: IncomingMessage, verdict: Verdict) => {
    switch (verdict.kind) {
      case "handled":
        return answer(200, verdict.note);
      case "later":
        return answer(503, `Try again: ${verdict.reason}.`);
      case "refused":
        await keep(path, verdict.reason, message.body);
        return answer(verdict.status, verdict.reason);
      case "alarms": {
        const receipts = await write(verdict.arrivals);
        const accepted = receipts.filter((receipt) => receipt.kind === "accepted").length;
        return { ...answer(202, "On disk."), accepted, duplicates: receipts.length - accepted };
      }
    }
  };
  return {
    paths: [...byPath.keys()],
    bytesMax: bodyBytesMax,
    receive: async (path, message) => {
      const sender = byPath.get(path);
      if (!sender) return answer(404, "No sender is set up under this path.");
      try {
        return await answerTo(path, message, await sender.receive(message));
      } catch (fault) {
        logger.error("alarm-accept-fail", { path, fault: nameOf(fault) });
        return answer(503, "The alarm could not be written down; send it again.");
      }
    },
    refuseOversized: async (path, bytes) => {
      if (!byPath.has(path)) return answer(404, "No sender is set up under this path.");
      const reason = `The message is larger than ${bodyBytesMax} bytes.`;
      await keep(path, reason, new Uint8Array(), bytes);
      return answer(413, reason);
    },
  };
}

/** False when it could not be kept: beyond the ceiling, or the store is down. */
export type Quarantine = (
  sender: string,
  reason: string,
  body: Uint8Array,
  bytes?: number,
) => Promise<boolean>;

/** Keeps what was refused for a person to look at; beyond the ceiling it is only logged. */
export function quarantine(store: AlarmStore, clock: Clock, logger: Logger): Quarantine {
  let minute = 0;
  let kept = 0;
  return async (sender, reason, body, bytes = body.byteLength) => {
    const now = clock.now();
    const current = Math.floor(now / minuteMs);
    if (current !== minute) {
      minute = current;
      kept = 0;
    }
    kept += 1;
    logger.warn("alarm-refuse", { sender, reason, bytes });
    if (kept > quarantinePerMinute) return false;
    const text = new TextDecoder().decode(body.subarray(0, quarantineBodyChars * 4));
    try {
      const entry = { at: now, sender, reason, bytes, body: text.slice(0, quarantineBodyChars) };
      await store.quarantine(entry);
      return true;
    } catch (fault) {
      logger.error("alarm-quarantine-fail", { sender, fault: nameOf(fault) });
      return false;
    }
  };
}

function answer(status: DoorAnswer["status"], message: string): DoorAnswer {
  return { status, message, accepted: 0, duplicates: 0 };
}

function nameOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
