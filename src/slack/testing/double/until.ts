import type { EventEmitter } from "node:events";

export interface Wait {
  /** Emits `change` when something can be seen that was not there before. */
  readonly changes: EventEmitter;
  /** True while something is still under way; null when nobody can tell, and then time decides. */
  readonly isBusy: (() => boolean) | null;
  /** Only for those who cannot tell whether they are busy: other processes, the demo. */
  readonly withinMs: number;
}

const lookEveryMs = 200;
/** So many looks in a row must find everything at rest: one may fall between two steps. */
const restingLooks = 15;

/**
 * The first value that is not null or undefined; looks again after every change. Gives up when
 * nothing is under way any more, however long that took: a slow machine is no fault.
 */
export function until<T>(
  look: () => T | null | undefined | false,
  what: string,
  wait: Wait,
): Promise<T> {
  const now = look();
  if (now) return Promise.resolve(now);
  return new Promise<T>((resolve, reject) => {
    let resting = 0;
    let looks = 0;
    const stop = () => {
      clearInterval(timer);
      wait.changes.off("change", check);
    };
    const check = () => {
      const found = look();
      if (!found) return false;
      stop();
      resolve(found);
      return true;
    };
    const timer = setInterval(() => {
      if (check()) return;
      looks += 1;
      resting = wait.isBusy?.() ? 0 : resting + 1;
      const isOver = wait.isBusy ? resting >= restingLooks : looks * lookEveryMs >= wait.withinMs;
      if (!isOver) return;
      stop();
      const why = wait.isBusy ? "everything is at rest" : `${wait.withinMs} ms went by`;
      reject(new Error(`${what} did not happen, and ${why}`));
    }, lookEveryMs);
    wait.changes.on("change", check);
  });
}
