import { stringify } from "yaml";
import { listeners } from "./listeners/index.ts";
import { en } from "./messages/en.ts";

/** Needed by parts that are no listeners: sessions, modals, look-ups, file state, doctor. */
const ownScopes = ["files:read", "users:read", "usergroups:read", "channels:history"];

/**
 * The app's manifest, made from what the listeners say they need, so that it cannot drift from
 * them. `transport: http` adds the request address (docs.slack.dev/reference/app-manifest).
 */
export function buildManifest(
  transport: "socket" | "http" = "socket",
  url = "https://example.com",
) {
  const events = unique(listeners.flatMap((one) => one.needs.events ?? []));
  const scopes = unique([...listeners.flatMap((one) => one.needs.scopes), ...ownScopes]);
  const shortcuts = listeners.flatMap((one) => one.needs.shortcuts ?? []);
  const commands = listeners.flatMap((one) => (one.needs.command ? [one.needs.command] : []));
  const address = `${url.replace(/\/$/, "")}/slack/events`;
  const isHttp = transport === "http";
  return {
    display_information: {
      name: "Shodo",
      description: "The first move in an incident: what broke first, why, and how urgent it is.",
      background_color: "#1f2937",
    },
    features: {
      agent_view: {
        agent_description:
          "Investigates incidents in your telemetry: what broke first, why, how urgent it is, what to do. Every number links to its source; nothing is executed.",
        suggested_prompts: en.prompts.map(([title, message]) => ({ title, message })),
      },
      app_home: {
        home_tab_enabled: true,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: "Shodo", always_online: true },
      shortcuts: shortcuts.map((one) => ({
        name: one.type === "message" ? "Investigate this" : "Start an investigation",
        type: one.type,
        callback_id: one.id,
        description:
          one.type === "message"
            ? "Investigate what this message says, in its thread"
            : "Ask Shodo what is wrong",
      })),
      slash_commands: commands.map((command) => ({
        command,
        description: "Investigate an incident",
        usage_hint: "why is checkout slow?",
        should_escape: false,
        ...(isHttp ? { url: address } : {}),
      })),
    },
    oauth_config: { scopes: { bot: scopes } },
    settings: {
      event_subscriptions: { bot_events: events, ...(isHttp ? { request_url: address } : {}) },
      interactivity: {
        is_enabled: listeners.some((one) => one.needs.interactivity),
        ...(isHttp ? { request_url: address } : {}),
      },
      org_deploy_enabled: false,
      socket_mode_enabled: !isHttp,
      token_rotation_enabled: false,
    },
  };
}

/** As YAML, which Slack takes in a link and in its form alike. */
export function manifestYaml(transport?: "socket" | "http", url?: string): string {
  return stringify(buildManifest(transport, url));
}

/** What `shodo init slack` prints: the manifest, two links to click, and what to set afterwards. */
export function initText(transport: "socket" | "http" = "socket", url?: string): string {
  const yaml = manifestYaml(transport, url);
  const create = `https://api.slack.com/apps?new_app=1&manifest_yaml=${encodeURIComponent(yaml)}`;
  const secrets =
    transport === "socket"
      ? ["SLACK_BOT_TOKEN=xoxb-…", "SLACK_APP_TOKEN=xapp-…   (scope connections:write)"]
      : ["SLACK_BOT_TOKEN=xoxb-…", "SLACK_SIGNING_SECRET=…"];
  return [
    yaml,
    "1. Create the app from the manifest above:",
    `   ${create}`,
    "2. Install it and copy its tokens:",
    "   https://api.slack.com/apps",
    "3. Set:",
    ...secrets.map((line) => `   ${line}`),
    "4. Say who may do what, and where alarms go, in shodo.yaml:",
    "   slack:",
    "     alarmChannel: C0123456789",
    "     roles:",
    "       responder: { groups: [S0123456789] }",
    "       approver: { users: [U0123456789] }",
    "5. Invite the app to that channel (/invite @Shodo), then run: shodo doctor",
    "",
  ].join("\n");
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
