import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { ConfigError, UserError } from "../../core/errors.ts";
import type { JobStore } from "../../core/job.ts";
import type { Logger } from "../../core/logger.ts";
import type { SlackFace } from "../../slack/slack-face.ts";

const leaseMs = 15_000;
const everyMs = 3_000;
const restMsMax = 5_000;
const leaseName = "slack";

export interface SlackTurnParts {
  readonly jobs: Pick<JobStore, "hold" | "letGo">;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A new face, not yet started; null when Slack is not used. */
  readonly open: () => Promise<SlackFace | null>;
}

/**
 * Of all processes that share a store, the holder of a lease speaks in Slack, so that nothing is
 * said twice; it hears of the others' work through the store. When it is gone another one takes
 * over and goes on from stored state. Resolves at the signal, when the face has let go.
 */
export async function speakInTurn(parts: SlackTurnParts, signal: AbortSignal): Promise<void> {
  const { jobs, owner, clock, logger } = parts;
  let face: SlackFace | null = null;
  let heldAt = 0;
  const rest = async (why: string) => {
    if (!face) return;
    logger.info("slack-rest", { why });
    const resting = face;
    face = null;
    // What waits for its turn in Slack is taken up again from stored state: it must not hold us
    // here.
    const timeUp = new AbortController();
    const patience = delay(restMsMax, undefined, { signal: timeUp.signal }).catch(() => {});
    await Promise.race([resting.stop(), patience]);
    timeUp.abort();
  };
  const turn = async (): Promise<"end" | "go on"> => {
    const isMine = await jobs.hold(leaseName, owner, leaseMs);
    if (!isMine) {
      await rest("another process speaks now");
      return "go on";
    }
    heldAt = clock.now();
    if (face) return "go on";
    const opened = await parts.open();
    if (!opened) return "end";
    await opened.start();
    face = opened;
    return "go on";
  };
  try {
    while (!signal.aborted) {
      try {
        if ((await turn()) === "end") return;
      } catch (fault) {
        // A wrong token stays wrong: the service stops and says so, as for any wrong setting.
        if (fault instanceof ConfigError || fault instanceof UserError) throw fault;
        logger.error("slack-turn-fail", { fault: fault instanceof Error ? fault.message : "" });
        if (clock.now() - heldAt > leaseMs) await rest("the store cannot be reached");
      }
      await delay(everyMs, undefined, { signal }).catch(() => {});
    }
  } finally {
    await rest("the process ends").catch(() => {});
    await jobs.letGo(leaseName, owner).catch(() => {});
  }
}
