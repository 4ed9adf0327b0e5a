import { createHash } from "node:crypto";
import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import { clip } from "../../core/redaction.ts";
import type { ModelJob } from "../../core/step.ts";
import type { Session } from "../session.ts";
import { tokensOf } from "./price.ts";
import { toStored } from "./recording.ts";
import type { ModelTracing } from "./tracing.ts";

/** An answer, and what it took. */
export interface ModelAnswer {
  readonly message: AIMessage;
  readonly tokens: { readonly input: number; readonly output: number };
  /** True when the server did not count and the length stands in. */
  readonly isEstimated: boolean;
}

/** Bytes of JSON and English per token, on average, in current tokenizers. */
const bytesPerToken = 4;
/** What servers put before a request by themselves. */
const preambleTokensMax = 5_000;
/** No use is made of longer texts and arguments; they would only fill the conversation. */
const textCharsMax = 16_000;

/**
 * One request to a model, whoever makes it: told to the audit log before it leaves, traced, and
 * read strictly. What the model's server throws is passed on.
 */
export async function callModel(
  session: Pick<Session, "watch">,
  call: { readonly model: string; readonly job: ModelJob; readonly tracing: ModelTracing },
  sent: { readonly messages: readonly BaseMessage[]; readonly tools: readonly unknown[] },
  ask: () => Promise<AIMessage>,
): Promise<ModelAnswer> {
  const body = JSON.stringify({ messages: sent.messages.map(toStored), tools: sent.tools });
  const bytes = Buffer.byteLength(body);
  const sha256 = createHash("sha256").update(body).digest("hex");
  const { model, job, tracing } = call;
  await session.watch.onModelSend?.({ model, job, sha256, bytes });
  const message = strict(await tracing.chat(model, ask));
  const counted = tokensOf(message);
  // No token is less than a byte: whoever counts more than was sent does not count.
  const isImpossible = counted.input > bytes + preambleTokensMax;
  const isEstimated = counted.input + counted.output === 0 || isImpossible;
  const tokens = isEstimated ? estimated(bytes, message) : counted;
  return { message, tokens, isEstimated };
}

function estimated(bytes: number, message: AIMessage) {
  const said = Buffer.byteLength(message.text + JSON.stringify(message.tool_calls ?? []));
  return { input: Math.ceil(bytes / bytesPerToken), output: Math.ceil(said / bytesPerToken) };
}

/**
 * The answer as a whole message. A stream's tool calls are parsed leniently by LangChain, so that
 * arguments cut off in the middle look complete; here they have to be JSON of a length that can be.
 */
function strict(answer: AIMessage): AIMessage {
  const { usage_metadata, additional_kwargs } = answer;
  const raw = AIMessageChunk.isInstance(answer) ? (answer.tool_call_chunks ?? []) : [];
  const textOf = new Map(raw.map((chunk) => [chunk.id, chunk.args ?? ""]));
  const tool_calls = (answer.tool_calls ?? []).filter(({ id, args }) => {
    const text = textOf.get(id) || JSON.stringify(args ?? {});
    return text.length <= textCharsMax && isJson(text);
  });
  const { reasoning } = additional_kwargs;
  return new AIMessage({
    content: clip(answer.text, textCharsMax),
    tool_calls: tool_calls.map(({ name, args, id }) => ({ name, args, id: id ?? name })),
    // Encrypted reasoning goes back to the model with its tool calls; everything else stays out.
    ...(reasoning ? { additional_kwargs: { reasoning } } : {}),
    ...(usage_metadata ? { usage_metadata } : {}),
  });
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
