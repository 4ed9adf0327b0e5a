/** A streamed answer that did not come to its end. Worth another try. */
export class StreamBroken extends Error {
  override readonly name = "StreamBroken";
}

/** An event of either wire, as far as it is looked at. */
interface WireEvent {
  readonly type?: string;
  readonly error?: unknown;
  readonly choices?: { finish_reason?: string | null; delta?: { role?: string } }[];
}

const endings = ["response.completed", "response.incomplete"];

/**
 * Passes server-sent events on and fails with `StreamBroken` when they stop for `idleMs`, report a
 * fault, cannot be read, or end before the model said that it was done. Without this a truncated
 * answer looks like a short one, and half a tool call like a whole one.
 */
export function watchStream(
  body: ReadableStream<Uint8Array>,
  idleMs: number,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const lines = new EventLines();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await within(idleMs, reader.read());
        if (!done) {
          controller.enqueue(lines.take(value));
          return;
        }
        controller.enqueue(lines.rest());
        if (!lines.isEnded) throw new StreamBroken("the stream ended in the middle of the answer");
        controller.close();
      } catch (error) {
        const fault = error instanceof StreamBroken || isAbort(error) ? error : broken(error);
        reader.cancel(fault).catch(() => {});
        // What breaks after the model was done, such as a connection left open, harms nothing.
        if (lines.isEnded) controller.close();
        else controller.error(fault);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Reads events line by line as the bytes come, and mends what gateways leave out. */
class EventLines {
  readonly #decoder = new TextDecoder();
  readonly #encoder = new TextEncoder();
  #open = "";
  #hasRole = false;
  isEnded = false;

  take(bytes: Uint8Array): Uint8Array {
    const lines = (this.#open + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#open = lines.pop() ?? "";
    return this.#encoder.encode(lines.map((line) => `${this.#line(line)}\n`).join(""));
  }

  rest(): Uint8Array {
    const line = this.#open;
    this.#open = "";
    return this.#encoder.encode(line === "" ? "" : this.#line(line));
  }

  #line(line: string): string {
    const text = /^data:\s*(.*?)\s*$/.exec(line)?.[1];
    if (text === undefined || text === "") return line;
    if (text === "[DONE]") {
      this.isEnded = true;
      return line;
    }
    const event = parsed(text);
    const isFault = event.type === "response.failed" || event.type === "error" || event.error;
    if (isFault) throw new StreamBroken("the model's server reported a fault in its stream");
    const isLast = event.choices?.some((choice) => typeof choice.finish_reason === "string");
    if (isLast || endings.includes(event.type ?? "")) this.isEnded = true;
    const [first] = event.choices ?? [];
    if (!first?.delta || this.#hasRole) return line;
    this.#hasRole = true;
    first.delta.role ??= "assistant";
    return `data: ${JSON.stringify(event)}`;
  }
}

function parsed(text: string): WireEvent {
  try {
    const event: unknown = JSON.parse(text);
    if (event !== null && typeof event === "object") return event;
  } catch {
    // Falls through: neither text nor a number is an event.
  }
  throw new StreamBroken("the stream holds something that is no event");
}

async function within<T>(idleMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StreamBroken("the stream stood still")), idleMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function broken(cause: unknown): StreamBroken {
  return new StreamBroken("the connection ended in the middle of the answer", { cause });
}
