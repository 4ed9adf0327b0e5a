import { createServer, type IncomingMessage, type Server } from "node:http";
import { trace } from "@opentelemetry/api";
import { log } from "./log.ts";
import { addressOf } from "./peers.ts";

/** An answer that is not 2xx, with the reason that the caller gets to read. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export interface ShopRequest {
  path: string[];
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** Routes by `METHOD /first-segment`; the rest of the path is in `request.path`. */
export type Routes = Record<string, (request: ShopRequest) => Promise<unknown>>;

/**
 * JSON over HTTP. `reusePort` lets the next release listen beside the running one, which is how
 * deploys happen without a gap.
 */
export function serve(routes: Routes, port: number): Promise<Server> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://shop");
    const path = url.pathname.split("/").filter(Boolean);
    const route = `${request.method} /${path[0] ?? ""}`;
    nameSpan(path.length > 1 ? `${route}/:id` : route);
    try {
      const handler = routes[route];
      if (!handler) throw new HttpError(404, `no route ${route}`);
      const body = await readJson(request);
      const result = await handler({
        path,
        query: url.searchParams,
        headers: request.headers,
        body,
      });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
    } catch (error) {
      const status = error instanceof HttpError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      if (status >= 500) log.error(`${route} failed: ${message}`, { "http.status": status });
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ error: message }));
    }
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen({ port, host: "127.0.0.1", reusePort: true }, () => done(server));
  });
}

export interface CallOptions {
  body?: unknown;
  timeoutMs?: number;
  headers?: Record<string, string>;
}

/** Calls another service and returns its JSON. Throws {@link HttpError} on anything but 2xx. */
export async function call<Result>(
  service: string,
  path: string,
  { body, timeoutMs = 8_000, headers = {} }: CallOptions = {},
): Promise<Result> {
  let response: Response;
  try {
    response = await fetch(`${addressOf(service)}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    const timedOut = (cause as Error).name === "TimeoutError";
    const what = timedOut ? `timed out after ${timeoutMs} ms` : "connection failed";
    throw new HttpError(timedOut ? 504 : 502, `${service} ${path.split("?")[0]} ${what}`, {
      cause,
    });
  }
  const result = (await response.json().catch(() => ({}))) as { error?: string };
  if (response.ok) return result as Result;
  throw new HttpError(response.status, `${service}: ${result.error ?? response.status}`);
}

function nameSpan(route: string): void {
  const span = trace.getActiveSpan();
  span?.updateName(route);
  span?.setAttribute("http.route", route.slice(route.indexOf("/")));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  if (parts.length === 0) return null;
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (cause) {
    throw new HttpError(400, "the body is not JSON", { cause });
  }
}
