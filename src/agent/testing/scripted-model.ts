import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type AIMessageFields, type BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";

/** One answer of a scripted model: calls, text, a fault, or a function of what it was shown. */
export type ScriptedAnswer =
  | {
      readonly calls: readonly {
        readonly name: string;
        readonly args: object;
        readonly id?: string;
      }[];
    }
  | { readonly text: string }
  | { readonly fault: Error }
  | ((shown: readonly BaseMessage[], tools: readonly string[]) => ScriptedAnswer);

/** A model that answers what the test wrote, in turn, and remembers what it was shown. */
export class ScriptedModel extends BaseChatModel {
  readonly shown: (readonly BaseMessage[])[] = [];
  readonly offered: (readonly string[])[] = [];
  readonly #answers: ScriptedAnswer[];
  #tools: readonly string[] = [];

  constructor(answers: readonly ScriptedAnswer[]) {
    super({ maxRetries: 0 });
    this.#answers = [...answers];
  }

  override _llmType(): string {
    return "scripted";
  }

  override bindTools(
    tools: readonly { name?: string; function?: { name: string } }[],
  ): Runnable<BaseLanguageModelInput, never> {
    this.#tools = tools.map((tool) => tool.name ?? tool.function?.name ?? "");
    // LangChain binds tools by a copy that is no model any more; the script needs none.
    return this as unknown as Runnable<BaseLanguageModelInput, never>;
  }

  override async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    this.shown.push(messages);
    this.offered.push(this.#tools);
    let answer = this.#answers.shift() ?? { text: "nothing more is scripted" };
    while (typeof answer === "function") answer = answer(messages, this.#tools);
    if ("fault" in answer) throw answer.fault;
    const message = messageOf(answer, this.shown.length);
    return { generations: [{ text: message.text, message }] };
  }
}

function messageOf(answer: Exclude<ScriptedAnswer, (...args: never[]) => unknown>, turn: number) {
  const usage_metadata = { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 };
  if ("text" in answer) {
    return new AIMessage({ content: answer.text, usage_metadata } as AIMessageFields);
  }
  const calls = "calls" in answer ? answer.calls : [];
  const tool_calls = calls.map(({ name, args, id }, i) => ({
    name,
    args: { ...args },
    id: id ?? `scripted-${turn}-${i}`,
    type: "tool_call" as const,
  }));
  return new AIMessage({ content: "", tool_calls, usage_metadata } as AIMessageFields);
}
