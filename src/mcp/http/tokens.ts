import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import type { McpHttpSettings } from "../../core/mcp-settings.ts";
import type { Principal } from "../../core/principal.ts";
import { callerWith } from "../caller.ts";

type TokenSettings = McpHttpSettings["tokens"][number];

/**
 * A new token with 160 random bits, and its line for shodo.yaml. Show the token once; keep neither.
 */
export function newToken(ids: Ids): { readonly token: string; readonly hash: string } {
  const token = `${ids.next("shodo")}${ids.next("x").slice(-20)}`;
  return { token, hash: hashOf(token) };
}

/**
 * SHA-256 is enough for tokens of 160 random bits: there is nothing to guess, so there is nothing
 * that a slow password hash would slow down.
 */
export function hashOf(token: string): string {
  return `sha256:${createHash("sha256").update(token).digest("hex")}`;
}

/** Who a bearer token stands for, or null. Compares every hash, in constant time each. */
export function callerOfToken(
  token: string,
  tokens: readonly TokenSettings[],
  clock: Clock,
): { readonly caller: Principal; readonly scopes: readonly string[] } | null {
  const given = Buffer.from(hashOf(token));
  let match: TokenSettings | null = null;
  for (const candidate of tokens) {
    const known = Buffer.from(candidate.hash);
    if (known.length === given.length && timingSafeEqual(known, given)) match = candidate;
  }
  if (!match) return null;
  if (match.expires !== undefined && Date.parse(match.expires) <= clock.now()) return null;
  const caller = callerWith(`token:${match.name}`, match.name, match.scopes);
  return caller && { caller, scopes: match.scopes };
}
