import type { Analyst } from "../core/analyst.ts";
import type { Clock } from "../core/clock.ts";
import type { Ids } from "../core/ids.ts";
import type { Language } from "../core/language.ts";
import type { Logger } from "../core/logger.ts";
import type { Principal } from "../core/principal.ts";
import type { Report } from "../core/report.ts";
import { type SlackSettings, slackLanguageIn } from "../core/slack-settings.ts";
import type { AuditLog, FaceState, FeedbackStore } from "../core/store.ts";
import type { Answers } from "./answers.ts";
import type { Json } from "./blocks/shape-checks.ts";
import type { Cases } from "./cases.ts";
import { type Words, wordsOf } from "./messages/words.ts";
import type { Roles } from "./roles.ts";
import type { Poster } from "./sending/poster.ts";
import type { Timers } from "./timers.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Calls that cannot wait for the outbox: modals live three seconds, look-ups are needed now. */
export interface SlackApi {
  /** Throws what `@slack/web-api` throws; `sending/failures.ts` sorts it. */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<Json>;
}

/** Who we are in the workspace. */
export interface Self {
  readonly team: string;
  readonly botUser: string;
  readonly botId: string;
}

/** What listeners and live cases work with. */
export interface Parts {
  readonly settings: SlackSettings;
  readonly analyst: Analyst;
  readonly face: FaceState;
  readonly audit: AuditLog;
  readonly feedback: FeedbackStore | null;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly timers: Timers;
  readonly api: SlackApi;
  readonly poster: Poster;
  readonly cases: Cases;
  readonly roles: Roles;
  readonly work: WorkQueue;
  readonly answers: Answers;
  readonly self: () => Self;
  /** Default language of the whole installation. */
  readonly language: Language;
  /** An address that signs one person in and leads to a page; null when pages need none. */
  readonly signInLink: SignInLink | null;
  /** PNG of a chart, for those that are too dense for a native one; null when there is none. */
  readonly drawChart: DrawChart | null;
}

/** Valid once and for an hour. */
export type SignInLink = (principal: Principal, path: string) => Promise<string>;

/** Throws when drawing fails; the report then goes without. */
export type DrawChart = (report: Report) => Promise<Uint8Array | null>;

/** A channel's language: its own setting, else the workspace's. */
export function languageIn(parts: Parts, channel: string): Language {
  return slackLanguageIn(parts.settings, channel) ?? parts.language;
}

/** In the language of the channel, else of the workspace. */
export function wordsIn(parts: Parts, channel: string): Words {
  return wordsOf(languageIn(parts, channel));
}
