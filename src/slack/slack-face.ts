import { App, webApi } from "@slack/bolt";
import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import { UpstreamError, UserError } from "../core/errors.ts";
import type { Ids } from "../core/ids.ts";
import type { Language } from "../core/language.ts";
import type { Logger } from "../core/logger.ts";
import type { SlackSecrets, SlackSettings } from "../core/slack-settings.ts";
import type { AuditLog, FaceState, FeedbackStore } from "../core/store.ts";
import { Admission } from "./admission.ts";
import { Answers } from "./answers.ts";
import { asJson, type Json } from "./blocks/shape-checks.ts";
import { boltLogger } from "./bolt-logger.ts";
import { Cases } from "./cases.ts";
import { Desk } from "./desk.ts";
import { slackDirectory } from "./directory.ts";
import { findPosted } from "./find-posted.ts";
import { listeners } from "./listeners/index.ts";
import { isMessageWork } from "./listeners/message.ts";
import type { DrawChart, Parts, Self, SignInLink, SlackApi } from "./parts.ts";
import { drawSignals } from "./report-text.ts";
import { Roles } from "./roles.ts";
import { deadTokenErrors, failureOf } from "./sending/failures.ts";
import { Outbox } from "./sending/outbox.ts";
import { Poster } from "./sending/poster.ts";
import { realTimers, type Timers } from "./timers.ts";
import { openTransport } from "./transport.ts";
import { WorkQueue } from "./work-queue.ts";

export interface SlackFaceOptions {
  readonly settings: SlackSettings;
  readonly secrets: SlackSecrets;
  readonly analyst: Analyst;
  readonly face: FaceState;
  readonly audit: AuditLog;
  readonly feedback?: FeedbackStore;
  /** Used where neither channel nor workspace names a language. */
  readonly language: Language;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly timers?: Timers;
  readonly drawChart?: DrawChart | null;
  /** Signs people in to report pages; without it, pages are linked to as they are. */
  readonly signInLink?: SignInLink | null;
}

/** Shodo in Slack. */
export interface SlackFace {
  /** Connects, takes up what was left, listens. Throws `UserError` when Slack refuses the token. */
  start(): Promise<void>;
  /** Stops listening and lets go of running work, which the next process takes up. */
  stop(): Promise<void>;
  /** Resolves when everything that waits was sent and done. */
  settled(): Promise<void>;
  /** Port of the HTTP receiver; null for Socket Mode. */
  port(): number | null;
  /** Work and calls that wait, for health and benchmarks. */
  load(): {
    readonly work: number;
    readonly calls: number;
    /** Calls by method and rank. */
    readonly waiting: Readonly<Record<string, number>>;
  };
}

/** Most of it waits for Slack or the store. */
const concurrency = 64;
const callTimeoutMs = 10_000;
const stopWithinMs = 2_000;
const sweepEveryMs = 3_600_000;

/** Puts the face together; nothing happens before `start`. */
export function createSlackFace(options: SlackFaceOptions): SlackFace {
  const { settings, secrets, logger, clock, face } = options;
  const timers = options.timers ?? realTimers;
  const client = new webApi.WebClient(secrets.botToken, {
    slackApiUrl: settings.apiUrl,
    logger: boltLogger(logger),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: callTimeoutMs,
  });
  const api = apiOver(client, logger);
  const outbox = new Outbox({ transmit: api.call, clock, timers, logger });
  let self: Self = { team: "", botUser: "", botId: "" };
  const parts: Parts = {
    ...options,
    feedback: options.feedback ?? null,
    drawChart: options.drawChart === undefined ? drawSignals : options.drawChart,
    signInLink: options.signInLink ?? null,
    timers,
    api: retrying(api, timers),
    poster: new Poster(outbox, (place, mark) => findPosted({ api, logger }, place, mark)),
    cases: new Cases(face, clock),
    roles: new Roles({ ...options, directory: slackDirectory(api, clock) }),
    work: new WorkQueue({ concurrency, logger }),
    answers: new Answers(),
    self: () => self,
  };
  const desk = new Desk(parts);
  const transport = openTransport({ settings, secrets, logger, timers });
  const admission = new Admission({ face, logger, isWork: (event) => isWork(parts, event) });
  const app = new App({
    receiver: admission.guard(transport.receiver),
    authorize: async () => ({
      botToken: secrets.botToken,
      botId: self.botId,
      botUserId: self.botUser,
      teamId: self.team,
    }),
    logger: boltLogger(logger),
    clientOptions: { slackApiUrl: settings.apiUrl },
    convoStore: false,
  });
  app.error(async (error) => {
    logger.error("slack-listener-failed", { error: String(error.message) });
  });
  for (const listener of listeners) listener.register(app, parts, desk);
  let cancelSweep = () => {};
  const sweep = () => {
    void pruneCases(parts);
    cancelSweep = timers.after(sweepEveryMs, sweep);
  };
  return {
    async start() {
      self = await whoAmI(api);
      await desk.inherit();
      await closeStaleSessions(parts);
      await desk.start();
      await transport.start();
      sweep();
      const replayed = await admission.replay();
      logger.info("slack-started", { transport: settings.transport, replayed });
    },
    async stop() {
      cancelSweep();
      await transport.stop();
      // What is nearly done is done; the rest is written down and done by the next process.
      const late = new Promise<void>((resolve) => timers.after(stopWithinMs, resolve));
      await Promise.race([parts.work.drained(), late]);
      await desk.stop();
      outbox.close();
    },
    async settled() {
      await parts.work.drained();
      await outbox.drained();
    },
    port: transport.port,
    load: () => ({ work: parts.work.size, calls: outbox.size, waiting: outbox.waiting }),
  };
}

async function pruneCases({ cases, settings, logger }: Parts): Promise<void> {
  try {
    const gone = await cases.prune(settings.keepThreadsDays * 86_400_000);
    if (gone > 0) logger.info("slack-cases-pruned", { cases: gone });
  } catch (error) {
    logger.error("slack-prune-failed", { error: String(error) });
  }
}

/** Events whose loss would be noticed. */
function isWork(parts: Parts, event: Json): boolean {
  if (event.type === "app_mention" || event.type === "agent_session_stopped") return true;
  return event.type === "message" && isMessageWork(parts, event);
}

function apiOver(client: InstanceType<typeof webApi.WebClient>, logger: Logger): SlackApi {
  return {
    async call(method, args) {
      try {
        return asJson(await client.apiCall(method, { ...args }));
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind === "refused" && deadTokenErrors.includes(failure.error)) {
          logger.error("slack-token-dead", { error: failure.error, do: "set a valid bot token" });
        }
        throw error;
      }
    },
  };
}

const directAttempts = 3;

/** A few quick tries for calls that cannot wait in the outbox. */
function retrying(api: SlackApi, timers: Timers): SlackApi {
  return {
    async call(method, args) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await api.call(method, args);
        } catch (error) {
          const failure = failureOf(error);
          if (failure.kind === "refused" || attempt >= directAttempts) throw error;
          const wait = failure.kind === "rate-limited" ? failure.retryAfterMs : 150 * attempt;
          await new Promise<void>((resolve) => timers.after(Math.min(wait, 30_000), resolve));
        }
      }
    },
  };
}

async function whoAmI(api: SlackApi): Promise<Self> {
  try {
    const me = await api.call("auth.test", {});
    return {
      team: String(me.team_id),
      botUser: String(me.user_id),
      botId: String(me.bot_id),
    };
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== "refused") {
      throw new UpstreamError("Slack could not be reached", { retryable: true, cause: error });
    }
    throw new UserError(`Slack refused the bot token (${failure.error}). Check SLACK_BOT_TOKEN.`, {
      cause: error,
    });
  }
}

/**
 * A session outlives a crash and would say "processing" for ever: those without work are closed.
 */
async function closeStaleSessions(parts: Parts): Promise<void> {
  for (const record of await parts.cases.unfinished()) {
    const incident = await parts.analyst.incident(record.incident);
    if (incident) continue;
    void parts.poster.setSession(record, "closed");
    await parts.cases.change(record.incident, { isFinished: true, live: null });
  }
}
