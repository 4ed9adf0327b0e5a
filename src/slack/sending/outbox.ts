import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Timers } from "../timers.ts";
import { type Bucket, Budgets, everyMs, spend, waitMs } from "./budgets.ts";
import { type Failure, failureOf } from "./failures.ts";

/** One call of Slack's Web API that need not happen at once. */
export interface OutCall {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly channel: string | null;
  /** Calls with the same lane run one after the other: one lane per message. */
  readonly lane: string;
  /** Finals and headlines before progress, progress before decoration. */
  readonly rank: 0 | 1 | 2;
  /** A later call with this key takes the place of a waiting one: the latest state wins. */
  readonly replaces?: string;
  /**
   * It adds to what is there: whether or not it was done, it is not made again when that is
   * unknown.
   */
  readonly isOnce?: boolean;
  /** Asked before a call whose answer was lost is made again: what it did, null when it did not. */
  readonly landed?: () => Promise<Readonly<Record<string, unknown>> | null>;
}

export type SendOutcome =
  | { readonly kind: "sent"; readonly response: Readonly<Record<string, unknown>> }
  /** A newer state took its place, or there was no room for decoration. */
  | { readonly kind: "dropped" }
  | { readonly kind: "refused"; readonly error: string; readonly details: readonly string[] };

export type Transmit = (
  method: string,
  args: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>;

interface Waiting {
  call: OutCall;
  attempts: number;
  /** The last try had no answer, so it may have been done. */
  isUnknown: boolean;
  notBefore: number;
  readonly settle: (outcome: SendOutcome) => void;
}

export const outboxLimits = {
  /** Calls waiting; beyond it decoration and progress go first, and it is logged. */
  waitingMax: 5_000,
  attemptsMax: 6,
  inFlightMax: 12,
} as const;

/**
 * Sends within Slack's rates: spends budgets before calling, honours Retry-After, keeps order per
 * message, replaces outdated states, and always sends the last one. What is final has a part of
 * each budget to itself, so that it does not wait behind what passes.
 */
export class Outbox {
  readonly #transmit: Transmit;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #logger: Logger;
  readonly #budgets = new Budgets();
  readonly #waiting: [Waiting[], Waiting[], Waiting[]] = [[], [], []];
  readonly #busy = new Set<string>();
  #inFlight = 0;
  #cancelTimer: (() => void) | null = null;
  #idle: (() => void)[] = [];
  #isClosed = false;

  constructor(options: { transmit: Transmit; clock: Clock; timers: Timers; logger: Logger }) {
    this.#transmit = options.transmit;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#logger = options.logger;
  }

  /** Never throws: what Slack refused is an outcome. */
  send(call: OutCall): Promise<SendOutcome> {
    if (this.#isClosed) return Promise.resolve({ kind: "dropped" });
    return new Promise((settle) => {
      const waiting = { call, attempts: 0, isUnknown: false, notBefore: 0, settle };
      if (!this.#replace(waiting)) this.#waiting[call.rank].push(waiting);
      this.#makeRoom();
      this.#pump();
    });
  }

  /** How long a call of this kind would wait for its budget now; 0 means at once. */
  waitMs(method: string, channel: string | null = null, rank: 0 | 1 | 2 = 1): number {
    const now = this.#clock.now();
    const buckets = this.#budgets.of(method, channel, now);
    const waits = buckets.map((bucket, i) => {
      const isShared = i === 0;
      const ahead = this.#waiting
        .slice(0, rank + 1)
        .flat()
        .filter(({ call }) => call.method === method && (isShared || call.channel === channel));
      return waitMs(bucket, rank, now) + ahead.length * everyMs(bucket, rank);
    });
    return Math.max(...waits);
  }

  get size(): number {
    return (
      this.#inFlight + this.#waiting[0].length + this.#waiting[1].length + this.#waiting[2].length
    );
  }

  /** What waits, by method and rank, for health and benchmarks. */
  get waiting(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { call } of this.#waiting.flat()) {
      const name = `${call.method}:${call.rank}`;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Drops what waits; what is under way ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const list of this.#waiting) {
      for (const one of list.splice(0)) one.settle({ kind: "dropped" });
    }
  }

  #replace(fresh: Waiting): boolean {
    const key = fresh.call.replaces;
    if (!key) return false;
    for (const list of this.#waiting) {
      const at = list.findIndex((one) => one.call.replaces === key);
      const old = list[at];
      if (!old) continue;
      old.settle({ kind: "dropped" });
      if (fresh.call.rank < old.call.rank) {
        list.splice(at, 1);
        return false;
      }
      list[at] = { ...fresh, call: { ...fresh.call, rank: old.call.rank } };
      return true;
    }
    return false;
  }

  #makeRoom(): void {
    for (const rank of [2, 1] as const) {
      while (this.size > outboxLimits.waitingMax) {
        const oldest = this.#waiting[rank].shift();
        if (!oldest) break;
        oldest.settle({ kind: "dropped" });
        this.#logger.warn("slack-call-dropped", { method: oldest.call.method, why: "outbox full" });
      }
    }
  }

  #pump(): void {
    if (this.#isClosed) return;
    const now = this.#clock.now();
    const soonest = Math.min(...this.#waiting.map((list) => this.#sendFrom(list, now)));
    this.#cancelTimer?.();
    this.#cancelTimer = Number.isFinite(soonest)
      ? this.#timers.after(Math.max(1, soonest), () => this.#pump())
      : null;
    if (this.size === 0) for (const done of this.#idle.splice(0)) done();
  }

  /**
   * Sends what may go now; gives the ms until the next one may, infinity when none waits for time.
   */
  #sendFrom(list: Waiting[], now: number): number {
    const spent = new Set<string>();
    let soonest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < list.length && this.#inFlight < outboxLimits.inFlightMax; i += 1) {
      const one = list[i];
      if (!one || this.#busy.has(one.call.lane)) continue;
      const key = `${one.call.method}:${one.call.channel}`;
      if (spent.has(one.call.method) || spent.has(key)) continue;
      const buckets = this.#budgets.of(one.call.method, one.call.channel, now);
      const waits = buckets.map((bucket) => waitMs(bucket, one.call.rank, now));
      const wait = Math.max(one.notBefore - now, ...waits);
      if (wait > 0) {
        soonest = Math.min(soonest, wait);
        if ((waits[0] ?? 0) > 0) spent.add(one.call.method);
        else if ((waits[1] ?? 0) > 0) spent.add(key);
        continue;
      }
      list.splice(i, 1);
      i -= 1;
      for (const bucket of buckets) spend(bucket, now);
      void this.#run(one, buckets);
    }
    return soonest;
  }

  async #run(one: Waiting, buckets: readonly Bucket[]): Promise<void> {
    this.#inFlight += 1;
    this.#busy.add(one.call.lane);
    try {
      const { method, args, landed } = one.call;
      const known = one.isUnknown && landed ? await landed() : null;
      one.settle({ kind: "sent", response: known ?? (await this.#transmit(method, args)) });
    } catch (error) {
      this.#failed(one, failureOf(error), buckets);
    } finally {
      this.#inFlight -= 1;
      this.#busy.delete(one.call.lane);
      this.#pump();
    }
  }

  #failed(one: Waiting, failure: Failure, buckets: readonly Bucket[]): void {
    const now = this.#clock.now();
    const isOutdated = this.#hasNewer(one.call);
    if (failure.kind === "rate-limited") {
      const bucket = buckets.at(-1);
      if (bucket) bucket.pausedUntil = now + failure.retryAfterMs;
      this.#logger.warn("slack-rate-limited", {
        method: one.call.method,
        ms: failure.retryAfterMs,
      });
    } else one.attempts += 1;
    const isUnsafe = failure.kind === "unreachable" && one.call.isOnce === true;
    const isOver = isUnsafe || one.attempts >= outboxLimits.attemptsMax;
    if (failure.kind === "refused" || isOver) {
      const error = failure.kind === "refused" ? failure.error : failure.kind;
      const details = failure.kind === "refused" ? failure.details : [];
      this.#logger.warn("slack-call-refused", { method: one.call.method, error, details });
      one.settle({ kind: "refused", error, details });
      return;
    }
    if (isOutdated) {
      one.settle({ kind: "dropped" });
      return;
    }
    if (failure.kind === "unreachable") {
      one.isUnknown = true;
      one.notBefore = now + 250 * 2 ** one.attempts;
    }
    this.#waiting[one.call.rank].unshift(one);
  }

  #hasNewer(call: OutCall): boolean {
    if (!call.replaces) return false;
    return this.#waiting.flat().some((one) => one.call.replaces === call.replaces);
  }
}
