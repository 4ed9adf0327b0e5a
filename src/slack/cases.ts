import { z } from "zod";
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
  language: z.enum(["en", "ja"]),
  askedBy: z.string().nullable(),
  stoppedBy: z.string().nullable(),
  charts: z.enum(["native", "image", "none"]),
  chartFile: z.object({ id: z.string(), alt: z.string() }).nullable(),
  /** Message to put the eyes on and take them off again. */
  marked: z.string().nullable(),
  /** True when the thread was declared an agent's session, which has to be ended again. */
  hasSession: z.boolean(),
  isFinished: z.boolean(),
});
export type CaseRecord = z.infer<typeof caseSchema>;

const casePrefix = "slack:case:";
const threadPrefix = "slack:thread:";

/** One incident, one thread: the map between them, kept in the store. */
export class Cases {
  readonly #face: FaceState;
  /** Newest few, so that progress does not read the store for every step. */
  readonly #near = new Map<string, CaseRecord>();

  constructor(face: FaceState) {
    this.#face = face;
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

  async put(record: CaseRecord): Promise<void> {
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
    const next = { ...record, ...change };
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

  #keep(record: CaseRecord): void {
    this.#near.delete(record.incident);
    this.#near.set(record.incident, record);
    if (this.#near.size > 500) {
      const oldest = this.#near.keys().next().value;
      if (oldest !== undefined) this.#near.delete(oldest);
    }
  }
}
