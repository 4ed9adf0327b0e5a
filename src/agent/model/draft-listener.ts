import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { AIMessageChunk } from "@langchain/core/messages";
import { parsePartialJson } from "@langchain/core/output_parsers";
import { redactDeep } from "../../core/redaction.ts";
import { soundBeginning } from "../claim-check.ts";
import type { Session } from "../session.ts";

/** Where a model's words for people stand among the arguments of its calls. */
const wordsOf: Readonly<Record<string, string>> = {
  conclude: "note",
  narrative: "text",
  answer: "text",
};

/** Longer arguments are no words for people: they are not parsed anew with each of their parts. */
const argsCharsMax = 16_000;

interface Writing {
  readonly name: string;
  readonly args: string;
}

/**
 * Makes models stream, and tells whoever watches what one is writing for people: whole sentences
 * only, each checked against the evidence like the finished text. Nothing else of a stream is
 * shown.
 */
export class DraftListener extends BaseCallbackHandler {
  readonly name = "shodo-draft";
  readonly lc_prefer_streaming = true;
  readonly #session: Pick<Session, "brief" | "ledger">;
  readonly #onDraft: ((text: string) => void) | undefined;
  readonly #calls = new Map<string, Writing>();
  #shown = "";

  constructor(session: Pick<Session, "brief" | "ledger" | "watch">) {
    super();
    this.#session = session;
    this.#onDraft = session.watch.onDraft;
  }

  override handleLLMNewToken(
    ...[, , run, , , fields]: Parameters<NonNullable<BaseCallbackHandler["handleLLMNewToken"]>>
  ): void {
    const message = fields?.chunk && "message" in fields.chunk ? fields.chunk.message : null;
    if (!this.#onDraft || !message || !AIMessageChunk.isInstance(message)) return;
    for (const { name = "", args = "", index = 0 } of message.tool_call_chunks ?? []) {
      const key = `${run} ${index}`;
      const before = this.#calls.get(key) ?? { name: "", args: "" };
      const writing = { name: before.name + name, args: before.args + args };
      this.#calls.set(key, writing);
      this.#tell(writing, false);
    }
  }

  override handleLLMEnd(): void {
    for (const writing of this.#calls.values()) this.#tell(writing, true);
    this.#calls.clear();
    this.#shown = "";
  }

  override handleLLMError(): void {
    this.#calls.clear();
    this.#shown = "";
  }

  #tell({ name, args }: Writing, isWhole: boolean): void {
    const words = wordsOf[name];
    if (words === undefined || args.length > argsCharsMax) return;
    const text = textAt(args, words);
    if (text === null) return;
    const { brief, ledger } = this.#session;
    const known = { evidence: ledger.evidence, alarm: brief.alarm };
    const sound = redactDeep(soundBeginning(text, known, isWhole));
    if (sound.length <= this.#shown.length) return;
    this.#shown = sound;
    this.#onDraft?.(sound);
  }
}

/** The text under a name in JSON that is still being written. */
function textAt(args: string, name: string): string | null {
  try {
    const value: unknown = parsePartialJson(args);
    if (value === null || typeof value !== "object") return null;
    const text: unknown = Reflect.get(value, name);
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
