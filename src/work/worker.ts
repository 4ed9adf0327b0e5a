import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { HandedOver } from "../core/errors.ts";
import type { Job, JobStore } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { WorkSettings } from "../core/work-settings.ts";
import type { JobEnd, JobHandler } from "./handler.ts";

const idlePauseMs = 250;
const faultPauseMs = 2_000;
const buryEveryMs = 5_000;
const deadPerLook = 100;
const hourMs = 3_600_000;
const backOffFirstMs = 2_000;
const backOffMaxMs = 10 * 60_000;

export interface WorkerParts {
  readonly jobs: JobStore;
  readonly handlers: readonly JobHandler[];
  readonly settings: WorkSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this process among those that share the queue. */
  readonly owner: string;
}

export interface Worker {
  /** Works until the signal, then drains: running jobs may end, the rest go back to the queue. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Takes and runs what can run now, and waits for it; the number of jobs. For tests and one-offs.
   */
  once(): Promise<number>;
  status(): WorkerStatus;
}

export interface WorkerStatus {
  readonly running: number;
  /** Why metered jobs wait, in words; null when they do not. */
  readonly ceiling: string | null;
}

interface Running {
  readonly job: Job;
  readonly done: Promise<void>;
  readonly stop: AbortController;
}

/**
 * Nothing runs before `run` or `once`. Jobs of a kind without a handler are left to other
 * processes.
 */
export function worker(parts: WorkerParts): Worker {
  const { jobs, handlers, settings, clock, logger, owner } = parts;
  const running = new Map<string, Running>();
  let ceiling: string | null = null;
  const leaseMs = settings.leaseSeconds * 1_000;

  const kindsNow = async (): Promise<string[]> => {
    const before = ceiling;
    ceiling = await ceilingReached(jobs, settings, clock.now());
    if (ceiling && ceiling !== before) logger.warn("work-ceiling", { ceiling });
    return handlers.filter((item) => !(item.isMetered && ceiling)).map((item) => item.kind);
  };
  const take = async (): Promise<boolean> => {
    const job = await jobs.lease({ worker: owner, kinds: await kindsNow(), leaseMs });
    if (!job) return false;
    const stop = new AbortController();
    const done = runOne(parts, job, stop, leaseMs).finally(() => running.delete(job.id));
    running.set(job.id, { job, done, stop });
    return true;
  };
  /** A job may also die with its worker, so the dead are looked for, each once. */
  const buried = new Set<string>();
  const bury = async (): Promise<void> => {
    for (const job of await jobs.list("dead", deadPerLook)) {
      if (buried.has(job.id)) continue;
      await handlers.find((item) => item.kind === job.kind)?.dead?.(job);
      buried.add(job.id);
    }
  };
  return {
    status: () => ({ running: running.size, ceiling }),
    once: async () => {
      let count = 0;
      while (await take()) {
        count += 1;
        await Promise.all([...running.values()].map((item) => item.done));
      }
      await bury();
      return count;
    },
    run: async (signal) => {
      let buriedAt = Number.NEGATIVE_INFINITY;
      while (!signal.aborted) {
        let hasTaken = false;
        let pauseMs = idlePauseMs;
        try {
          hasTaken = running.size < settings.concurrency && (await take());
          if (!hasTaken && Math.abs(clock.now() - buriedAt) >= buryEveryMs) {
            buriedAt = clock.now();
            await bury();
          }
        } catch (fault) {
          logger.error("job-lease-fail", { fault: messageOf(fault) });
          pauseMs = faultPauseMs;
        }
        if (!hasTaken) await delay(pauseMs, undefined, { signal }).catch(() => {});
      }
      await drain(parts, running);
    },
  };
}

/** One job from its lease to its end, with the lease kept alive meanwhile. Never throws. */
async function runOne(
  parts: WorkerParts,
  job: Job,
  stop: AbortController,
  leaseMs: number,
): Promise<void> {
  const { jobs, handlers, logger, owner } = parts;
  const handler = handlers.find((item) => item.kind === job.kind);
  const log = logger.with({ job: job.id, kind: job.kind, attempt: job.attempts });
  const keepAlive = setInterval(() => {
    jobs.renew(job.id, owner, leaseMs).then(
      (isMine) => {
        if (!isMine) stop.abort(new HandedOver("the lease was lost"));
      },
      (fault: unknown) => log.warn("job-renew-fail", { fault: messageOf(fault) }),
    );
  }, leaseMs / 3);
  const progress = () => {
    jobs.progress(job.id, owner).catch((fault: unknown) => {
      log.warn("job-progress-fail", { fault: messageOf(fault) });
    });
  };
  try {
    log.info("job-start", { incident: job.exclusive });
    const end = handler
      ? await handler.run(job, stop.signal, progress).catch(retryAfter)
      : { kind: "give-up" as const, error: `no handler for ${job.kind}` };
    await finish(parts, job, end, handler?.isMetered ?? false);
    log.info("job-end", { end: end.kind, ...("error" in end ? { error: end.error } : {}) });
  } catch (fault) {
    // The store is away: the lease runs out and the job is given to somebody again.
    log.error("job-end-fail", { fault: messageOf(fault) });
  } finally {
    clearInterval(keepAlive);
  }
}

async function finish(
  { jobs, clock, owner }: WorkerParts,
  job: Job,
  end: JobEnd,
  isMetered: boolean,
): Promise<void> {
  if (end.kind === "done") {
    if (isMetered) await jobs.spend(job.kind, end.costUsd ?? 0);
    await jobs.finish(job.id, owner);
    return;
  }
  const retryAt = end.kind === "give-up" ? null : clock.now() + backOffMs(job);
  await jobs.fail(job.id, owner, end.error, retryAt);
}

function retryAfter(fault: unknown): JobEnd {
  // A `UserError` says what a person must do; until then another try fails the same way.
  const isForPerson = fault instanceof Error && "kind" in fault && fault.kind === "user";
  return { kind: isForPerson ? "give-up" : "retry", error: messageOf(fault) };
}

/** Doubles with each attempt, with up to a quarter more that differs from job to job. */
export function backOffMs(job: Pick<Job, "id" | "attempts">): number {
  const base = Math.min(backOffFirstMs * 2 ** (job.attempts - 1), backOffMaxMs);
  const spread =
    [...job.id].reduce((sum, sign) => (sum * 131 + sign.charCodeAt(0) * 577) % 997, 7) / 997;
  return Math.round(base * (1 + spread / 4));
}

/** The ceiling of this hour that is reached, in words, or null. */
async function ceilingReached(
  jobs: JobStore,
  { perHour }: WorkSettings,
  now: number,
): Promise<string | null> {
  const spent = await jobs.spentSince(now - hourMs);
  const runs = spent.reduce((sum, item) => sum + item.runs, 0);
  const costUsd = spent.reduce((sum, item) => sum + item.costUsd, 0);
  if (runs >= perHour.investigations) return `${runs} investigations in the last hour`;
  if (costUsd >= perHour.costUsd) return `$${costUsd.toFixed(2)} spent in the last hour`;
  return null;
}

/** Waits for what runs; what takes longer goes back to the queue, where it is taken up again. */
async function drain(parts: WorkerParts, running: ReadonlyMap<string, Running>): Promise<void> {
  const { settings, jobs, logger, owner } = parts;
  const all = [...running.values()];
  if (all.length === 0) return;
  logger.info("work-drain", { running: all.length });
  const stop = new AbortController();
  const ended = Promise.all(all.map((item) => item.done));
  const timeUp = delay(settings.drainSeconds * 1_000, undefined, { signal: stop.signal });
  await Promise.race([ended, timeUp.catch(() => {})]);
  stop.abort();
  for (const { job } of running.values()) {
    await jobs.release(job.id, owner).catch((fault: unknown) => {
      logger.error("job-release-fail", { job: job.id, fault: messageOf(fault) });
    });
  }
}

function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}
