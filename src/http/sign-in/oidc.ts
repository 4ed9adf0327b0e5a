import { createHash } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { OidcSettings } from "../../core/http-settings.ts";
import type { Ids } from "../../core/ids.ts";
import { type Principal, type Role, roles } from "../../core/principal.ts";

const timeoutMs = 10_000;

const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});
const tokenAnswerSchema = z.object({ id_token: z.string() });

export interface OidcOptions {
  readonly settings: OidcSettings;
  readonly clientSecret: string | null;
  /** Address of our own `/sign-in/callback`. */
  readonly redirectUri: string;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** What must come back unchanged from the provider; kept in a signed cookie meanwhile. */
export interface OidcState {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** OpenID Connect, authorization code flow with PKCE (RFC 7636). */
export interface Oidc {
  begin(): Promise<{ readonly url: string; readonly state: OidcState }>;
  /** The person, or why not, in one sentence. */
  finish(
    answer: { readonly code: string; readonly state: string },
    begun: OidcState,
  ): Promise<Principal | string>;
}

/**
 * The provider is asked for its endpoints at the first sign-in, and again after a failure. `begin`
 * and `finish` throw when it cannot be reached within ten seconds.
 */
export function oidc(options: OidcOptions): Oidc {
  const { settings, ids, redirectUri } = options;
  let known: Promise<z.infer<typeof metadataSchema>> | null = null;
  const metadata = () => {
    known ??= discover(settings.issuer).catch((fault: unknown) => {
      known = null;
      throw fault;
    });
    return known;
  };
  return {
    begin: async () => {
      const state = { state: ids.next("s"), nonce: ids.next("n"), verifier: verifierOf(ids) };
      const url = new URL((await metadata()).authorization_endpoint);
      const challenge = createHash("sha256").update(state.verifier).digest("base64url");
      const query = {
        response_type: "code",
        client_id: settings.clientId,
        redirect_uri: redirectUri,
        scope: settings.scopes.join(" "),
        state: state.state,
        nonce: state.nonce,
        code_challenge: challenge,
        code_challenge_method: "S256",
      };
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      return { url: url.href, state };
    },
    finish: async (answer, begun) => {
      if (answer.state !== begun.state) return "The sign-in was begun in another window.";
      const found = await metadata();
      const idToken = await exchange(found.token_endpoint, answer.code, begun, options);
      if (idToken === null) return "The provider did not accept the sign-in.";
      return personOf(idToken, found, begun, options);
    },
  };
}

async function discover(issuer: string): Promise<z.infer<typeof metadataSchema>> {
  const url = `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`the sign-in provider answered ${response.status}`);
  const found = metadataSchema.parse(await response.json());
  if (found.issuer !== issuer) throw new Error("the sign-in provider names another issuer");
  return found;
}

async function exchange(
  endpoint: string,
  code: string,
  begun: OidcState,
  { settings, clientSecret, redirectUri }: OidcOptions,
): Promise<string | null> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: settings.clientId,
    code_verifier: begun.verifier,
    ...(clientSecret === null ? {} : { client_secret: clientSecret }),
  });
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(endpoint, { method: "POST", body, signal });
  if (!response.ok) return null;
  const answer = tokenAnswerSchema.safeParse(await response.json());
  return answer.success ? answer.data.id_token : null;
}

async function personOf(
  idToken: string,
  found: z.infer<typeof metadataSchema>,
  begun: OidcState,
  { settings, clock }: OidcOptions,
): Promise<Principal | string> {
  try {
    const keys = createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: timeoutMs });
    const { payload } = await jwtVerify(idToken, keys, {
      issuer: settings.issuer,
      audience: settings.clientId,
      algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
      currentDate: new Date(clock.now()),
      clockTolerance: 60,
    });
    if (payload.nonce !== begun.nonce) return "The answer belongs to another sign-in.";
    const role = roleOf(payload[settings.groupsClaim], settings);
    if (role === null) return "Your account has no role here. Ask whoever runs Shodo for one.";
    const name = [payload.name, payload.email, payload.sub].find((v) => typeof v === "string");
    return { id: String(payload.sub), name: String(name), role, door: "http" };
  } catch {
    return "The provider's answer could not be verified.";
  }
}

/** The highest role that one of the groups has. */
function roleOf(claim: unknown, settings: OidcSettings): Role | null {
  const groups = (Array.isArray(claim) ? claim : [claim]).map(String);
  const held = roles.filter((role) => settings.roles[role]?.some((name) => groups.includes(name)));
  return held.at(-1) ?? settings.otherwise;
}

/** 43 to 128 characters, as RFC 7636 asks. */
function verifierOf(ids: Ids): string {
  const parts = [ids.next("v"), ids.next("v"), ids.next("v")].join("-");
  return createHash("sha512").update(parts).digest("base64url");
}
