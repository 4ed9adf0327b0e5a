import type { EpochMs } from "./window.ts";

/** Work that outlives a process: leased by one worker at a time, retried, and never lost. */
export interface Job {
  readonly id: string;
  /** `investigate`, `notify`, … */
  readonly kind: string;
  /** Enqueued twice, run once. */
  readonly key: string;
  /** Jobs with the same value never run at the same time; usually the incident. */
  readonly exclusive: string | null;
  /** 0 is the most urgent. */
  readonly priority: number;
  readonly payload: unknown;
  readonly state: JobState;
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly runAt: EpochMs;
  readonly leasedBy: string | null;
  readonly leaseUntil: EpochMs | null;
  readonly lastError: string | null;
  readonly createdAt: EpochMs;
}

/** `dead` has used up its attempts and waits for a person. */
export type JobState = "ready" | "leased" | "done" | "dead";

export interface NewJob {
  readonly kind: string;
  readonly key: string;
  readonly exclusive: string | null;
  readonly priority: number;
  readonly payload: unknown;
  readonly attemptsMax: number;
  /** Not before this time. */
  readonly runAt: EpochMs;
}

export interface LeaseRequest {
  readonly worker: string;
  readonly kinds: readonly string[];
  readonly leaseMs: number;
}

export interface JobStore {
  /** `already` when the key was enqueued before, whatever became of it. */
  enqueue(job: NewJob): Promise<"queued" | "already">;
  /**
   * The most urgent job that may run now, or null. A lease that ran out is given away again; one
   * that ran out with no attempt left becomes `dead`.
   */
  lease(request: LeaseRequest): Promise<Job | null>;
  /** False when the lease was lost: stop working on it. */
  renew(id: string, worker: string, leaseMs: number): Promise<boolean>;
  /** Something was achieved that the next attempt need not do again: the attempts begin anew. */
  progress(id: string, worker: string): Promise<boolean>;
  /** False when the lease was lost; what was done must then be ignored. */
  finish(id: string, worker: string): Promise<boolean>;
  /** Puts it back for `retryAt`, or among the dead when `retryAt` is null or no attempt is left. */
  fail(
    id: string,
    worker: string,
    error: string,
    retryAt: EpochMs | null,
  ): Promise<"retry" | "dead" | "lost">;
  /** Gives it back unharmed, without costing an attempt: for a drain. */
  release(id: string, worker: string): Promise<boolean>;
  get(id: string): Promise<Job | null>;
  list(state: JobState, limit: number): Promise<readonly Job[]>;
  /** A dead job gets its attempts back. */
  revive(id: string): Promise<boolean>;
  counts(): Promise<readonly { kind: string; state: JobState; count: number }[]>;
  /** Records what a run has cost, for the ceilings per hour. */
  spend(kind: string, costUsd: number): Promise<void>;
  spentSince(at: EpochMs): Promise<readonly { kind: string; runs: number; costUsd: number }[]>;
  /** Takes or keeps a named lease, so that one process among many does a thing. */
  hold(name: string, owner: string, ttlMs: number): Promise<boolean>;
  letGo(name: string, owner: string): Promise<void>;
  /** Everyone who holds a lease or a job. */
  owners(): Promise<readonly string[]>;
  /** Takes everything from an owner that is known to be dead, without waiting for its leases. */
  abandon(owner: string): Promise<void>;
}
