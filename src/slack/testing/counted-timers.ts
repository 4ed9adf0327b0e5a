import { realTimers, type Timers } from "../timers.ts";

/** Longer waits are for another day: renewals and sweeps. */
const soonMs = 15_000;

/** The machine's timers, and whether one of them is about to do something. */
export class CountedTimers implements Timers {
  #waiting = 0;

  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  after(ms: number, run: () => void): () => void {
    if (ms > soonMs) return realTimers.after(ms, run);
    this.#waiting += 1;
    let isOver = false;
    const end = () => {
      if (!isOver) this.#waiting -= 1;
      isOver = true;
    };
    const cancel = realTimers.after(ms, () => {
      end();
      run();
    });
    return () => {
      end();
      cancel();
    };
  }
}
