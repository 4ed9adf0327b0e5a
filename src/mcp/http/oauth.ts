import { createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import { ConfigError } from "../../core/errors.ts";
import type { McpHttpSettings } from "../../core/mcp-settings.ts";
import type { Principal } from "../../core/principal.ts";
import { callerWith, scopes } from "../caller.ts";

export type OAuthSettings = NonNullable<McpHttpSettings["oauth"]>;

/** Asymmetric signatures only: a shared secret or `none` would let a caller sign for itself. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "EdDSA",
];
const metadataTimeoutMs = 5_000;

export interface OAuthCaller {
  readonly caller: Principal | null;
  readonly scopes: readonly string[];
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export type TokenVerifier = (token: string) => Promise<OAuthCaller | null>;

/**
 * Checks access tokens of one issuer: signature by its published keys, issuer, expiry, and that the
 * token was made for this server (audience, RFC 8707). Keys are fetched at the first token.
 */
export function oauthVerifier(settings: OAuthSettings, fetchJson = fetchJsonOf): TokenVerifier {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | null = null;
  return async (token) => {
    keys ??= keysOf(settings, fetchJson);
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(token, await keys, {
        issuer: settings.issuer,
        audience: [settings.audience, settings.audience.replace(/\/$/, "")],
        algorithms,
        requiredClaims: ["exp", "sub"],
        clockTolerance: 30,
      });
      payload = verified.payload;
    } catch (error) {
      if (error instanceof ConfigError) keys = null;
      return null;
    }
    const granted = scopesOf(payload, settings.scopePrefix);
    const id = `${settings.issuer}#${payload.sub}`;
    const name = typeof payload.name === "string" ? payload.name : (payload.sub ?? id);
    return {
      caller: callerWith(id, name, granted),
      scopes: granted,
      expiresAt: payload.exp ?? 0,
    };
  };
}

/** Protected resource metadata (RFC 9728): tells clients which issuer to get a token from. */
export function resourceMetadata(settings: OAuthSettings): Record<string, unknown> {
  return {
    resource: settings.audience,
    authorization_servers: [settings.issuer],
    scopes_supported: scopes.map((scope) => `${settings.scopePrefix}${scope}`),
    bearer_methods_supported: ["header"],
    resource_name: "Shodo incident analyst",
  };
}

/** Address of that document: the well-known path goes between host and path. */
export function resourceMetadataUrl(settings: OAuthSettings): string {
  const url = new URL(settings.audience);
  const path = url.pathname === "/" ? "" : url.pathname;
  return `${url.origin}/.well-known/oauth-protected-resource${path}`;
}

function scopesOf(payload: JWTPayload, prefix: string): readonly string[] {
  const claim = payload.scope ?? payload.scp;
  const all = Array.isArray(claim) ? claim.map(String) : String(claim ?? "").split(" ");
  return all.filter((scope) => scope.startsWith(prefix)).map((scope) => scope.slice(prefix.length));
}

async function keysOf(settings: OAuthSettings, fetchJson: typeof fetchJsonOf) {
  const address = settings.jwksUri ?? (await discover(settings.issuer, fetchJson));
  return createRemoteJWKSet(new URL(address), { timeoutDuration: metadataTimeoutMs });
}

/** RFC 8414 first, then OpenID Connect discovery, which many issuers serve instead. */
async function discover(issuer: string, fetchJson: typeof fetchJsonOf): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const places = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  for (const place of places) {
    const document = await fetchJson(place).catch(() => null);
    // RFC 8414 section 3.3: metadata of another issuer must not be used.
    if (document?.issuer === issuer && typeof document.jwks_uri === "string") {
      return document.jwks_uri;
    }
  }
  throw new ConfigError(
    `mcp.http.oauth.issuer: ${issuer} publishes no keys; set mcp.http.oauth.jwksUri.`,
  );
}

async function fetchJsonOf(url: string): Promise<Record<string, unknown> | null> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(metadataTimeoutMs),
    redirect: "error",
    headers: { accept: "application/json" },
  });
  return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
}
