import { createHash, timingSafeEqual } from "node:crypto";
import { getConnInfo } from "@hono/node-server/conninfo";
import { getCookie } from "hono/cookie";
import type { HttpSettings } from "../../core/http-settings.ts";
import type { Principal } from "../../core/principal.ts";
import type { RouteContext } from "../route.ts";
import { principalOf, type Signer } from "./session.ts";

export const cookieName = "shodo_session";

/** Who is asking: by token, by session, by being on this machine; or null. */
export async function authenticate(
  context: RouteContext,
  settings: HttpSettings,
  signer: Signer,
): Promise<Principal | null> {
  const header = context.req.header("authorization");
  if (header !== undefined) return byToken(header, settings);
  const cookie = getCookie(context, cookieName);
  const claims = cookie ? await signer.read(cookie, "session") : null;
  if (claims) return principalOf(claims);
  return byPlace(context, settings);
}

function byToken(header: string, settings: HttpSettings): Principal | null {
  const token = /^bearer\s+(\S+)$/i.exec(header)?.[1];
  if (!token) return null;
  const digest = createHash("sha256").update(token).digest();
  const found = settings.tokens.find(({ hash }) =>
    timingSafeEqual(Buffer.from(hash.slice("sha256:".length), "hex"), digest),
  );
  return found ? { id: found.name, name: found.name, role: found.role, door: "http" } : null;
}

/**
 * Without a sign-in only a caller of this very machine gets in, and only while the server listens
 * for this machine alone: behind a proxy every caller would look local.
 */
function byPlace(context: RouteContext, settings: HttpSettings): Principal | null {
  const isLocalServer = isLoopback(settings.host) && settings.publicUrl === undefined;
  if (!isLocalServer || settings.localRole === null) return null;
  if (context.req.header("x-forwarded-for") !== undefined) return null;
  if (!isLoopback(addressOf(context))) return null;
  const host = (context.req.header("host") ?? "").replace(/:\d+$/, "");
  // A page of another site may resolve its own name to this machine.
  if (!isLoopback(host)) return null;
  return { id: "local", name: "local", role: settings.localRole, door: "http" };
}

/** Who calls, for rate limits: what the outermost trusted proxy saw, else the other end. */
export function callerOf(context: RouteContext, { proxies }: HttpSettings): string {
  const seen = (context.req.header("x-forwarded-for") ?? "").split(",").map((item) => item.trim());
  return (proxies > 0 && seen.at(-proxies)) || addressOf(context);
}

/** Address of the other end of the connection; empty when there is no connection (tests). */
function addressOf(context: RouteContext): string {
  try {
    return getConnInfo(context).remote.address ?? "";
  } catch {
    return "";
  }
}

function isLoopback(host: string): boolean {
  return ["127.0.0.1", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"].includes(host);
}
