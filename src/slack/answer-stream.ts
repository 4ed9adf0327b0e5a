import type { Step } from "../core/step.ts";
import { prose } from "./blocks/foreign-text.ts";
import type { Chunk, MessageView } from "./blocks/types.ts";
import type { CaseRecord } from "./cases.ts";
import { streamLimits } from "./live-renderers.ts";
import { wordsOf } from "./messages/words.ts";
import type { Parts } from "./parts.ts";
import { type AnswerView, answerCharsMax } from "./views/answer.ts";
import { advance, noProgress, type Progress, planChunks, settledTasks } from "./views/progress.ts";

/** What the message of an answer has been told so far. */
interface Told {
  readonly ts: string;
  /** `left`: open, and showing nobody knows what; `edit`: the stream is gone. */
  readonly mode: "stream" | "left" | "edit";
  readonly text: string;
  readonly progress: Progress | null;
}

const appendEveryMs = 1_000;

/**
 * S7 on screen: queries appear as they are made, sentences as they are written. Whom a stream
 * cannot be addressed to, and whatever a stream refuses, gets the whole answer in one message.
 */
export class AnswerStream {
  readonly #parts: Parts;
  readonly #record: CaseRecord;
  readonly #recipient: { readonly user: string; readonly team: string } | null;
  readonly #key: string;
  #told: Told | null;
  #isPlain: boolean;
  #progress: Progress;
  #text = "";
  #chain: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;
  #lastFlush = Number.NEGATIVE_INFINITY;

  /** `begun` is the message that an earlier process left unfinished for the same question. */
  constructor(
    parts: Parts,
    record: CaseRecord,
    options: {
      readonly recipient: { readonly user: string; readonly team: string } | null;
      readonly key: string;
      readonly begun: string | null;
    },
  ) {
    this.#parts = parts;
    this.#record = record;
    this.#recipient = options.recipient;
    this.#key = options.key;
    this.#isPlain = options.recipient === null;
    this.#told = options.begun
      ? { ts: options.begun, mode: "left", text: "", progress: null }
      : null;
    this.#progress = noProgress(wordsOf(record.language), parts.clock.now());
  }

  /** A query that was made to find the answer. */
  step(step: Step): void {
    const context = {
      words: wordsOf(this.#record.language),
      titleOf: (name: string) =>
        this.#parts.analyst.tools.find((tool) => tool.name === name)?.title ?? name,
      linkHosts: this.#parts.settings.linkHosts,
    };
    this.#progress = advance(this.#progress, step, context);
    this.#soon();
  }

  /** The sentences so far that hold, all of them each time. */
  draft(text: string): void {
    this.#text = prose(text, answerCharsMax);
    this.#soon();
  }

  /** The answer as it stands in the end. */
  async finish(view: AnswerView): Promise<void> {
    this.#cancelTimer?.();
    await this.#chain;
    this.#progress = settledTasks(this.#progress);
    const told = this.#told ?? (await this.#open(view.prose));
    const isStreamed = told !== null && told.mode !== "edit" && (await this.#close(told, view));
    if (isStreamed) return;
    const edited = told ? await this.#edit(told.ts, view) : false;
    if (!edited) await this.#parts.poster.post(this.#record, view, { mark: this.#mark() });
  }

  /** Instead of an answer: what went wrong, in the same message. */
  async fail(view: MessageView): Promise<void> {
    await this.finish({ ...view, prose: "", tail: view.blocks });
  }

  #soon(): void {
    const isFixed = this.#told !== null && this.#told.mode !== "stream";
    if (this.#isPlain || this.#cancelTimer || isFixed) return;
    const { clock, timers } = this.#parts;
    const wait = Math.max(0, this.#lastFlush + appendEveryMs - clock.now());
    this.#cancelTimer = timers.after(wait, () => {
      this.#cancelTimer = null;
      this.#chain = this.#chain.then(() => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    this.#lastFlush = this.#parts.clock.now();
    const told = this.#told;
    if (!told) {
      await this.#open(this.#text);
      return;
    }
    const next = { ...told, ...this.#now() };
    const chunks = chunksFor(told, next);
    if (told.mode !== "stream" || chunks.length === 0) return;
    const sent = await this.#parts.poster.appendStream(this.#record.channel, told.ts, chunks);
    if (sent.kind === "sent") this.#told = next;
    else if (sent.kind === "refused") {
      this.#told = { ...told, mode: sent.error === "unreachable" ? "left" : "edit" };
    }
  }

  /** Starts the stream with what there is; null when it has to be a plain message. */
  async #open(text: string): Promise<Told | null> {
    const { poster } = this.#parts;
    if (this.#isPlain || !this.#recipient) return null;
    const isCrowded = poster.outbox.waitMs("chat.startStream") > streamLimits.startWithinMs;
    const first = { text, progress: this.#progress };
    const chunks = chunksFor(null, first);
    if (chunks.length === 0) return null;
    const posted = isCrowded
      ? null
      : await poster.startStream(this.#record, this.#recipient, chunks, "timeline");
    if (posted?.kind !== "posted") {
      this.#isPlain = true;
      return null;
    }
    this.#told = { ts: posted.ts, mode: "stream", ...first };
    await this.#parts.face.put(this.#key, { ts: posted.ts, at: this.#parts.clock.now() });
    return this.#told;
  }

  /** Ends the stream with the rest of the text; false when what it shows is not how it begins. */
  async #close(told: Told, view: AnswerView): Promise<boolean> {
    const { poster } = this.#parts;
    const isSame = told.mode === "stream" && view.prose.startsWith(told.text);
    const last = { text: view.prose, progress: this.#progress };
    const stopped = await poster.stopStream(this.#record.channel, told.ts, {
      chunks: isSame ? chunksFor(told, last) : [],
      ...(isSame ? { blocks: view.tail } : {}),
      mark: this.#mark(),
    });
    return isSame && stopped.kind === "sent";
  }

  async #edit(ts: string, view: MessageView): Promise<boolean> {
    const sent = await this.#parts.poster.update(this.#record.channel, ts, view, 0);
    return sent.kind !== "refused";
  }

  #now() {
    const isLonger = this.#text.startsWith(this.#told?.text ?? "");
    const text = isLonger ? this.#text : (this.#told?.text ?? "");
    return { text, progress: this.#progress };
  }

  #mark() {
    return { type: "shodo_answer" as const, id: this.#key };
  }
}

/**
 * What a stream that shows `told` must be told so that it shows `next`; it can only be added to.
 */
function chunksFor(
  told: Pick<Told, "text" | "progress"> | null,
  next: { readonly text: string; readonly progress: Progress },
): Chunk[] {
  const tasks = planChunks(told?.progress ?? null, next.progress).filter(
    (chunk) => chunk.type === "task_update",
  );
  const shown = told?.text ?? "";
  const more = next.text.startsWith(shown) ? next.text.slice(shown.length) : "";
  return more ? [...tasks, { type: "markdown_text", text: more }] : tasks;
}
