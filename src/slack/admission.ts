import type { App, Receiver, ReceiverEvent } from "@slack/bolt";
import type { Logger } from "../core/logger.ts";
import type { FaceState } from "../core/store.ts";
import { asJson, type Json } from "./blocks/shape-checks.ts";

/** Slack retries for about six minutes; an hour is beyond any late copy. */
const seenForMs = 3_600_000;
const inboxPrefix = "slack:inbox:";

/**
 * Stands between the transport and Bolt. Each event is let in once, whichever copy comes first: the
 * first copy of an event may well be a retry. Events that mean work are written down before they
 * are acked and crossed out when the work is done, so that a killed process loses none.
 */
export class Admission {
  readonly #face: FaceState;
  readonly #logger: Logger;
  readonly #isWork: (event: Json) => boolean;
  #app: App | null = null;

  constructor(options: { face: FaceState; logger: Logger; isWork: (event: Json) => boolean }) {
    this.#face = options.face;
    this.#logger = options.logger;
    this.#isWork = options.isWork;
  }

  /** The same receiver, with admission before Bolt. */
  guard(receiver: Receiver): Receiver {
    return {
      init: (app) => {
        this.#app = app;
        const guarded: App = Object.create(app);
        guarded.processEvent = (event) => this.#admit(app, event);
        receiver.init(guarded);
      },
      start: (...args) => receiver.start(...args),
      stop: (...args) => receiver.stop(...args),
    };
  }

  /** Does again what was written down and not crossed out. Returns how many there were. */
  async replay(): Promise<number> {
    const left = await this.#face.list(inboxPrefix);
    for (const { key, value } of left) {
      void this.#work(key, { body: asJson(value), ack: async () => {} });
    }
    return left.length;
  }

  async #admit(app: App, event: ReceiverEvent): Promise<void> {
    const id = event.body.event_id;
    if (typeof id !== "string") return app.processEvent(event);
    const isWork = this.#isWork(asJson(event.body.event));
    const key = `${inboxPrefix}${id}`;
    const waiting = isWork ? await this.#face.get(key) : undefined;
    const wasWaiting = waiting !== undefined && waiting !== null;
    if (isWork && !wasWaiting) await this.#face.put(key, event.body);
    if (!(await this.#face.once(`slack:event:${id}`, seenForMs))) {
      if (isWork && !wasWaiting) await this.#face.delete(key);
      this.#logger.info("slack-event-repeated", { id, retry: event.retryNum ?? 0 });
      await event.ack();
      return;
    }
    if (!isWork) return app.processEvent(event);
    return this.#work(key, event);
  }

  async #work(key: string, event: ReceiverEvent): Promise<void> {
    try {
      await this.#app?.processEvent(event);
    } finally {
      await this.#face.delete(key);
    }
  }
}
