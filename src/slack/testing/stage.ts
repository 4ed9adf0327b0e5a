import type { z } from "zod";
import { type SlackSettings, slackSettingsSchema } from "../../core/slack-settings.ts";
import type { Store } from "../../core/store.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { silentLogger } from "../../platform/logger.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { createSlackFace, type SlackFace, type SlackFaceOptions } from "../slack-face.ts";
import { CountedTimers } from "./counted-timers.ts";
import { signingSecret } from "./double/delivery.ts";
import { SlackDouble, type SlackDoubleOptions } from "./double/slack-double.ts";
import { appToken, botToken } from "./double/web-api.ts";
import type { Script } from "./script.ts";
import { ScriptedAnalyst } from "./scripted-analyst.ts";

export interface StageOptions {
  readonly transport?: "socket" | "http";
  readonly settings?: Partial<z.input<typeof slackSettingsSchema>>;
  readonly script?: Script;
  readonly double?: SlackDoubleOptions;
  readonly face?: Partial<SlackFaceOptions>;
}

/** Everything between a person in Slack and the analyst, running in this process. */
export interface Stage {
  readonly double: SlackDouble;
  readonly analyst: ScriptedAnalyst;
  readonly store: Store;
  readonly face: SlackFace;
  /** Kills the face without a word, as a crash would, and starts a new one on the same store. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Ana responds, Ben approves, Chie may only look, Dan is nobody. */
export const stageRoles: z.input<typeof slackSettingsSchema>["roles"] = {
  viewer: { users: ["U0CHI0001"] },
  responder: { users: ["U0ANA0001"] },
  approver: { groups: ["S0APPROVE"] },
};

/** Listens on free ports and keeps its store in memory. Whoever opens it must close it. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const double = await SlackDouble.start(options.double);
  double.workspace.groups.set("S0APPROVE", ["U0BEN0001"]);
  const clock = options.face?.clock ?? systemClock;
  const analyst = new ScriptedAnalyst(clock, options.script);
  const ids = randomIds(clock);
  const timers = new CountedTimers();
  const store = await openSqliteStore({ path: ":memory:", clock, ids });
  const settings: SlackSettings = slackSettingsSchema.parse({
    transport: options.transport ?? "socket",
    host: "127.0.0.1",
    port: 0,
    apiUrl: double.apiUrl,
    alarmChannel: "C0INCID01",
    alarmBots: ["B0ALARM01"],
    channels: { C0JAPAN01: { language: "ja" } },
    roles: stageRoles,
    ...options.settings,
  });
  const open = async () => {
    const face = createSlackFace({
      settings,
      secrets: { botToken, appToken, signingSecret },
      analyst,
      face: store.face,
      audit: store.audit,
      feedback: store.feedback,
      language: "en",
      clock,
      ids,
      logger: silentLogger,
      timers,
      ...options.face,
    });
    await face.start();
    const port = face.port();
    if (port !== null) double.useHttp(`http://127.0.0.1:${port}/slack/events`);
    return face;
  };
  let face = await open();
  double.isBusy = () => {
    const { work, calls } = face.load();
    // A run that waits for its test is at rest, and so is the answer that waits with it.
    return timers.isBusy || calls > 0 || work > analyst.waiting;
  };
  analyst.subscribe("all", () => double.workspace.changed());
  return {
    double,
    analyst,
    store,
    get face() {
      return face;
    },
    async restart() {
      await face.stop();
      face = await open();
    },
    async close() {
      analyst.finishAll();
      await face.stop();
      await double.close();
      await store.close();
    },
  };
}
