import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the stand-in for a model says next: a tool to call, or its last words. */
export type Turn =
  | { readonly kind: "call"; readonly tool: string; readonly input: object }
  | { readonly kind: "say"; readonly text: string };

export interface FakeModel {
  readonly url: string;
  /** Bodies of the requests that carried tools, oldest first: what the host showed its model. */
  readonly seen: readonly string[];
  close(): void;
}

/**
 * A model endpoint that follows a script, for hosts that speak the Messages or the Responses API
 * over SSE, or generateContent. Requests without tools (titles, warm-ups) get a word and do not
 * move the script.
 */
export async function fakeModel(script: readonly Turn[]): Promise<FakeModel> {
  const seen: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const isMessages = request.url?.includes("/messages");
    const isResponses = request.url?.includes("/responses");
    const isContent = /:(stream)?[gG]enerateContent/.test(request.url ?? "");
    if (request.method !== "POST" || (!isMessages && !isResponses && !isContent)) {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
      return;
    }
    const hasTools = /"tools":\s*\[\s*\{/.test(body);
    const turn: Turn = hasTools
      ? (script[seen.length] ?? { kind: "say", text: "done" })
      : { kind: "say", text: "ok" };
    if (hasTools) seen.push(body);
    if (isContent) {
      sendContent(response, turn, request.url?.includes("alt=sse") ?? false);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (isMessages) sendMessage(response, turn, seen.length);
    else sendResponse(response, turn, seen.length);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function sendMessage(response: ServerResponse, turn: Turn, number: number): void {
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: `msg_${number}`,
    type: "message",
    role: "assistant",
    model: "fake",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  send("message_start", { message });
  const block =
    turn.kind === "call"
      ? { type: "tool_use", id: `toolu_${number}`, name: turn.tool, input: {} }
      : { type: "text", text: "" };
  const delta =
    turn.kind === "call"
      ? { type: "input_json_delta", partial_json: JSON.stringify(turn.input) }
      : { type: "text_delta", text: turn.text };
  send("content_block_start", { index: 0, content_block: block });
  send("content_block_delta", { index: 0, delta });
  send("content_block_stop", { index: 0 });
  const stop_reason = turn.kind === "call" ? "tool_use" : "end_turn";
  send("message_delta", { delta: { stop_reason, stop_sequence: null }, usage });
  send("message_stop", {});
}

function sendResponse(response: ServerResponse, turn: Turn, number: number): void {
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  const id = `resp_${number}`;
  const item =
    turn.kind === "call"
      ? {
          type: "function_call",
          id: `fc_${number}`,
          call_id: `call_${number}`,
          ...namesOf(turn.tool),
          arguments: JSON.stringify(turn.input),
        }
      : {
          type: "message",
          id: `msg_${number}`,
          role: "assistant",
          content: [{ type: "output_text", text: turn.text, annotations: [] }],
        };
  send("response.created", { response: { id, status: "in_progress", output: [] } });
  send("response.output_item.done", { output_index: 0, item });
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  send("response.completed", { response: { id, status: "completed", output: [item], usage } });
}

function sendContent(response: ServerResponse, turn: Turn, isStream: boolean): void {
  const part =
    turn.kind === "call"
      ? { functionCall: { name: turn.tool, args: turn.input } }
      : { text: turn.text };
  const candidate = { index: 0, content: { role: "model", parts: [part] }, finishReason: "STOP" };
  const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 };
  const text = JSON.stringify({ candidates: [candidate], usageMetadata, modelVersion: "fake" });
  const type = isStream ? "text/event-stream" : "application/json";
  response.writeHead(200, { "content-type": type }).end(isStream ? `data: ${text}\n\n` : text);
}

/** Hosts that group tools of a server write `namespace/name`. */
function namesOf(tool: string): object {
  const [namespace, name] = tool.split("/");
  return name === undefined ? { name: tool } : { namespace, name };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
