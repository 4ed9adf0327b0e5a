import type { Logger } from "../core/logger.ts";

/** Work after the ack: at most `concurrency` at a time, the rest waits in order. */
export class WorkQueue {
  readonly #waiting: (() => void)[] = [];
  readonly #logger: Logger;
  readonly #concurrency: number;
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(options: { concurrency: number; logger: Logger }) {
    this.#concurrency = options.concurrency;
    this.#logger = options.logger;
  }

  /** Resolves when the work is done; a fault in it is logged here and thrown to the caller. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrency) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } catch (error) {
      this.#logger.error("slack-work-failed", { name, error: String(error) });
      throw error;
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
      if (this.#running === 0 && this.#waiting.length === 0) {
        for (const done of this.#idle.splice(0)) done();
      }
    }
  }

  get size(): number {
    return this.#running + this.#waiting.length;
  }

  async drained(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
