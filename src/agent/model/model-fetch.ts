import {
  AnswerEndless,
  type AnswerLimits,
  endless,
  StreamBroken,
  watchStream,
  within,
} from "./watch-stream.ts";

/** A whole answer may take this many times the wait for one part of it. */
const wholeFactor = 2;
/** Events say little each: a stream is a hundred times its text. */
const bytesMax = 16_000_000;

/**
 * `fetch` for OpenAI-compatible servers. A streamed answer must come to its own end and must not
 * stand still for longer than `idleMs`; what gateways leave out (a role, the id of a call) is put
 * in, without which the client would take the answer for a foreign message and lose its tool calls.
 */
export function modelFetch(idleMs: number): typeof fetch {
  const limits: AnswerLimits = { idleMs, wholeMs: idleMs * wholeFactor, bytesMax };
  return async (input, init) => {
    const response = await fetch(input, init);
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body) return response;
    const { status } = response;
    const headers = withoutLength(response.headers);
    if (type.includes("text/event-stream")) {
      return new Response(watchStream(response.body, limits), { status, headers });
    }
    const body = parsed(await wholeText(response, limits));
    if (!asksForStream(init)) return new Response(mended(body), { status, headers });
    headers.set("content-type", "text/event-stream");
    return new Response(asStream(body), { status, headers });
  };
}

/** The client's own timeout ends at the headers; a body that stops coming has to end as well. */
async function wholeText(response: Response, { idleMs, bytesMax }: AnswerLimits): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const read = async () => {
    for await (const part of response.body ?? []) {
      bytes += part.byteLength;
      if (bytes > bytesMax) throw new AnswerEndless(endless);
      text += decoder.decode(part, { stream: true });
    }
    return text + decoder.decode();
  };
  return within(idleMs, "the answer stopped coming", read());
}

function asksForStream(init: RequestInit | undefined): boolean {
  return typeof init?.body === "string" && /"stream":\s*true/.test(init.body);
}

interface WholeAnswer {
  readonly choices?: readonly {
    readonly index?: number;
    readonly finish_reason?: string | null;
    readonly message?: {
      role?: string;
      tool_calls?: { id?: string; readonly function?: { readonly arguments?: string } }[];
    };
  }[];
}

function parsed(text: string): WholeAnswer {
  try {
    const body: unknown = JSON.parse(text);
    if (body !== null && typeof body === "object") return body;
  } catch {
    // Falls through: HTML of a gateway, or half an answer.
  }
  throw new StreamBroken("the answer is not JSON");
}

/** With role and ids, and without calls that cannot be read: the model is asked again for those. */
function mended(body: WholeAnswer): string {
  for (const { message } of body.choices ?? []) {
    if (!message) continue;
    message.role ??= "assistant";
    if (message.tool_calls) message.tool_calls = message.tool_calls.filter(isReadable);
    for (const [i, call] of (message.tool_calls ?? []).entries()) call.id ||= `call-${i}`;
  }
  return JSON.stringify(body);
}

function isReadable(call: { readonly function?: { readonly arguments?: string } }): boolean {
  try {
    JSON.parse(call.function?.arguments || "{}");
    return true;
  } catch {
    return false;
  }
}

/**
 * A whole answer of a gateway that takes no notice of `stream`, as the stream it should have been.
 */
function asStream(body: WholeAnswer): string {
  if (!body.choices) throw new StreamBroken("the answer is neither a stream nor a completion");
  const choices = body.choices.map(({ index = 0, finish_reason = "stop", message = {} }) => {
    const tool_calls = message.tool_calls?.map((call, i) => {
      return { index: i, ...call, id: call.id || `call-${i}` };
    });
    const delta = { role: "assistant", ...message, ...(tool_calls ? { tool_calls } : {}) };
    return { index, finish_reason, delta };
  });
  const chunk = { ...body, object: "chat.completion.chunk", choices };
  return `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.delete("content-encoding");
  return kept;
}
