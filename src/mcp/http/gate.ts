import {
  type AuthInfo,
  bearerAuthChallengeResponse,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  OAuthError,
  OAuthErrorCode,
  originValidationResponse,
} from "@modelcontextprotocol/server";
import type { Clock } from "../../core/clock.ts";
import { ConfigError } from "../../core/errors.ts";
import type { McpHttpSettings } from "../../core/mcp-settings.ts";
import type { Principal } from "../../core/principal.ts";
import { oauthVerifier, resourceMetadataUrl, type TokenVerifier } from "./oauth.ts";
import { rateLimit } from "./rate-limit.ts";
import { callerOfToken } from "./tokens.ts";

/** Lets a request through with who sent it, or answers it. */
export type Gate = (request: Request) => Promise<AuthInfo | Response>;

const openCaller: Principal = { id: "loopback", name: "loopback", role: "admin", door: "mcp" };

/**
 * Host, Origin, token and rate, in this order. Without tokens and issuer only loopback may be
 * served: there, whoever reaches the port owns the machine, and Host and Origin keep web pages out.
 */
export function gateOf(settings: McpHttpSettings, clock: Clock, verifier?: TokenVerifier): Gate {
  refuseOpenServer(settings);
  const hosts = [...localhostAllowedHostnames(), ...settings.allowedHosts];
  const origins = [...localhostAllowedOrigins(), ...settings.allowedOrigins];
  const limit = rateLimit(settings.rateBurst, settings.ratePerSecond, clock);
  const oauth = settings.oauth && (verifier ?? oauthVerifier(settings.oauth));
  const isOpen = settings.tokens.length === 0 && !settings.oauth;
  return async (request) => {
    const rejected =
      hostHeaderValidationResponse(request, hosts) ?? originValidationResponse(request, origins);
    if (rejected) return rejected;
    const auth = isOpen
      ? authOf(openCaller, ["admin"])
      : await identify(request, settings, clock, oauth);
    if (!auth) return challenge(settings, OAuthErrorCode.InvalidToken);
    if (auth === "no-scope") return challenge(settings, OAuthErrorCode.InsufficientScope);
    const wait = limit.take(auth.clientId);
    return wait === 0 ? auth : tooMany(wait);
  };
}

async function identify(
  request: Request,
  settings: McpHttpSettings,
  clock: Clock,
  oauth: TokenVerifier | undefined,
): Promise<AuthInfo | "no-scope" | null> {
  const token = /^Bearer ([\w.~+/=-]{16,8192})$/i.exec(
    request.headers.get("authorization") ?? "",
  )?.[1];
  if (token === undefined) return null;
  const known = callerOfToken(token, settings.tokens, clock);
  if (known) return authOf(known.caller, known.scopes);
  const visitor = await oauth?.(token);
  if (!visitor) return null;
  if (!visitor.caller) return "no-scope";
  const auth = authOf(visitor.caller, visitor.scopes);
  const prefix = settings.oauth?.scopePrefix ?? "";
  const metadata = settings.oauth && resourceMetadataUrl(settings.oauth);
  return {
    ...auth,
    expiresAt: visitor.expiresAt,
    ...(metadata === undefined ? {} : { resourceMetadataUrl: metadata }),
    extra: { ...auth.extra, scopePrefix: prefix },
  };
}

/**
 * What handlers learn of a caller. The token stops here: nothing behind the gate can pass it on.
 */
function authOf(caller: Principal, scopes: readonly string[]): AuthInfo {
  return { token: "", clientId: caller.id, scopes: [...scopes], extra: { name: caller.name } };
}

function challenge(settings: McpHttpSettings, code: OAuthErrorCode): Response {
  const message =
    code === OAuthErrorCode.InsufficientScope
      ? "The token carries none of the scopes read, investigate, admin."
      : "Send a valid bearer token for this server.";
  const metadata = settings.oauth && resourceMetadataUrl(settings.oauth);
  return bearerAuthChallengeResponse(
    new OAuthError(code, message),
    metadata === undefined ? {} : { resourceMetadataUrl: metadata },
  );
}

function tooMany(seconds: number): Response {
  return Response.json(
    {
      jsonrpc: "2.0",
      id: null,
      error: { code: -32_000, message: `Too many requests: wait ${seconds} s and try again.` },
    },
    { status: 429, headers: { "retry-after": String(seconds) } },
  );
}

/** True for addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function refuseOpenServer(settings: McpHttpSettings): void {
  if (isLoopback(settings.host) || settings.tokens.length > 0 || settings.oauth) return;
  throw new ConfigError(
    `mcp.http.host: ${settings.host} can be reached from other machines, so callers must be known: ` +
      "add mcp.http.tokens (make one with `shodo mcp --new-token NAME`) or mcp.http.oauth, or " +
      "leave the host at 127.0.0.1.",
  );
}
