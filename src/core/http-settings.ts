import { z } from "zod";
import { languageSchema } from "./language.ts";
import { roles } from "./principal.ts";

const role = z.enum(roles);

/** `serve.oidc`: people sign in with the company's account. */
const oidcSchema = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  clientId: z.string().min(1),
  /** Environment variable that holds the client secret; absent for a public client. */
  clientSecretFrom: z.string().optional(),
  scopes: z.array(z.string()).default(["openid", "profile", "email"]),
  /** Claim of the ID token with the person's groups. */
  groupsClaim: z.string().default("groups"),
  /** Groups that have a role; the highest one counts. */
  roles: z.partialRecord(role, z.array(z.string())).default({}),
  /** Role of everyone else; null lets nobody else in. */
  otherwise: role.nullable().default(null),
});
export type OidcSettings = z.infer<typeof oidcSchema>;

/** `serve:` in `shodo.yaml`. */
export const httpSettingsSchema = z
  .strictObject({
    host: z.string().default("127.0.0.1"),
    port: z.number().int().min(0).max(65_535).default(7_331),
    /** Address that people and senders use, without a slash at the end. */
    publicUrl: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ""))
      .optional(),
    /** Proxies in front that append to `X-Forwarded-For`; 1 behind a load balancer. */
    proxies: z.number().int().min(0).max(9).default(0),
    /**
     * Language of the pages; absent, an installation that is not English, else the reader's
     * browser.
     */
    language: languageSchema.optional(),
    /** Role of whoever comes from this machine without signing in; only with a loopback `host`. */
    localRole: role.nullable().default("admin"),
    oidc: oidcSchema.optional(),
    /** Tokens for programs, by name; only their SHA-256 is kept. */
    tokens: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[\w.@-]{1,80}$/),
          role,
          hash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        }),
      )
      .default([]),
    sessionHours: z.number().positive().max(168).default(12),
    /** How long a link that Slack posts lets its readers in. */
    linkHours: z.number().positive().max(720).default(168),
    /** Whether Prometheus may read `/metrics` without a token. */
    publicMetrics: z.boolean().default(false),
    /** Requests per caller: at once from rest, and per second after that. */
    rate: z
      .strictObject({
        burst: z.number().int().positive().default(120),
        perSecond: z.number().positive().default(5),
        /** Messages of senders, all together. */
        alarmsBurst: z.number().int().positive().default(5_000),
        alarmsPerSecond: z.number().positive().default(1_000),
      })
      .prefault({}),
  })
  .prefault({});
export type HttpSettings = z.infer<typeof httpSettingsSchema>;
