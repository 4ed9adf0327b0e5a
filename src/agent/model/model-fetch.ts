import { StreamBroken, watchStream } from "./watch-stream.ts";

/**
 * `fetch` for OpenAI-compatible servers. A streamed answer must come to its own end and must not
 * stand still for longer than `idleMs`; a whole answer gets the role that some gateways leave out,
 * without which the client would take it for a foreign message and lose its tool calls.
 */
export function modelFetch(idleMs: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body) return response;
    const { status } = response;
    const headers = withoutLength(response.headers);
    if (type.includes("text/event-stream")) {
      return new Response(watchStream(response.body, idleMs), { status, headers });
    }
    const body = parsed(await wholeText(response, idleMs));
    if (!asksForStream(init)) return new Response(mended(body), { status, headers });
    headers.set("content-type", "text/event-stream");
    return new Response(asStream(body), { status, headers });
  };
}

/** The client's own timeout ends at the headers; a body that stops coming has to end as well. */
async function wholeText(response: Response, idleMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StreamBroken("the answer stopped coming")), idleMs);
  });
  try {
    return await Promise.race([response.text(), late]);
  } finally {
    clearTimeout(timer);
  }
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
      tool_calls?: { readonly function?: { readonly arguments?: string } }[];
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

/** With the role, and without calls that cannot be read: the model is asked again for those. */
function mended(body: WholeAnswer): string {
  for (const { message } of body.choices ?? []) {
    if (!message) continue;
    message.role ??= "assistant";
    if (message.tool_calls) message.tool_calls = message.tool_calls.filter(isReadable);
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

/** A whole answer of a gateway that takes no notice of `stream`, as the stream it should have been. */
function asStream(body: WholeAnswer): string {
  if (!body.choices) throw new StreamBroken("the answer is neither a stream nor a completion");
  const choices = body.choices.map(({ index = 0, finish_reason = "stop", message = {} }) => {
    const tool_calls = message.tool_calls?.map((call, at) => ({ index: at, ...call }));
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
