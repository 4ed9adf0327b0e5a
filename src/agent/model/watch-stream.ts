/** A streamed answer that did not come to its end. Worth another try. */
export class StreamBroken extends Error {
  override readonly name = "StreamBroken";
}

/**
 * An answer that came but did not end, or is larger than any use of it. A second would be alike.
 */
export class AnswerEndless extends Error {
  override readonly name = "AnswerEndless";
}

/** What people read of it. */
export const endless = "its answer did not come to an end";

/** How long an answer may be waited for and how much of it is taken. */
export interface AnswerLimits {
  /** Until the first byte, and between any two parts. */
  readonly idleMs: number;
  /** From the first byte to the end. */
  readonly wholeMs: number;
  readonly bytesMax: number;
}

/** A tool call in an event; a later part of it has its index alone. */
interface WireCall {
  index?: number;
  id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

/** An event of either wire, as far as it is looked at. */
interface WireEvent {
  readonly type?: string;
  readonly error?: unknown;
  readonly choices?: {
    finish_reason?: string | null;
    delta?: { role?: string; content?: string | null; tool_calls?: WireCall[] };
  }[];
  /** Of the Responses API: a part of a text or of arguments. */
  readonly delta?: string;
}

/**
 * Characters of words and arguments in one answer: more than anything asks for. LangChain parses
 * arguments anew with every part that comes, which for long ones would take minutes.
 */
const charsMax = 16_000;

const endings = ["response.completed", "response.incomplete"];

/**
 * Passes server-sent events on and fails with `StreamBroken` when they stop, report a fault, cannot
 * be read, or end before the model said that it was done. Without this a truncated answer looks
 * like a short one, and half a tool call like a whole one. Past its limits it fails with
 * `AnswerEndless`.
 */
export function watchStream(
  body: ReadableStream<Uint8Array>,
  { idleMs, wholeMs, bytesMax }: AnswerLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const lines = new EventLines();
  const endsAt = performance.now() + wholeMs;
  let bytes = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await within(idleMs, "the stream stood still", reader.read());
        bytes += value?.byteLength ?? 0;
        if (bytes > bytesMax || performance.now() > endsAt) {
          throw new AnswerEndless(endless);
        }
        if (!done) {
          controller.enqueue(lines.take(value));
          return;
        }
        controller.enqueue(lines.rest());
        if (!lines.isEnded) throw new StreamBroken("the stream ended in the middle of the answer");
        controller.close();
      } catch (error) {
        const isNamed = error instanceof StreamBroken || error instanceof AnswerEndless;
        const fault = isNamed || isAbort(error) ? error : broken(error);
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
  #calls = 0;
  #chars = 0;
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
    this.#chars += charsIn(event);
    if (this.#chars > charsMax) throw new AnswerEndless(endless);
    const delta = event.choices?.[0]?.delta;
    const isMended = delta !== undefined && this.#mend(delta);
    return isMended ? `data: ${JSON.stringify(event)}` : line;
  }

  /** Puts in the role, and the place and id of a call; says whether anything was missing. */
  #mend(delta: { role?: string; tool_calls?: WireCall[] }): boolean {
    let isMended = !this.#hasRole;
    if (isMended) delta.role ??= "assistant";
    this.#hasRole = true;
    for (const call of delta.tool_calls ?? []) {
      const isNew = Boolean(call.function?.name);
      if (isNew) this.#calls += 1;
      isMended ||= call.index === undefined || (isNew && !call.id);
      call.index ??= Math.max(0, this.#calls - 1);
      if (isNew) call.id ||= `call-${call.index}`;
    }
    return isMended;
  }
}

function charsIn({ delta, choices = [] }: WireEvent): number {
  const parts = choices.flatMap((choice) => [
    choice.delta?.content,
    ...(choice.delta?.tool_calls ?? []).map((call) => call.function?.arguments),
  ]);
  return [delta, ...parts].reduce(
    (sum, part) => sum + (typeof part === "string" ? part.length : 0),
    0,
  );
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

/** What comes of work, or `StreamBroken` with `otherwise` when that takes longer than `ms`. */
export async function within<T>(ms: number, otherwise: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StreamBroken(otherwise)), ms);
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
