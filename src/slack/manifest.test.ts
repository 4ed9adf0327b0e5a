import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { slackSettingsSchema } from "../core/slack-settings.ts";
import { checkSlack } from "./doctor.ts";
import { listeners } from "./listeners/index.ts";
import { buildManifest, initText, manifestYaml } from "./manifest.ts";
import { scopesOf } from "./testing/double/scopes.ts";
import { SlackDouble } from "./testing/double/slack-double.ts";
import { appToken, botToken } from "./testing/double/web-api.ts";

const file = join(import.meta.dirname, "../../infra/slack-manifest.yaml");

describe("the manifest", () => {
  it("is what the registered listeners need, to the letter", async () => {
    await expect(manifestYaml()).toMatchFileSnapshot(file);
    expect(parse(readFileSync(file, "utf8"))).toEqual(buildManifest());
  });

  it("subscribes to every event that a listener registers with Bolt, and to no other", () => {
    const registered = new Set<string>();
    const record = (name: unknown) => {
      if (typeof name === "string") registered.add(name);
    };
    const app = new Proxy(
      {},
      { get: (_, method) => (method === "event" ? record : () => undefined) },
    ) as Parameters<(typeof listeners)[number]["register"]>[0];
    const nothing = {} as Parameters<(typeof listeners)[number]["register"]>[1];
    for (const listener of listeners) listener.register(app, nothing, {} as never);
    const manifest = buildManifest().settings.event_subscriptions.bot_events;
    expect(manifest.filter((name) => !name.startsWith("message."))).toEqual([...registered].sort());
    expect(manifest.filter((name) => name.startsWith("message."))).toEqual([
      "message.channels",
      "message.groups",
      "message.im",
    ]);
  });

  it("asks for the scopes of every method that is called", () => {
    const granted = buildManifest().oauth_config.scopes.bot;
    for (const [method, scopes] of Object.entries(scopesOf)) {
      if (method === "conversations.info") continue;
      expect(
        scopes.some((scope) => granted.includes(scope)),
        method,
      ).toBe(true);
    }
  });

  it("keeps within Slack's limits for manifests", () => {
    const manifest = buildManifest();
    expect(manifest.features.agent_view.agent_description.length).toBeLessThanOrEqual(300);
    expect(manifest.features.agent_view.suggested_prompts.length).toBeLessThanOrEqual(4);
    expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
  });

  it("is printed by init with two links to click", () => {
    const text = initText();
    expect(text.match(/https:\/\/api\.slack\.com\/apps/g)).toHaveLength(2);
    expect(text).toContain("SLACK_APP_TOKEN");
    expect(initText("http", "https://shodo.example")).toContain(
      "request_url: https://shodo.example/slack/events",
    );
  });
});

describe("the doctor's look at Slack", () => {
  const settingsFor = (double: SlackDouble, more: object = {}) =>
    slackSettingsSchema.parse({
      apiUrl: double.apiUrl,
      alarmChannel: "C0INCID01",
      roles: { responder: { users: ["U0ANA0001"] }, approver: { users: ["U0BEN0001"] } },
      ...more,
    });
  const secrets = { botToken, appToken, signingSecret: null };

  it("finds a whole installation healthy", async () => {
    const double = await SlackDouble.start({ scopes: buildManifest().oauth_config.scopes.bot });
    const checks = await checkSlack(settingsFor(double), secrets);
    expect(checks.filter((check) => check.state === "wrong")).toEqual([]);
    expect(checks.find((check) => check.name === "scopes")?.state).toBe("ok");
    await double.close();
  });

  it("says what is missing and what to do", async () => {
    const double = await SlackDouble.start({ scopes: ["chat:write", "channels:history"] });
    const channel = double.workspace.channels.get("C0INCID01");
    if (channel) channel.botIsMember = false;
    const checks = await checkSlack(settingsFor(double, { roles: {} }), secrets);
    const wrong = checks.filter((check) => check.state === "wrong").map((check) => check.name);
    expect(wrong).toEqual(["scopes", "channel C0INCID01", "role responder", "role approver"]);
    expect(checks.find((check) => check.name === "scopes")?.text).toContain("app_mentions:read");
    await double.close();
  });

  it("names the token that is missing or dead", async () => {
    const double = await SlackDouble.start();
    const without = await checkSlack(settingsFor(double), { ...secrets, appToken: null });
    expect(without[0]?.text).toContain("SLACK_APP_TOKEN");
    double.faults.tokenRevoked = true;
    const revoked = await checkSlack(settingsFor(double), secrets);
    expect(revoked).toHaveLength(1);
    expect(revoked[0]?.text).toContain("token_revoked");
    await double.close();
  });
});
