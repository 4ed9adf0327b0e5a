import { serve } from "@hono/node-server";
import type { Principal } from "../core/principal.ts";
import { httpApp } from "./app.ts";
import type { HttpParts } from "./parts.ts";

export interface HttpServer {
  /** Where it listens, for people on this machine. */
  readonly url: string;
  /** An address that signs somebody in, once, and leads to `path`. */
  signInLink(principal: Principal, path: string): Promise<string>;
  /** Takes no new request, and waits for those that run. */
  close(): Promise<void>;
}

const onceHours = 1;

/** Listens. Resolves when the port is open; rejects when it is taken. */
export async function serveHttp(parts: HttpParts): Promise<HttpServer> {
  const { app, signer } = httpApp(parts);
  const { host, port, publicUrl } = parts.settings;
  const { beside } = parts;
  const server = serve({
    fetch: async (request, env) => (await beside?.(request)) ?? app.fetch(request, env),
    hostname: host,
    port,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve);
    server.once("error", reject);
  });
  // Longer than the 60 s of common balancers, which else reuse a connection that is being closed.
  if ("keepAliveTimeout" in server) server.keepAliveTimeout = 65_000;
  const bound = server.address();
  const actual = typeof bound === "object" && bound ? bound.port : port;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  return {
    url,
    signInLink: async (principal, path) => {
      const { id: sub, name, role } = principal;
      const link = { sub, name, role, use: "link", once: true, to: path } as const;
      const serial = parts.ids.next("link");
      const token = await signer.sign({ ...link, serial }, onceHours);
      return `${publicUrl ?? url}/sign-in?token=${token}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeIdleConnections" in server) server.closeIdleConnections();
      }),
  };
}
