import { metricsText } from "../metrics.ts";
import { openApi } from "../openapi.ts";
import type { HttpParts } from "../parts.ts";
import type { Route, RouteContext } from "../route.ts";

/** Addresses for machines that run Shodo: health, readiness, metrics, the API's description. */
export function opsRoutes(parts: HttpParts, described: () => readonly Route[]): readonly Route[] {
  const healthz: Route = {
    method: "GET",
    path: "/healthz",
    access: "public",
    summary: "The process lives",
    kind: "ops",
    run: (c) => c.json({ status: "alive", version: parts.version }),
  };
  const readyz: Route = {
    method: "GET",
    path: "/readyz",
    access: "public",
    summary: "The store answers and the process takes work",
    kind: "ops",
    run: async (c) => {
      if (!parts.isAccepting()) return c.json({ status: "draining" }, 503);
      try {
        await parts.store.ping();
        return c.json({ status: "ready" });
      } catch {
        return c.json({ status: "the store does not answer" }, 503);
      }
    },
  };
  const metrics: Route = {
    method: "GET",
    path: "/metrics",
    access: parts.settings.publicMetrics ? "public" : "viewer",
    summary: "Metrics for Prometheus",
    kind: "ops",
    run: async (c) =>
      c.text(await metricsText(parts), 200, { "content-type": "text/plain; version=0.0.4" }),
  };
  const openapi: Route = {
    method: "GET",
    path: "/api/openapi.json",
    access: "public",
    summary: "This API, described",
    kind: "api",
    run: (c) => c.json(openApi(described(), parts.version)),
  };
  return [healthz, readyz, metrics, openapi];
}

/** Where senders post alarms. */
export function alarmRoute(parts: HttpParts): Route {
  return {
    method: "POST",
    path: "/alarms/:sender{.+}",
    access: "sender",
    summary: "Alarms of the senders that are set up",
    kind: "ops",
    run: (c) => receive(c, parts),
  };
}

async function receive(c: RouteContext, { door }: HttpParts): Promise<Response> {
  const path = c.req.param("sender") ?? "";
  const body = await readBody(c.req.raw, door.bytesMax);
  const answer =
    typeof body === "number"
      ? await door.refuseOversized(path, body)
      : await door.receive(path, { body, headers: c.req.header() });
  const { status, message, accepted, duplicates } = answer;
  return c.json({ message, accepted, duplicates }, status);
}

/** The body, or how large it is at least when it is larger than allowed. */
async function readBody(request: Request, bytesMax: number): Promise<Uint8Array | number> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > bytesMax) return declared;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > bytesMax) return size;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
