import type { Config } from "../../config.ts";
import type { Analyst } from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import { slackFaults } from "../../core/slack-settings.ts";
import type { Store } from "../../core/store.ts";
import { steadyClock } from "../../platform/clock.ts";
import type { SignInLink } from "../../slack/parts.ts";
import type { SlackFace } from "../../slack/slack-face.ts";

export interface OpenSlackOptions {
  readonly config: Config;
  readonly analyst: Analyst;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Given when report pages are reachable from outside and let nobody in without signing in. */
  readonly signInLink?: SignInLink;
}

/**
 * Shodo in Slack, not yet started; null when `slack:` is absent or switched off. Throws
 * `ConfigError` naming every token that the transport lacks. Bolt is loaded only here.
 */
export async function openSlack(options: OpenSlackOptions): Promise<SlackFace | null> {
  const { config, store } = options;
  const settings = config.slack;
  if (!settings?.enabled) return null;
  const { botToken, appToken, signingSecret } = config.secrets.slack;
  const faults = slackFaults(settings, { botToken, appToken, signingSecret });
  if (faults.length > 0 || botToken === null) {
    throw new ConfigError(`Slack is switched on, but:\n  ${faults.join("\n  ")}`);
  }
  const { createSlackFace } = await import("../../slack/slack-face.ts");
  return createSlackFace({
    ...options,
    clock: steadyClock,
    settings: { ...settings, publicUrl: settings.publicUrl ?? config.serve.publicUrl ?? null },
    secrets: { botToken, appToken, signingSecret },
    face: store.face,
    audit: store.audit,
    feedback: store.feedback,
    language: config.language,
  });
}

/** What `doctor` says about Slack; no lines when it is not used. */
export async function slackLines(
  config: Config,
): Promise<{ readonly lines: readonly string[]; readonly isReady: boolean }> {
  const settings = config.slack;
  if (!settings?.enabled) return { lines: ["slack: off (shodo init slack)"], isReady: true };
  const { checkSlack } = await import("../../slack/doctor.ts");
  const { configToken, appId, ...secrets } = config.secrets.slack;
  const reading = configToken && appId ? { token: configToken, appId } : null;
  const checks = await checkSlack(settings, secrets, reading);
  const wrong = checks.filter((check) => check.state === "wrong").length;
  return {
    lines: [
      `slack: ${wrong === 0 ? "ok" : `${wrong} things to mend`}`,
      ...checks.map((check) => `  ${check.name}: ${check.state}; ${check.text}`),
    ],
    isReady: wrong === 0,
  };
}
