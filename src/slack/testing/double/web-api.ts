import type { IncomingMessage, ServerResponse } from "node:http";
import { asJson, type Json } from "../../blocks/shape-checks.ts";
import { no } from "./calls.ts";
import type { Faults } from "./faults.ts";
import { methods } from "./methods.ts";
import type { Rates } from "./rates.ts";
import { scopesOf } from "./scopes.ts";
import type { Workspace } from "./workspace.ts";

export const botToken = "xoxb-double";
export const appToken = "xapp-double";

/** One call the app made, as it came. */
export interface RecordedCall {
  readonly method: string;
  readonly input: Json;
  readonly at: number;
  readonly ok: boolean;
}

export interface WebApiOptions {
  readonly workspace: Workspace;
  readonly faults: Faults;
  readonly rates: Rates | null;
  readonly scopes: readonly string[] | null;
  readonly origin: () => string;
  readonly record: (call: RecordedCall) => void;
  /** Called for what no test should do: an unknown method, a wrong token. */
  readonly misuse: (what: string) => void;
}

/** Slack's Web API over HTTP: form, JSON and multipart bodies in, JSON out. */
export function webApi(options: WebApiOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = (request.url ?? "").replace(/^\/api\//, "").split("?")[0] ?? "";
    const body = await readBody(request);
    const input = parseBody(String(request.headers["content-type"] ?? ""), body);
    const fault = options.faults.take(method);
    if (fault?.kind === "hang-up") {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === "http") {
      response.writeHead(fault.status).end("fault");
      return;
    }
    const channel = input.channel ? String(input.channel) : null;
    const wait =
      fault?.kind === "rate-limited"
        ? fault.retryAfter
        : (options.rates?.refuse(method, channel) ?? null);
    if (wait !== null) {
      response.writeHead(429, { "retry-after": String(wait), "content-type": "application/json" });
      response.end(JSON.stringify({ ok: false, error: "ratelimited" }));
      return;
    }
    const answer =
      fault?.kind === "error"
        ? no(fault.error, fault.messages)
        : run(method, input, tokenOf(request, input), options);
    options.record({ method, input, at: options.workspace.clock.now(), ok: answer.ok });
    if (fault?.kind === "lost-answer") {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, {
      "content-type": "application/json",
      "x-oauth-scopes": (options.scopes ?? []).join(","),
    });
    response.end(JSON.stringify(answer));
  };
}

function run(method: string, input: Json, token: string, options: WebApiOptions) {
  const known = methods[method];
  if (!known) {
    options.misuse(`unknown method ${method}`);
    return no("unknown_method");
  }
  if (options.faults.tokenRevoked) return no("token_revoked");
  const wanted = method === "apps.connections.open" ? appToken : botToken;
  if (token !== wanted) {
    options.misuse(`${method} was called with another token`);
    return no("invalid_auth");
  }
  const scopes = scopesOf[method];
  if (scopes && options.scopes && !scopes.some((scope) => options.scopes?.includes(scope))) {
    options.misuse(`${method} needs one of ${scopes.join(", ")}`);
    return no("missing_scope");
  }
  const { workspace, faults } = options;
  return known({ workspace, faults, input, origin: options.origin() });
}

function tokenOf(request: IncomingMessage, input: Json): string {
  const header = String(request.headers.authorization ?? "");
  return header.startsWith("Bearer ") ? header.slice(7) : String(input.token ?? "");
}

/** The whole body, without a limit: only our own client calls. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Form fields that hold JSON are parsed, since that is how blocks, chunks and views travel. */
function parseBody(type: string, body: Buffer): Json {
  if (type.includes("application/json")) return asJson(JSON.parse(body.toString() || "{}"));
  const form = new URLSearchParams(body.toString());
  return Object.fromEntries([...form].map(([key, value]) => [key, maybeJson(value)]));
}

function maybeJson(value: string): unknown {
  if (!/^[[{]/.test(value)) return value === "true" ? true : value === "false" ? false : value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
