import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Compares without telling by its speed where the difference is. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/** HMAC in hex. */
export function hmacHex(
  algorithm: "sha256" | "sha512",
  secret: string,
  parts: readonly (string | Uint8Array)[],
): string {
  const hmac = createHmac(algorithm, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Stable short name for something long: a fingerprint, a delivery. */
export function digestOf(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, 32);
}

/**
 * The secret of an `Authorization` header: of a bearer token, or the password of basic
 * authentication; null when there is none.
 */
export function authorizationSecret(header: string | undefined): string | null {
  const [, scheme = "", value = ""] = /^(\S+)\s+(.+)$/.exec(header ?? "") ?? [];
  if (/^bearer$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return null;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}
