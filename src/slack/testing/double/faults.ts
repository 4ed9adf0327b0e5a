/** What goes wrong on purpose, by method; each entry is used up in order. */
export type Fault =
  | { readonly kind: "rate-limited"; readonly retryAfter: number }
  | { readonly kind: "error"; readonly error: string; readonly messages?: readonly string[] }
  | { readonly kind: "http"; readonly status: number }
  | { readonly kind: "hang-up" }
  /** Done, but the answer never arrives. */
  | { readonly kind: "lost-answer" };

export class Faults {
  readonly #queued = new Map<string, Fault[]>();
  readonly #always = new Map<string, Fault>();
  /** Life of a stream; Slack's own is about five minutes and undocumented. */
  streamTtlMs = 300_000;
  /** Times `files.info` answers before a file is ready. */
  filePolls = 1;
  /** Acks that Slack pretends not to have seen. */
  droppedAcks = 0;
  tokenRevoked = false;

  /** The next `times` calls of `method` fail like this. */
  next(method: string, fault: Fault, times = 1): void {
    const queue = this.#queued.get(method) ?? [];
    for (let i = 0; i < times; i += 1) queue.push(fault);
    this.#queued.set(method, queue);
  }

  always(method: string, fault: Fault | null): void {
    if (fault) this.#always.set(method, fault);
    else this.#always.delete(method);
  }

  take(method: string): Fault | null {
    return this.#queued.get(method)?.shift() ?? this.#always.get(method) ?? null;
  }
}
