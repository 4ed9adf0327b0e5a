import type { EpochMs } from "./window.ts";

/** The only way to know what time it is; `platform/clock.ts` has the real one. */
export interface Clock {
  now(): EpochMs;
}
