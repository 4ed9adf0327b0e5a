import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answering, asChat, asResponse } from "./fake-answers.ts";
import { chatEvents, responseEvents } from "./fake-streams.ts";

/** One reply of the server, in turn; or what works it out from the request. */
export type FakeReply = FixedReply | ((request: FakeRequest) => FixedReply);

export type FixedReply =
  | {
      readonly kind: "calls";
      readonly calls: readonly FakeCall[];
      readonly id?: string;
      /** Leaves the token counts out, as some gateways do in streams. */
      readonly isUncounted?: boolean;
      /** Token counts to give instead of sound ones. */
      readonly counts?: { readonly input: number; readonly output: number };
    }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string }
  /** Says nothing until the client gives up. */
  | { readonly kind: "hang" }
  /** Stops in the middle of the body: the connection breaks, ends in order, or stays open. */
  | {
      readonly kind: "truncated";
      readonly calls?: readonly FakeCall[];
      readonly text?: string;
      readonly by?: "break" | "end" | "hang" | "error";
    }
  | { readonly kind: "not-json" }
  /** Answers a streaming request as a whole. */
  | { readonly kind: "unstreamed"; readonly calls: readonly FakeCall[] }
  /** Leaves the role out, as some gateways do. */
  | { readonly kind: "no-role"; readonly calls: readonly FakeCall[] }
  /** Leaves the ids and the places of calls out. */
  | { readonly kind: "no-ids"; readonly calls: readonly FakeCall[] }
  /** Goes on for ever: with words, or with nothing but signs of life. */
  | { readonly kind: "endless"; readonly with: "words" | "pings" };

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

  /** Returns the base URL. Port 0 takes any that is free. */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>;
    const path = message.url ?? "";
    const request = { path, authorization: message.headers.authorization, body };
    this.requests.push(request);
    // The last function goes on answering: a policy has no number of turns.
    const [next] = this.#replies;
    if (typeof next !== "function" || this.#replies.length > 1) this.#replies.shift();
    const reply = typeof next === "function" ? next(request) : next;
    send(reply ?? { kind: "text", text: "nothing more is scripted" }, request, {
      response,
      turn: this.requests.length,
    });
  }
}

function send(
  reply: FixedReply,
  { path, body }: FakeRequest,
  { response, turn }: { response: ServerResponse; turn: number },
): void {
  if (reply.kind === "hang") return;
  if (reply.kind === "status") {
    refuse(response, reply);
    return;
  }
  if (reply.kind === "not-json") {
    response.writeHead(200, { "content-type": "application/json" }).end("<html>gateway</html>");
    return;
  }
  const isResponses = path.endsWith("/responses");
  if (reply.kind === "endless") {
    goOn(response, reply.with);
    return;
  }
  const isStream = body.stream === true && reply.kind !== "unstreamed";
  const whole = isResponses ? asResponse(reply, turn) : asChat(reply, turn);
  const type = isStream ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": type });
  if (!isStream) sendParts(response, reply, halves(JSON.stringify(whole)));
  else sendParts(response, reply, isResponses ? responseEvents(whole) : chatEvents(whole));
}

const lifeSignEveryMs = 20;

function goOn(response: ServerResponse, content: "words" | "pings"): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const delta = { role: "assistant", content: "and " };
  const words = JSON.stringify({ id: "endless", choices: [{ index: 0, delta }] });
  const part = content === "pings" ? ": still here\n\n" : `data: ${words}\n\n`;
  const timer = setInterval(() => response.write(part), lifeSignEveryMs);
  response.on("close", () => clearInterval(timer));
}

function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

/** Sends all parts, or, of a truncated reply, the first of them and then what went wrong. */
function sendParts(response: ServerResponse, reply: Answering, parts: readonly string[]): void {
  if (reply.kind !== "truncated") {
    response.end(parts.join(""));
    return;
  }
  const by = reply.by ?? "break";
  const half = parts.slice(0, Math.max(1, Math.floor(parts.length / 2))).join("");
  response.write(half, () => {
    if (by === "break") response.destroy();
    if (by === "end") response.end();
    if (by === "error") response.end(`data: ${JSON.stringify({ error: { message: "late" } })}\n\n`);
  });
}

function refuse(response: ServerResponse, reply: Extract<FixedReply, { kind: "status" }>): void {
  const retry = reply.retryAfter ? { "retry-after": reply.retryAfter } : {};
  response
    .writeHead(reply.status, { "content-type": "application/json", ...retry })
    .end(JSON.stringify({ error: { message: "scripted fault", type: "scripted" } }));
}
