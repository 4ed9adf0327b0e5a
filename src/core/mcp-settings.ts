import { z } from "zod";

/** A token's name, rights and SHA-256; the token itself is shown once and kept nowhere. */
const tokenSchema = z.strictObject({
  name: z.string().regex(/^[\w.@-]{1,80}$/),
  scopes: z.array(z.enum(["read", "investigate", "admin"])).min(1),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** ISO 8601; absent means until removed. */
  expires: z.string().optional(),
});

/** Whose access tokens are accepted, when callers come with OAuth. */
const oauthSchema = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  /** The address of this server as tokens name it (`aud`). */
  audience: z.url({ protocol: /^https?$/ }),
  /** Where the issuer's keys are; absent: its metadata says so (RFC 8414). */
  jwksUri: z.url({ protocol: /^https?$/ }).optional(),
  /** Put before our scope names in the issuer's: `shodo:` makes `shodo:read`. */
  scopePrefix: z.string().default(""),
});

/** `mcp.http` in shodo.yaml. */
export const mcpHttpSchema = z.strictObject({
  host: z.string().default("127.0.0.1"),
  port: z.number().int().min(0).max(65_535).default(7_330),
  /** Names that `Host` may carry besides localhost; needed behind a balancer. */
  allowedHosts: z.array(z.string()).default([]),
  /** Web origins (host names) whose pages may call. */
  allowedOrigins: z.array(z.string()).default([]),
  tokens: z.array(tokenSchema).default([]),
  oauth: oauthSchema.optional(),
  /** Requests per caller: how many at once from rest, and how many a second after that. */
  rateBurst: z.number().int().positive().default(200),
  ratePerSecond: z.number().positive().default(20),
});
export type McpHttpSettings = z.infer<typeof mcpHttpSchema>;

const mountBase = {
  /** Tools to take, by their own names; nothing is taken that is not named. */
  allow: z.array(z.string()).min(1),
  /** Hash of each accepted definition, by tool name; a changed definition is refused. */
  accepted: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)).default({}),
};

/** `mcp.mounts` in shodo.yaml: other MCP servers whose tools the analyst may use. */
export const mcpMountSchema = z.union([
  z.strictObject({
    ...mountBase,
    command: z.string(),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
  }),
  z.strictObject({
    ...mountBase,
    url: z.url({ protocol: /^https?$/ }),
    /** Environment variable that holds a bearer token issued for that server. */
    tokenEnv: z.string().optional(),
  }),
]);
export type McpMountSettings = z.infer<typeof mcpMountSchema>;

/** `mcp` in shodo.yaml. */
export const mcpSettingsSchema = z.strictObject({
  http: mcpHttpSchema.prefault({}),
  mounts: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,20}$/), mcpMountSchema).default({}),
});
export type McpSettings = z.infer<typeof mcpSettingsSchema>;
