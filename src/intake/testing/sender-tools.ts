import type { IncomingMessage } from "../../core/alarm-door.ts";
import type { SenderTools } from "../sender.ts";
import { fixture } from "./sns-message.ts";

export const now = Date.parse("2027-03-02T10:00:30Z");

/** Tools whose web is a table of addresses; everything asked for is recorded. */
export function senderTools(
  web: Readonly<Record<string, string | Uint8Array>> = {},
): SenderTools & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    clock: { now: () => now },
    secret: (variable) => `secret of ${variable}`,
    trustedRoots: [fixture("root.pem")],
    fetchBytes: async (url) => {
      asked.push(url);
      const body = web[url];
      if (body === undefined) throw new Error(`nothing at ${url}`);
      return typeof body === "string" ? new TextEncoder().encode(body) : body;
    },
  };
}

/** A text is sent as it is, anything else as JSON. */
export function posted(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): IncomingMessage {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { body: new TextEncoder().encode(text), headers };
}
