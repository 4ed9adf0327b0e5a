import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { RetentionPolicy, Store } from "../core/store.ts";
import type { RetentionSettings } from "../core/work-settings.ts";

const dayMs = 86_400_000;
const everyMs = 3_600_000;

export interface ExpireParts {
  readonly store: Pick<Store, "retention" | "jobs" | "audit">;
  readonly settings: RetentionSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly owner: string;
}

/** Settings in days become moments in epoch ms: what is older goes. */
export function policyAt(settings: RetentionSettings, now: number): RetentionPolicy {
  return {
    stepsBefore: now - settings.stepsDays * dayMs,
    blobsBefore: now - settings.evidenceDays * dayMs,
    alarmBodiesBefore: now - settings.alarmBodiesDays * dayMs,
    quarantineBefore: now - settings.quarantineDays * dayMs,
    jobsBefore: now - settings.jobsDays * dayMs,
  };
}

/** Lets old things go, once an hour, in one process of those that share the store. */
export async function expireUntil(parts: ExpireParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await expireOnce(parts);
    } catch (fault) {
      const message = fault instanceof Error ? fault.message : String(fault);
      parts.logger.error("retention-fail", { fault: message });
    }
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}

/**
 * Does nothing while another process has the task, which it keeps for an hour. What was removed is
 * counted in the audit log.
 */
export async function expireOnce(parts: ExpireParts): Promise<void> {
  const { store, settings, clock, logger, owner } = parts;
  if (!(await store.jobs.hold("retention", owner, everyMs))) return;
  const removed = await store.retention.expire(policyAt(settings, clock.now()));
  const total = Object.values(removed).reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  logger.info("retention-expire", removed);
  const entry = { at: clock.now(), event: "retention-expire", by: "shodo", incident: null };
  await store.audit.append({ ...entry, detail: removed });
}
