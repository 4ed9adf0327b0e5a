interface Thread {
  readonly channel: string;
  readonly thread: string;
}

/** Answers that are being found, by thread, so that Stop stops them too. */
export class Answers {
  readonly #running = new Map<string, Set<AbortController>>();

  begin(thread: Thread): AbortController {
    const stop = new AbortController();
    const key = keyOf(thread);
    this.#running.set(key, (this.#running.get(key) ?? new Set()).add(stop));
    return stop;
  }

  end(thread: Thread, stop: AbortController): void {
    const running = this.#running.get(keyOf(thread));
    running?.delete(stop);
    if (running?.size === 0) this.#running.delete(keyOf(thread));
  }

  /** True when there was one to stop. */
  stop(thread: Thread): boolean {
    const running = this.#running.get(keyOf(thread));
    for (const one of running ?? []) one.abort();
    return running !== undefined;
  }
}

function keyOf({ channel, thread }: Thread): string {
  return `${channel}:${thread}`;
}
