import { z } from "zod";
import type { Incident } from "./incident.ts";
import { type Language, languageSchema } from "./language.ts";

/** Who holds a role: Slack users (`U…`), user groups (`S…`), or everyone in the workspace. */
const roleListSchema = z
  .strictObject({
    users: z.array(z.string().regex(/^[UW][A-Z0-9]+$/)).default([]),
    groups: z.array(z.string().regex(/^S[A-Z0-9]+$/)).default([]),
    everyone: z.boolean().default(false),
  })
  .default({ users: [], groups: [], everyone: false });

/** The `slack:` part of `shodo.yaml`. Tokens come from the environment alone. */
export const slackSettingsSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** `socket` needs no public address; `http` is for load balancers. */
  transport: z.enum(["socket", "http"]).default("socket"),
  host: z.string().default("0.0.0.0"),
  port: z.number().int().min(0).max(65_535).default(3_001),
  /** GovSlack and proxies. */
  apiUrl: z.url().default("https://slack.com/api/"),
  /** Where alarms post by themselves; null keeps them out of Slack. */
  alarmChannel: z.string().nullable().default(null),
  /** First match by service wins over `alarmChannel`. */
  routes: z.array(z.strictObject({ service: z.string(), channel: z.string() })).default([]),
  language: languageSchema.optional(),
  channels: z
    .record(z.string(), z.strictObject({ language: languageSchema.optional() }))
    .default({}),
  /** Bots (`B…`) whose messages are alarms and start an investigation in their own thread. */
  alarmBots: z.array(z.string().regex(/^B[A-Z0-9]+$/)).default([]),
  /** Closed by default: a role whose list is empty is held by nobody. */
  roles: z
    .strictObject({
      viewer: roleListSchema,
      responder: roleListSchema,
      approver: roleListSchema,
      admin: roleListSchema,
    })
    .prefault({}),
  /** When true, whoever asked for the investigation may not approve its runbook action. */
  twoPeople: z.boolean().default(false),
  /** Address of the web report; `/reports/<incident>` is appended. */
  publicUrl: z.url().nullable().default(null),
  /** Threads of finished incidents are remembered so long; then Shodo no longer answers in them. */
  keepThreadsDays: z.number().positive().default(90),
  /** Hosts that links in messages may lead to. */
  linkHosts: z.array(z.string()).default(["console.aws.amazon.com", "amazonaws.com"]),
});
export type SlackSettings = z.infer<typeof slackSettingsSchema>;

/** Tokens of the Slack app: SLACK_BOT_TOKEN, SLACK_APP_TOKEN, SLACK_SIGNING_SECRET. */
export interface SlackSecrets {
  readonly botToken: string;
  /** Needed by `socket`. */
  readonly appToken: string | null;
  /** Needed by `http`. */
  readonly signingSecret: string | null;
}

/**
 * Where an incident's alarms post: the first route by service, else the alarm channel, else
 * nowhere.
 */
export function slackChannelFor(settings: SlackSettings, incident: Incident): string | null {
  const services = [incident.service, ...incident.alarms.map((one) => one.alarm.service)];
  const route = settings.routes.find((one) => services.includes(one.service));
  return route?.channel ?? settings.alarmChannel;
}

/**
 * A channel's language: its own setting, else the workspace's; null leaves it to the installation.
 */
export function slackLanguageIn(
  settings: Pick<SlackSettings, "channels" | "language">,
  channel: string,
): Language | null {
  return settings.channels[channel]?.language ?? settings.language ?? null;
}

/** What is missing for the chosen transport, as sentences; empty when it can start. */
export function slackFaults(
  settings: SlackSettings,
  secrets: { readonly [K in keyof SlackSecrets]: string | null },
): string[] {
  const faults: string[] = [];
  if (!secrets.botToken?.startsWith("xoxb-")) {
    faults.push("SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-");
  }
  if (settings.transport === "socket" && !secrets.appToken?.startsWith("xapp-")) {
    faults.push("SLACK_APP_TOKEN must be an app-level token (xapp-) with connections:write");
  }
  if (settings.transport === "http" && (secrets.signingSecret ?? "").length < 16) {
    faults.push("SLACK_SIGNING_SECRET must be the signing secret of the app");
  }
  return faults;
}
