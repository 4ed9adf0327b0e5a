import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One reply of the server, in turn. */
export type FakeReply =
  | { readonly kind: "calls"; readonly calls: readonly FakeCall[]; readonly id?: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  /** Says nothing until the client gives up. */
  | { readonly kind: "hang" }
  /** Ends the connection in the middle of the body. */
  | { readonly kind: "truncated" }
  | { readonly kind: "not-json" }
  /** Leaves the role out, as some gateways do. */
  | { readonly kind: "no-role"; readonly calls: readonly FakeCall[] };

export interface FakeCall {
  readonly name: string;
  /** JSON text as a model would write it, or an object. */
  readonly args: string | object;
  readonly id?: string;
}

/** A request as it came. */
export interface FakeRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** An OpenAI-compatible server on loopback: Chat Completions and Responses, with faults. */
export class FakeOpenAi {
  readonly requests: FakeRequest[] = [];
  readonly #replies: FakeReply[];
  readonly #server: Server;

  constructor(replies: readonly FakeReply[]) {
    this.#replies = [...replies];
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>;
    const path = request.url ?? "";
    this.requests.push({ path, authorization: request.headers.authorization, body });
    const reply = this.#replies.shift() ?? { kind: "text", text: "nothing more is scripted" };
    const turn = this.requests.length;
    if (reply.kind === "hang") return;
    if (reply.kind === "status") return refuse(response, reply);
    if (reply.kind === "not-json") {
      response.writeHead(200, { "content-type": "application/json" }).end("<html>gateway</html>");
      return;
    }
    const isResponses = path.endsWith("/responses");
    const answer = JSON.stringify(isResponses ? asResponse(reply, turn) : asChat(reply, turn));
    response.writeHead(200, { "content-type": "application/json" });
    if (reply.kind !== "truncated") {
      response.end(answer);
      return;
    }
    response.write(answer.slice(0, answer.length / 2), () => response.destroy());
  }
}

function refuse(response: ServerResponse, reply: Extract<FakeReply, { kind: "status" }>): void {
  const retry = reply.retryAfter ? { "retry-after": reply.retryAfter } : {};
  response
    .writeHead(reply.status, { "content-type": "application/json", ...retry })
    .end(JSON.stringify({ error: { message: "scripted fault", type: "scripted" } }));
}

type Answering = Extract<FakeReply, { kind: "calls" | "text" | "truncated" | "no-role" }>;

function callsOf(reply: Answering, turn: number) {
  const calls = "calls" in reply ? reply.calls : [];
  return calls.map(({ name, args, id }, i) => ({
    id: id ?? `call_${turn}_${i}`,
    name,
    text: typeof args === "string" ? args : JSON.stringify(args),
  }));
}

function asChat(reply: Answering, turn: number): object {
  const calls = callsOf(reply, turn);
  const role = reply.kind === "no-role" ? {} : { role: "assistant" };
  const tool_calls = calls.map(({ id, name, text }) => ({
    id,
    type: "function",
    function: { name, arguments: text },
  }));
  return {
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
          content: reply.kind === "text" ? reply.text : null,
          ...(calls.length > 0 ? { tool_calls } : {}),
        },
      },
    ],
    usage: { prompt_tokens: 900, completion_tokens: 60, total_tokens: 960 },
  };
}

function asResponse(reply: Answering, turn: number): object {
  const calls = callsOf(reply, turn).map(({ id, name, text }) => ({
    type: "function_call",
    id: `fc_${id}`,
    call_id: id,
    name,
    arguments: text,
    status: "completed",
  }));
  const content = [
    { type: "output_text", text: reply.kind === "text" ? reply.text : "", annotations: [] },
  ];
  const message = {
    type: "message",
    id: `msg_${turn}`,
    role: "assistant",
    status: "completed",
    content,
  };
  return {
    id: reply.kind === "calls" && reply.id ? reply.id : `resp_${turn}`,
    object: "response",
    created_at: 1_760_000_000,
    model: "fake",
    status: "completed",
    output: reply.kind === "text" ? [message] : calls,
    usage: { input_tokens: 900, output_tokens: 60, total_tokens: 960 },
  };
}
