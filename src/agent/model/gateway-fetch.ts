/**
 * `fetch` for OpenAI-compatible gateways: some leave out the role of an answer, and the client would
 * then take the message for a foreign one and lose its tool calls.
 */
export async function gatewayFetch(
  input: Parameters<typeof fetch>[0],
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, init);
  const type = response.headers.get("content-type") ?? "";
  if (!response.ok || !type.includes("application/json")) return response;
  const text = await response.text();
  const { status, headers } = response;
  return new Response(withRoles(text), { status, headers: withoutLength(headers) });
}

function withRoles(text: string): string {
  try {
    const body = JSON.parse(text) as { choices?: { message?: { role?: string } }[] };
    for (const { message } of body.choices ?? []) {
      if (message && message.role === undefined) message.role = "assistant";
    }
    return JSON.stringify(body);
  } catch {
    return text;
  }
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-length");
  kept.delete("content-encoding");
  return kept;
}
