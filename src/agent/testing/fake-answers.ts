import type { FixedReply } from "./fake-openai.ts";

/** Replies that have a body. */
export type Answering = Extract<
  FixedReply,
  { kind: "calls" | "text" | "truncated" | "no-role" | "no-ids" | "unstreamed" }
>;

export interface ChatAnswer {
  readonly id: string;
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: {
      readonly role?: string;
      readonly content: string | null;
      readonly tool_calls?: readonly {
        readonly id?: string;
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
  }[];
  readonly usage?: object;
}

export interface ResponsesAnswer {
  readonly id: string;
  readonly output: readonly ResponsesItem[];
  readonly usage?: object;
}

export type ResponsesItem =
  | { readonly type: "function_call"; readonly arguments: string; readonly id: string }
  | {
      readonly type: "message";
      readonly id: string;
      readonly content: readonly { readonly text: string }[];
    };

function callsOf(reply: Answering, turn: number) {
  const calls = ("calls" in reply ? reply.calls : undefined) ?? [];
  return calls.map(({ name, args, id }, i) => ({
    id: id ?? `call_${turn}_${i}`,
    name,
    text: typeof args === "string" ? args : JSON.stringify(args),
  }));
}

const isUncounted = (reply: Answering) => reply.kind === "calls" && reply.isUncounted;

function countsOf(reply: Answering) {
  return (reply.kind === "calls" ? reply.counts : undefined) ?? { input: 900, output: 60 };
}

/** An answer of Chat Completions. */
export function asChat(reply: Answering, turn: number): ChatAnswer {
  const calls = callsOf(reply, turn);
  const role = reply.kind === "no-role" ? {} : { role: "assistant" };
  const tool_calls = calls.map(({ id, name, text }) => ({
    ...(reply.kind === "no-ids" ? {} : { id }),
    type: "function",
    function: { name, arguments: text },
  }));
  const answer = {
    id: reply.kind === "calls" && reply.id ? reply.id : `chat-${turn}`,
    object: "chat.completion",
    created: 1_760_000_000,
    model: "fake",
    choices: [
      {
        index: 0,
        finish_reason: calls.length > 0 ? "tool_calls" : "stop",
        message: {
          ...role,
          content: "text" in reply ? (reply.text ?? null) : null,
          ...(calls.length > 0 ? { tool_calls } : {}),
        },
      },
    ],
  };
  const { input, output } = countsOf(reply);
  const usage = {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
  };
  return isUncounted(reply) ? answer : { ...answer, usage };
}

/** An answer of the Responses API. */
export function asResponse(reply: Answering, turn: number): ResponsesAnswer {
  const calls = callsOf(reply, turn).map(({ id, name, text }) => ({
    type: "function_call" as const,
    id: `fc_${id}`,
    call_id: id,
    name,
    arguments: text,
    status: "completed",
  }));
  const text = "text" in reply ? (reply.text ?? "") : "";
  const message = {
    type: "message" as const,
    id: `msg_${turn}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text, annotations: [] }],
  };
  const answer = {
    id: reply.kind === "calls" && reply.id ? reply.id : `resp_${turn}`,
    object: "response",
    created_at: 1_760_000_000,
    model: "fake",
    status: "completed",
    output: calls.length > 0 ? calls : [message],
  };
  const { input, output } = countsOf(reply);
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  return isUncounted(reply) ? answer : { ...answer, usage };
}
