import type { Clock } from "../../core/clock.ts";
import type { Store } from "../../core/store.ts";

/** A clock that moves only when told. */
export interface SteppedClock extends Clock {
  advance(ms: number): void;
}

export interface SuiteContext {
  readonly store: () => Store;
  /** A second opening of the same state. */
  readonly other: () => Promise<Store>;
  readonly tamper: (sql: string) => Promise<void>;
  readonly clock: SteppedClock;
}

export const suiteStart = Date.parse("2026-03-02T10:00:00Z");
