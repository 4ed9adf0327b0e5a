import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { openAnalyst } from "../../app/open-analyst.ts";
import type { Analyst } from "../../core/analyst.ts";
import { requestBy } from "../../core/investigation-request.ts";
import { slackSettingsSchema } from "../../core/slack-settings.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { stderrLogger } from "../../platform/logger.ts";
import { createSlackFace } from "../slack-face.ts";
import { signingSecret } from "./double/delivery.ts";
import { SlackDouble } from "./double/slack-double.ts";
import { appToken, botToken } from "./double/web-api.ts";
import { sampleAlarm } from "./sample-case.ts";

/**
 * The double with the real built-in analyst, which reads a recorded incident instead of a system.
 */
export async function openRecordedStage(
  folder: string,
  language: "en" | "ja" = "en",
  channels: Readonly<Record<string, "en" | "ja">> = {},
) {
  const clock = systemClock;
  const ids = randomIds(clock);
  const capture = resolve(folder);
  const double = await SlackDouble.start();
  double.workspace.groups.set("S0APPROVE", ["U0BEN0001"]);
  const opened = await openAnalyst({
    configFile: undefined,
    model: "builtin",
    clock,
    ids,
    storePath: ":memory:",
  });
  const analyst = readingCapture(opened.analyst, capture);
  const face = createSlackFace({
    settings: slackSettingsSchema.parse({
      apiUrl: double.apiUrl,
      alarmChannel: "C0INCID01",
      roles: { responder: { users: ["U0ANA0001"] }, approver: { groups: ["S0APPROVE"] } },
      channels: {
        C0JAPAN01: { language: "ja" },
        ...Object.fromEntries(Object.entries(channels).map(([id, own]) => [id, { language: own }])),
      },
    }),
    secrets: { botToken, appToken, signingSecret },
    analyst,
    face: opened.store.face,
    audit: opened.store.audit,
    feedback: opened.store.feedback,
    language,
    clock,
    ids,
    logger: stderrLogger(clock),
  });
  await face.start();
  return {
    double,
    analyst,
    store: opened.store,
    face,
    /** The recording's own alarm comes in; the answer is the root of its thread. */
    async fire(): Promise<string> {
      await analyst.start(
        requestBy(
          { id: "alarm", name: "alarm", role: "admin", door: "alarm" },
          {
            alarm: alarmOf(capture),
            language: channels.C0INCID01 ?? language,
            capture,
          },
        ),
      );
      const headline = await double.until(
        () => double.workspace.messages.find((one) => one.bot === double.workspace.botId),
        "a headline",
        30_000,
      );
      return headline.ts;
    },
    async reported() {
      return double.until(
        () => double.workspace.messages.find((one) => one.metadata.event_type === "shodo_report"),
        "a report",
        120_000,
      );
    },
    async close() {
      await face.stop();
      await double.close();
      await opened.close();
    },
  };
}

/** Every investigation that Slack starts reads this folder. */
function readingCapture(analyst: Analyst, capture: string): Analyst {
  const reading: Analyst = Object.create(analyst);
  reading.start = (request) => analyst.start({ ...request, capture });
  for (const name of [
    "investigate",
    "cancel",
    "ask",
    "incident",
    "incidents",
    "report",
    "steps",
  ] as const) {
    Object.assign(reading, { [name]: analyst[name].bind(analyst) });
  }
  for (const name of [
    "subscribe",
    "acknowledge",
    "overridePriority",
    "decide",
    "feedback",
    "call",
  ] as const) {
    Object.assign(reading, { [name]: analyst[name].bind(analyst) });
  }
  return reading;
}

/** The alarm that the recording says set it off. */
function alarmOf(capture: string) {
  const recorded = JSON.parse(readFileSync(join(capture, "incident.json"), "utf8")) as {
    title: string;
    trigger?: Record<string, unknown>;
  };
  const trigger = recorded.trigger ?? {};
  const text = (key: string) => (typeof trigger[key] === "string" ? String(trigger[key]) : null);
  const number = (key: string) => (typeof trigger[key] === "number" ? Number(trigger[key]) : null);
  return sampleAlarm({
    fingerprint: `recorded:${recorded.title}`,
    sender: "capture",
    name: text("name") ?? recorded.title,
    service: text("service"),
    metric: text("metric"),
    threshold: number("threshold"),
    observed: number("observed"),
    severity: text("severity"),
    summary: text("summary") ?? recorded.title,
    firedAt: Date.parse(text("firedAt") ?? "") || systemClock.now(),
    labels: {},
    link: null,
  });
}
