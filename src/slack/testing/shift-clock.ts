import type { Clock } from "../../core/clock.ts";

/** The machine's clock with a hand on it: hours pass without waiting. */
export class ShiftClock implements Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  shift(ms: number): void {
    this.#offset += ms;
  }
}
