import type { AlarmStore, Arrival, Receipt } from "../core/intake.ts";

/** Arrivals written at once; more wait for the next write. */
const batchMax = 500;

/** Writes arrivals; the promise settles when they are on disk. */
export type ArrivalWriter = (arrivals: readonly Arrival[]) => Promise<readonly Receipt[]>;

interface Waiting {
  readonly arrivals: readonly Arrival[];
  readonly resolve: (receipts: readonly Receipt[]) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * While one write waits for the disk, requests gather and share the next one: a storm costs as many
 * writes as the disk can do, and nobody hears 2xx before theirs is done.
 */
export function arrivalWriter(store: AlarmStore): ArrivalWriter {
  let waiting: Waiting[] = [];
  let isWriting = false;

  const write = async () => {
    while (waiting.length > 0) {
      const batch = takeBatch();
      try {
        const receipts = await store.accept(batch.flatMap((item) => item.arrivals));
        let from = 0;
        for (const item of batch) {
          item.resolve(receipts.slice(from, from + item.arrivals.length));
          from += item.arrivals.length;
        }
      } catch (fault) {
        for (const item of batch) item.reject(fault);
      }
    }
    isWriting = false;
  };
  const takeBatch = (): Waiting[] => {
    let size = 0;
    const end = waiting.findIndex((item, index) => {
      size += item.arrivals.length;
      return size > batchMax && index > 0;
    });
    const batch = end < 0 ? waiting : waiting.slice(0, end);
    waiting = end < 0 ? [] : waiting.slice(end);
    return batch;
  };
  return (arrivals) => {
    if (arrivals.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      waiting.push({ arrivals, resolve, reject });
      if (isWriting) return;
      isWriting = true;
      setImmediate(write);
    });
  };
}
