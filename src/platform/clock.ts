import type { Clock } from "../core/clock.ts";

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/**
 * Right when the process began, and never set back or forward after that: for pacing, which a jump
 * of the machine's clock would else hold up for as long as the jump is wide.
 */
export const steadyClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
};
