import { z } from "zod";
import type { Clock } from "../core/clock.ts";
import { languageSchema } from "../core/language.ts";
import type { FaceState } from "../core/store.ts";

const liveSchema = z.object({
  ts: z.string(),
  kind: z.enum(["stream", "message"]),
  startedAt: z.number(),
});

/** Where an incident lives in Slack, and what has been said there. */
const caseSchema = z.object({
  incident: z.string(),
  channel: z.string(),
  /** Root of the thread. */
  thread: z.string(),
  isDirect: z.boolean(),
  /** Our own post that is edited in place; null when a person's message is the root. */
  headline: z.string().nullable(),
  /** True when a headline is to be posted into a thread that is not ours. */
  wantsHeadline: z.boolean(),
  live: liveSchema.nullable(),
  /** The report's message, and the report it shows. */
  report: z.object({ ts: z.string(), id: z.string() }).nullable(),
  /** Person a stream may be addressed to; null means no stream. */
  recipient: z.object({ user: z.string(), team: z.string() }).nullable(),
  language: languageSchema,
  askedBy: z.string().nullable(),
  stoppedBy: z.string().nullable(),
  charts: z.enum(["native", "image", "none"]),
  chartFile: z.object({ id: z.string(), alt: z.string() }).nullable(),
  /** Message to put the eyes on and take them off again. */
  marked: z.string().nullable(),
  /** True when the thread was declared an agent's session, which has to be ended again. */
  hasSession: z.boolean(),
  isFinished: z.boolean(),
  /** The incident that this one became part of, once it did. */
  survivor: z.object({ title: z.string(), link: z.string().nullable() }).nullable().default(null),
  /** How often a person asked to try again. */
  retries: z.number().default(0),
  /** Last change, for letting go of what is old. */
  touchedAt: z.number().default(0),
});
export type CaseRecord = z.infer<typeof caseSchema>;

/** A case as it is opened; what only time brings is filled in. */
export type NewCase = Omit<CaseRecord, "survivor" | "retries" | "touchedAt">;

/** Threads that are remembered at most; beyond it the oldest finished ones go. */
const casesMax = 5_000;
/** Longer than Slack delivers one event again. */
const answersForMs = 86_400_000;

const casePrefix = "slack:case:";
const threadPrefix = "slack:thread:";
export const answerPrefix = "slack:answer:";

/** One incident, one thread: the map between them, kept in the store. */
export class Cases {
  readonly #face: FaceState;
  readonly #clock: Clock;
  /** Newest few, so that progress does not read the store for every step. */
  readonly #near = new Map<string, CaseRecord>();

  constructor(face: FaceState, clock: Clock) {
    this.#face = face;
    this.#clock = clock;
  }

  async get(incident: string): Promise<CaseRecord | null> {
    const near = this.#near.get(incident);
    if (near) return near;
    const read = caseSchema.safeParse(await this.#face.get(`${casePrefix}${incident}`));
    if (!read.success) return null;
    this.#keep(read.data);
    return read.data;
  }

  /** The incident that owns a thread. */
  async ofThread(channel: string, thread: string): Promise<CaseRecord | null> {
    const incident = await this.#face.get(`${threadPrefix}${channel}:${thread}`);
    return typeof incident === "string" ? this.get(incident) : null;
  }

  async put(opened: NewCase): Promise<void> {
    const fresh = { survivor: null, retries: 0, touchedAt: this.#clock.now() };
    const record: CaseRecord = { ...fresh, ...opened };
    this.#keep(record);
    await this.#face.put(`${casePrefix}${record.incident}`, record);
    await this.#face.put(`${threadPrefix}${record.channel}:${record.thread}`, record.incident);
  }

  /** Changes some fields of the newest record; null when the incident has no thread. */
  async change(incident: string, change: Partial<CaseRecord>): Promise<CaseRecord | null> {
    const found = await this.get(incident);
    // Another change may have come in between; the nearest copy is the newest.
    const record = this.#near.get(incident) ?? found;
    if (!record) return null;
    const next = { ...record, ...change, touchedAt: this.#clock.now() };
    this.#keep(next);
    await this.#face.put(`${casePrefix}${incident}`, next);
    return next;
  }

  /** Cases whose end was not posted yet. */
  async unfinished(): Promise<CaseRecord[]> {
    const all = await this.#face.list(casePrefix);
    return all
      .map(({ value }) => caseSchema.safeParse(value))
      .flatMap((read) => (read.success && !read.data.isFinished ? [read.data] : []));
  }

  /**
   * Lets go of finished cases that nobody touched for `keepMs`, and of the oldest finished ones
   * beyond what is remembered at most. Their threads stay in Slack; Shodo no longer answers in
   * them. Returns how many went.
   */
  async prune(keepMs: number): Promise<number> {
    const now = this.#clock.now();
    for (const { key, value } of await this.#face.list(answerPrefix)) {
      const begun = z.object({ at: z.number() }).safeParse(value);
      if (!begun.success || begun.data.at < now - answersForMs) await this.#face.delete(key);
    }
    const all = (await this.#face.list(casePrefix)).flatMap(({ value }) => {
      const read = caseSchema.safeParse(value);
      return read.success ? [read.data] : [];
    });
    const finished = all.filter((one) => one.isFinished).sort((a, b) => a.touchedAt - b.touchedAt);
    const surplus = Math.max(0, all.length - casesMax);
    const old = finished.filter((one, i) => i < surplus || one.touchedAt < now - keepMs);
    for (const one of old) {
      this.#near.delete(one.incident);
      await this.#face.delete(`${threadPrefix}${one.channel}:${one.thread}`);
      await this.#face.delete(`${casePrefix}${one.incident}`);
    }
    return old.length;
  }

  #keep(record: CaseRecord): void {
    this.#near.delete(record.incident);
    this.#near.set(record.incident, record);
    if (this.#near.size > 500) {
      const oldest = this.#near.keys().next().value;
      if (oldest !== undefined) this.#near.delete(oldest);
    }
  }
}
