import { webApi } from "@slack/bolt";
import { type SlackSecrets, type SlackSettings, slackFaults } from "../core/slack-settings.ts";
import { asJson } from "./blocks/shape-checks.ts";
import { silentBoltLogger } from "./bolt-logger.ts";
import { buildManifest } from "./manifest.ts";
import { failureOf } from "./sending/failures.ts";

/** One line of `shodo doctor`. */
export interface SlackCheck {
  readonly name: string;
  readonly state: "ok" | "wrong" | "unknown";
  /** What was found, and what to do when it is not as it should be. */
  readonly text: string;
}

type Secrets = { readonly [K in keyof SlackSecrets]: string | null };

const timeoutMs = 8_000;

/**
 * Checks tokens, scopes, events, channel membership and roles against the real workspace. Reads
 * only. Events can be read with an app configuration token alone; without it that check says
 * unknown.
 */
export async function checkSlack(
  settings: SlackSettings,
  secrets: Secrets,
  configToken: { readonly token: string; readonly appId: string } | null = null,
): Promise<SlackCheck[]> {
  const faults = slackFaults(settings, secrets);
  if (faults.length > 0) {
    return faults.map((text) => ({ name: "tokens", state: "wrong", text }));
  }
  const client = clientOf(settings, secrets.botToken ?? "");
  const token = await checkToken(client);
  if (token.check.state === "wrong") return [token.check];
  return [
    token.check,
    ...(await checkTransport(settings, secrets)),
    checkScopes(token.scopes),
    await checkEvents(settings, configToken),
    ...(await checkChannels(settings, client)),
    ...(await checkRoles(settings, client)),
  ];
}

function clientOf(settings: SlackSettings, token: string) {
  return new webApi.WebClient(token, {
    slackApiUrl: settings.apiUrl,
    logger: silentBoltLogger,
    retryConfig: { retries: 1 },
    timeout: timeoutMs,
  });
}

type Client = ReturnType<typeof clientOf>;

async function checkToken(client: Client): Promise<{ check: SlackCheck; scopes: string[] }> {
  const name = "bot token";
  try {
    const me = await client.auth.test();
    const scopes = me.response_metadata?.scopes ?? [];
    const text = `@${me.user} in ${me.team} (${me.team_id})`;
    return { check: { name, state: "ok", text }, scopes };
  } catch (error) {
    const text = `${why(error)}. Copy the bot token again from “OAuth & Permissions”.`;
    return { check: { name, state: "wrong", text }, scopes: [] };
  }
}

async function checkTransport(settings: SlackSettings, secrets: Secrets): Promise<SlackCheck[]> {
  if (settings.transport === "http") {
    const text = `listens on ${settings.host}:${settings.port}/slack/events; Slack must reach it over https`;
    return [{ name: "transport", state: "unknown", text }];
  }
  try {
    await clientOf(settings, secrets.appToken ?? "").apps.connections.open({});
    return [{ name: "socket", state: "ok", text: "a Socket Mode connection may be opened" }];
  } catch (error) {
    const text = `${why(error)}. Make an app-level token with connections:write and turn Socket Mode on.`;
    return [{ name: "socket", state: "wrong", text }];
  }
}

function checkScopes(granted: readonly string[]): SlackCheck {
  const needed = buildManifest().oauth_config.scopes.bot;
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (granted.length === 0) {
    return { name: "scopes", state: "unknown", text: "Slack did not say which scopes are granted" };
  }
  if (missing.length === 0)
    return { name: "scopes", state: "ok", text: `${needed.length} granted` };
  const text = `missing ${missing.join(", ")}. Add them under “OAuth & Permissions” and reinstall.`;
  return { name: "scopes", state: "wrong", text };
}

async function checkEvents(
  settings: SlackSettings,
  config: { readonly token: string; readonly appId: string } | null,
): Promise<SlackCheck> {
  const needed = buildManifest().settings.event_subscriptions.bot_events;
  const name = "events";
  if (!config) {
    const text = `cannot be read without SLACK_CONFIG_TOKEN and SLACK_APP_ID; needed: ${needed.join(", ")}`;
    return { name, state: "unknown", text };
  }
  try {
    const client = clientOf(settings, config.token);
    const answer = await client.apps.manifest.export({ app_id: config.appId });
    const manifest = asJson(asJson(answer).manifest);
    const subscribed = asJson(asJson(manifest.settings).event_subscriptions).bot_events;
    const has = Array.isArray(subscribed) ? subscribed.map(String) : [];
    const missing = needed.filter((event) => !has.includes(event));
    return missing.length === 0
      ? { name, state: "ok", text: `${needed.length} subscribed` }
      : { name, state: "wrong", text: `not subscribed: ${missing.join(", ")}` };
  } catch (error) {
    return { name, state: "unknown", text: why(error) };
  }
}

async function checkChannels(settings: SlackSettings, client: Client): Promise<SlackCheck[]> {
  const channels = new Set(settings.routes.map((route) => route.channel));
  if (settings.alarmChannel) channels.add(settings.alarmChannel);
  if (channels.size === 0) {
    const text = "no slack.alarmChannel is set: alarms are not posted to Slack";
    return [{ name: "channels", state: "unknown", text }];
  }
  return Promise.all(
    [...channels].map(async (channel): Promise<SlackCheck> => {
      const name = `channel ${channel}`;
      try {
        await client.conversations.history({ channel, limit: 1 });
        return { name, state: "ok", text: "Shodo is a member" };
      } catch (error) {
        return { name, state: "wrong", text: `${why(error)}. Run /invite @Shodo there.` };
      }
    }),
  );
}

async function checkRoles(settings: SlackSettings, client: Client): Promise<SlackCheck[]> {
  const checks: SlackCheck[] = [];
  for (const role of ["responder", "approver"] as const) {
    const above =
      role === "responder"
        ? (["responder", "approver", "admin"] as const)
        : (["approver", "admin"] as const);
    const lists = above.map((one) => settings.roles[one]);
    const isEmpty = lists.every(
      (one) => !one.everyone && one.users.length + one.groups.length === 0,
    );
    checks.push(
      isEmpty
        ? { name: `role ${role}`, state: "wrong", text: `nobody: fill slack.roles.${role}` }
        : { name: `role ${role}`, state: "ok", text: "held by somebody" },
    );
  }
  const groups = new Set(Object.values(settings.roles).flatMap((one) => one.groups));
  for (const group of groups) {
    try {
      await client.usergroups.users.list({ usergroup: group });
    } catch (error) {
      const text = `${why(error)}; its members are shut out until it can be read`;
      checks.push({ name: `group ${group}`, state: "wrong", text });
    }
  }
  return checks;
}

function why(error: unknown): string {
  const failure = failureOf(error);
  return failure.kind === "refused"
    ? `Slack answered ${failure.error}`
    : "Slack could not be reached";
}
