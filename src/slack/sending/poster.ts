import { createHash } from "node:crypto";
import type { Block, Chunk, MessageView } from "../blocks/types.ts";
import type { Outbox, SendOutcome } from "./outbox.ts";

export interface Place {
  readonly channel: string;
  readonly thread: string | null;
}

export type Posted =
  | { readonly kind: "posted"; readonly ts: string }
  | { readonly kind: "failed"; readonly error: string };

type Rank = 0 | 1 | 2;

/** Decoration that would wait longer than this is left out. */
const decorationWithinMs = 3_000;

const shownMax = 2_000;

/** Every message leaves through here: unfurling off, nothing parsed for mentions, in order. */
export class Poster {
  readonly outbox: Outbox;
  /** Hash of what each edited message shows or is about to show. */
  readonly #shown = new Map<string, string>();

  readonly #find: Find;

  /** `find` looks for a marked message in Slack; asked only when an answer of Slack's was lost. */
  constructor(outbox: Outbox, find: Find) {
    this.outbox = outbox;
    this.#find = find;
  }

  /**
   * `mark` is kept in the message's metadata, so that a restart finds what was posted: ids only.
   */
  async post(
    place: Place,
    view: MessageView,
    options: { readonly rank?: Rank; readonly broadcast?: boolean; readonly mark?: Mark } = {},
  ): Promise<Posted> {
    const { mark } = options;
    const outcome = await this.outbox.send({
      method: "chat.postMessage",
      args: {
        channel: place.channel,
        ...(place.thread ? { thread_ts: place.thread } : {}),
        ...(options.broadcast && place.thread ? { reply_broadcast: true } : {}),
        ...(mark ? metadataOf(mark) : {}),
        ...body(view),
      },
      channel: place.channel,
      lane: `${place.channel}:${place.thread ?? "root"}:post`,
      rank: options.rank ?? 0,
      ...(mark ? { landed: () => this.#landed(place, mark) } : {}),
    });
    const posted = postedOf(outcome);
    // What was posted is shown: bringing it up to the same state needs no call.
    if (posted.kind === "posted") this.#remember(`${place.channel}:${posted.ts}`, hashOf(view));
    return posted;
  }

  async #landed(place: Place, mark: Mark) {
    const ts = await this.#find(place, mark);
    return ts === null ? null : { ts };
  }

  /**
   * The latest state wins: an older edit of the same message that still waits is dropped, and an
   * edit that would change nothing is not sent.
   */
  async update(
    channel: string,
    ts: string,
    view: MessageView,
    rank: Rank = 1,
  ): Promise<SendOutcome> {
    const key = `${channel}:${ts}`;
    const hash = hashOf(view);
    if (this.#shown.get(key) === hash) return { kind: "sent", response: {} };
    this.#remember(key, hash);
    const outcome = await this.outbox.send({
      method: "chat.update",
      args: { channel, ts, ...body(view) },
      channel,
      lane: key,
      rank,
      replaces: `update:${key}`,
    });
    const isShown = outcome.kind === "sent" || this.#shown.get(key) !== hash;
    if (!isShown) this.#shown.delete(key);
    return outcome;
  }

  #remember(key: string, hash: string): void {
    this.#shown.delete(key);
    this.#shown.set(key, hash);
    if (this.#shown.size <= shownMax) return;
    const oldest = this.#shown.keys().next().value;
    if (oldest !== undefined) this.#shown.delete(oldest);
  }

  /** Only `user` sees it. */
  async whisper(place: Place, user: string, view: MessageView): Promise<Posted> {
    const outcome = await this.outbox.send({
      method: "chat.postEphemeral",
      args: {
        channel: place.channel,
        user,
        ...(place.thread ? { thread_ts: place.thread } : {}),
        text: view.text,
        blocks: view.blocks,
      },
      channel: place.channel,
      lane: `${place.channel}:${user}:whisper`,
      rank: 0,
    });
    return postedOf(outcome);
  }

  async startStream(
    place: { readonly channel: string; readonly thread: string },
    recipient: { readonly user: string; readonly team: string },
    chunks: readonly Chunk[],
    mode: "plan" | "timeline" = "plan",
  ): Promise<Posted> {
    const outcome = await this.outbox.send({
      method: "chat.startStream",
      args: {
        channel: place.channel,
        thread_ts: place.thread,
        recipient_user_id: recipient.user,
        recipient_team_id: recipient.team,
        task_display_mode: mode,
        chunks,
      },
      channel: place.channel,
      lane: `${place.channel}:${place.thread}:live`,
      rank: 1,
    });
    return postedOf(outcome);
  }

  /** Tasks have ids and may come twice; text is added to what is shown, and goes out once. */
  appendStream(channel: string, ts: string, chunks: readonly Chunk[]): Promise<SendOutcome> {
    return this.outbox.send({
      method: "chat.appendStream",
      args: { channel, ts, chunks },
      channel,
      lane: `${channel}:${ts}`,
      rank: 1,
      isOnce: chunks.some((chunk) => chunk.type === "markdown_text"),
    });
  }

  stopStream(
    channel: string,
    ts: string,
    end: {
      readonly chunks: readonly Chunk[];
      readonly blocks?: readonly Block[];
      readonly mark?: Mark;
    },
  ): Promise<SendOutcome> {
    return this.outbox.send({
      method: "chat.stopStream",
      args: {
        channel,
        ts,
        ...(end.chunks.length > 0 ? { chunks: end.chunks } : {}),
        ...(end.blocks && end.blocks.length > 0 ? { blocks: end.blocks } : {}),
        ...(end.mark ? metadataOf(end.mark) : {}),
      },
      channel,
      lane: `${channel}:${ts}`,
      rank: 0,
    });
  }

  /** True when there is room for what is only nice to have. */
  hasRoomFor(method: string): boolean {
    return this.outbox.waitMs(method, null, 2) <= decorationWithinMs;
  }

  /** Decoration: dropped when there is no room. */
  async react(channel: string, ts: string, name: string, on: boolean): Promise<void> {
    await this.outbox.send({
      method: on ? "reactions.add" : "reactions.remove",
      args: { channel, timestamp: ts, name },
      channel,
      lane: `${channel}:${ts}:react`,
      rank: 2,
    });
  }

  async setSession(
    place: { readonly channel: string; readonly thread: string },
    status: "active" | "processing" | "suspended" | "closed",
    title?: string,
  ): Promise<void> {
    const key = `${place.channel}:${place.thread}:session`;
    await this.outbox.send({
      method: "agents.sessions.setStatus",
      args: {
        channel_id: place.channel,
        thread_ts: place.thread,
        status,
        ...(title ? { title } : {}),
      },
      channel: place.channel,
      lane: key,
      rank: status === "processing" ? 2 : 1,
      replaces: key,
    });
  }

  /** The shimmering line under a thread; Slack clears it after a reply or two minutes. */
  async setStatus(
    place: { readonly channel: string; readonly thread: string },
    status: string,
    loading: readonly string[] = [],
  ): Promise<void> {
    const key = `${place.channel}:${place.thread}:status`;
    await this.outbox.send({
      method: "assistant.threads.setStatus",
      args: {
        channel_id: place.channel,
        thread_ts: place.thread,
        status,
        ...(loading.length > 0 ? { loading_messages: loading } : {}),
      },
      channel: place.channel,
      lane: key,
      rank: 2,
      replaces: key,
    });
  }
}

type Find = (place: Place, mark: Mark) => Promise<string | null>;

export interface Mark {
  readonly type: "shodo_headline" | "shodo_report" | "shodo_answer";
  readonly id: string;
}

function hashOf({ text, blocks }: MessageView): string {
  return createHash("sha256")
    .update(JSON.stringify([text, blocks]))
    .digest("base64");
}

function metadataOf({ type, id }: Mark) {
  return { metadata: { event_type: type, event_payload: { id } } };
}

function body(view: MessageView) {
  return {
    text: view.text,
    blocks: view.blocks,
    unfurl_links: false,
    unfurl_media: false,
    parse: "none",
    link_names: false,
  };
}

function postedOf(outcome: SendOutcome): Posted {
  if (outcome.kind === "sent" && typeof outcome.response.ts === "string") {
    return { kind: "posted", ts: outcome.response.ts };
  }
  if (outcome.kind === "sent") return { kind: "posted", ts: String(outcome.response.message_ts) };
  return { kind: "failed", error: outcome.kind === "refused" ? outcome.error : "dropped" };
}
