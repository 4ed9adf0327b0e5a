import { createHash } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { Clock } from "../../core/clock.ts";
import type { Ids } from "../../core/ids.ts";
import { type Principal, roles } from "../../core/principal.ts";
import type { FaceState } from "../../core/store.ts";

const keyName = "http:session-key";
const issuer = "shodo";

const claimsSchema = z.object({
  sub: z.string(),
  name: z.string(),
  role: z.enum(roles),
  /** `session` for a cookie, `link` for an address that signs somebody in. */
  use: z.enum(["session", "link", "state"]),
  /** Links only: valid once, and where they lead. */
  once: z.boolean().optional(),
  to: z.string().optional(),
  serial: z.string().optional(),
  exp: z.number(),
});
export type Claims = z.infer<typeof claimsSchema>;

/** Signs and reads the tokens of sessions and links, with one key for all processes of a store. */
export interface Signer {
  sign(claims: Omit<Claims, "exp">, hours: number): Promise<string>;
  /** Null for what is forged, expired or meant for something else. */
  read(token: string, use: Claims["use"]): Promise<Claims | null>;
}

/**
 * HS256 with a key that lives in the store, so all processes read each other's tokens. Both methods
 * wait for the key; `sign` throws when the store has none to give.
 */
export function signer(face: FaceState, ids: Ids, clock: Clock): Signer {
  let known: Promise<Uint8Array> | null = null;
  const key = () => {
    known ??= sharedKey(face, ids).catch((fault: unknown) => {
      known = null;
      throw fault;
    });
    return known;
  };
  return {
    sign: async ({ sub, ...claims }, hours) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(issuer)
        .setSubject(sub)
        .setExpirationTime(Math.floor(clock.now() / 1_000 + hours * 3_600))
        .sign(await key()),
    read: async (token, use) => {
      try {
        const options = { issuer, algorithms: ["HS256"], currentDate: new Date(clock.now()) };
        const { payload } = await jwtVerify(token, await key(), options);
        const claims = claimsSchema.safeParse(payload);
        return claims.success && claims.data.use === use ? claims.data : null;
      } catch {
        return null;
      }
    },
  };
}

/**
 * Made once and kept in the store; of two processes that make it at once, the first one's counts.
 */
async function sharedKey(face: FaceState, ids: Ids): Promise<Uint8Array> {
  const parts = Array.from({ length: 4 }, () => ids.next("key"));
  const made = createHash("sha256").update(parts.join()).digest("hex");
  if (await face.once(`${keyName}:made`, 100 * 365 * 86_400_000)) await face.put(keyName, made);
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const kept = await face.get(keyName);
    if (typeof kept === "string") return Buffer.from(kept, "hex");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the key of sessions is missing from the store");
}

/** The role is the one at sign-in: what the person lost since then counts from the next one. */
export function principalOf(claims: Claims): Principal {
  return { id: claims.sub, name: claims.name, role: claims.role, door: "http" };
}
