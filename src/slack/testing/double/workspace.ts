import { EventEmitter } from "node:events";
import type { Clock } from "../../../core/clock.ts";
import type { Json } from "../../blocks/shape-checks.ts";

/** One state of a message, as people saw it at that time. */
export interface Snapshot {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly at: number;
}

export interface StreamState {
  readonly startedAt: number;
  readonly mode: string;
  open: boolean;
  title: string;
  text: string;
  readonly tasks: Map<string, Json>;
  tail: readonly Json[];
}

export interface DoubleMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | null;
  /** User id of a person; null for the app and for other bots. */
  readonly user: string | null;
  readonly bot: string | null;
  readonly ephemeralFor: string | null;
  readonly broadcast: boolean;
  readonly unfurl: boolean;
  metadata: Json;
  text: string;
  blocks: readonly Json[];
  stream: StreamState | null;
  deleted: boolean;
  readonly reactions: Set<string>;
  readonly history: Snapshot[];
}

export interface DoubleView {
  readonly id: string;
  readonly user: string;
  hash: string;
  view: Json;
  open: boolean;
}

export interface DoubleFile {
  readonly id: string;
  readonly name: string;
  body: Uint8Array;
  mimetype: string;
  ready: boolean;
  polls: number;
}

export interface DoubleUser {
  readonly id: string;
  readonly name: string;
  readonly team: string;
}

export interface DoubleChannel {
  readonly id: string;
  readonly name: string;
  readonly isIm: boolean;
  botIsMember: boolean;
  /** True for a channel shared with another organisation. */
  readonly shared: boolean;
}

/** Everything that Slack would remember. Emits `change` after every change. */
export class Workspace extends EventEmitter {
  readonly team = "T0DOUBLE1";
  readonly botUser = "U0SHODO01";
  readonly botId = "B0SHODO01";
  readonly appId = "A0SHODO01";
  readonly messages: DoubleMessage[] = [];
  readonly views = new Map<string, DoubleView>();
  readonly homes = new Map<string, Json>();
  readonly files = new Map<string, DoubleFile>();
  readonly sessions = new Map<string, { status: string; title: string }>();
  readonly statuses: { thread: string; status: string; loading: readonly string[] }[] = [];
  readonly prompts: { channel: string; prompts: readonly Json[] }[] = [];
  readonly groups = new Map<string, string[]>();
  readonly users = new Map<string, DoubleUser>();
  readonly channels = new Map<string, DoubleChannel>();
  readonly triggers = new Map<string, { user: string; at: number; used: boolean }>();
  readonly clock: Clock;
  #sequence = 0;

  constructor(clock: Clock) {
    super();
    this.setMaxListeners(0);
    this.clock = clock;
    for (const [id, name] of people) this.users.set(id, { id, name, team: this.team });
    this.users.set("U0GUEST01", { id: "U0GUEST01", name: "guest", team: "T0OTHER01" });
    for (const [id, name] of [
      ["C0INCID01", "incidents"],
      ["C0SHOP001", "shop"],
      ["C0JAPAN01", "shop-ja"],
    ] as const) {
      this.channels.set(id, { id, name, isIm: false, botIsMember: true, shared: false });
    }
    const shared = {
      id: "C0SHARE01",
      name: "partner",
      isIm: false,
      botIsMember: true,
      shared: true,
    };
    this.channels.set(shared.id, shared);
  }

  changed(): void {
    this.emit("change");
  }

  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  /** Slack's timestamps: seconds, a dot, and a sequence that never repeats. */
  newTs(): string {
    const seconds = Math.floor(this.clock.now() / 1_000);
    return `${seconds}.${String(this.next()).padStart(6, "0")}`;
  }

  newTrigger(user: string): string {
    const id = `${this.next()}.trigger`;
    this.triggers.set(id, { user, at: this.clock.now(), used: false });
    return id;
  }

  imOf(user: string): DoubleChannel {
    const id = `D${user.slice(1)}`;
    const known = this.channels.get(id);
    if (known) return known;
    const channel = { id, name: `im-${user}`, isIm: true, botIsMember: true, shared: false };
    this.channels.set(id, channel);
    return channel;
  }

  add(message: Partial<DoubleMessage> & { readonly channel: string; readonly text: string }) {
    const whole: DoubleMessage = {
      ts: this.newTs(),
      threadTs: null,
      user: null,
      bot: null,
      ephemeralFor: null,
      broadcast: false,
      unfurl: false,
      metadata: {},
      blocks: [],
      stream: null,
      deleted: false,
      reactions: new Set(),
      history: [],
      ...message,
    };
    this.messages.push(whole);
    this.snapshot(whole);
    return whole;
  }

  snapshot(message: DoubleMessage): void {
    if (message.history.length < 500) {
      message.history.push({
        text: message.text,
        blocks: rendered(message),
        at: this.clock.now(),
      });
    }
    this.changed();
  }

  find(channel: string, ts: string): DoubleMessage | undefined {
    return this.messages.find((one) => one.channel === channel && one.ts === ts && !one.deleted);
  }

  /** What a person sees in a thread, oldest first. */
  thread(channel: string, root: string): DoubleMessage[] {
    return this.messages.filter(
      (one) =>
        one.channel === channel && !one.deleted && (one.ts === root || one.threadTs === root),
    );
  }
}

/** The blocks people see; a stream's plan and text are put together as Slack does. */
export function rendered(message: DoubleMessage): readonly Json[] {
  const { stream } = message;
  if (!stream) return message.blocks;
  const blocks: Json[] = [];
  if (stream.title || stream.tasks.size > 0) {
    blocks.push({ type: "plan", title: stream.title || " ", tasks: [...stream.tasks.values()] });
  }
  if (stream.text) blocks.push({ type: "markdown", text: stream.text });
  return [...blocks, ...stream.tail];
}

const people = [
  ["U0ANA0001", "ana"],
  ["U0BEN0001", "ben"],
  ["U0CHI0001", "chie"],
  ["U0DAN0001", "dan"],
] as const;
