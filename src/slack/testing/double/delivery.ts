import { createHmac } from "node:crypto";
import type { WebSocket } from "ws";
import { asJson, type Json } from "../../blocks/shape-checks.ts";
import type { Faults } from "./faults.ts";

export const signingSecret = "double-signing-secret";

/** What kind of envelope Slack would use. */
export type EnvelopeKind = "events_api" | "interactive" | "slash_commands";

export interface Delivery {
  readonly kind: EnvelopeKind;
  readonly payload: Json;
  attempts: number;
  /** Milliseconds until the ack that counted; null when none came. */
  ackedInMs: number | null;
  response: Json;
}

export interface Transport {
  /** Delivers once and waits for the ack; again when Slack would. */
  deliver(kind: EnvelopeKind, payload: Json): Promise<Delivery>;
}

const ackWithinMs = 3_000;
/** Slack's own waits are a minute and five; a test does not wait for them. */
const attemptsMax = 3;

/** Socket Mode: each event goes to one of the connected sockets. */
export class SocketTransport implements Transport {
  readonly sockets = new Set<WebSocket>();
  readonly #waiting = new Map<string, (body: Json) => void>();
  readonly #faults: Faults;
  #sequence = 0;
  #turn = 0;
  /** Connections so far. */
  accepted = 0;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  accept(socket: WebSocket): void {
    this.accepted += 1;
    socket.setMaxListeners(0);
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.terminate());
    socket.on("message", (raw) => {
      const message = asJson(JSON.parse(String(raw)));
      this.#waiting.get(String(message.envelope_id))?.(asJson(message.payload));
    });
    socket.send(JSON.stringify({ type: "hello", num_connections: this.sockets.size }));
  }

  async deliver(kind: EnvelopeKind, payload: Json): Promise<Delivery> {
    const delivery: Delivery = { kind, payload, attempts: 0, ackedInMs: null, response: {} };
    while (delivery.ackedInMs === null && delivery.attempts < attemptsMax) {
      await this.#once(delivery);
      if (kind !== "events_api") break;
    }
    return delivery;
  }

  async #once(delivery: Delivery): Promise<void> {
    this.#sequence += 1;
    const id = `env-${this.#sequence}`;
    const isRetry = delivery.attempts > 0;
    delivery.attempts += 1;
    const sockets = [...this.sockets];
    this.#turn += 1;
    const socket = sockets[this.#turn % Math.max(1, sockets.length)];
    if (!socket) return;
    const sentAt = performance.now();
    const answered = new Promise<Json | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), ackWithinMs);
      const done = (body: Json | null) => {
        clearTimeout(timer);
        resolve(body);
      };
      this.#waiting.set(id, done);
      socket.once("close", () => done(null));
    });
    socket.send(
      JSON.stringify({
        envelope_id: id,
        type: delivery.kind,
        payload: delivery.payload,
        accepts_response_payload: delivery.kind !== "events_api",
        ...(isRetry ? { retry_attempt: delivery.attempts - 1, retry_reason: "timeout" } : {}),
      }),
    );
    const body = await answered;
    this.#waiting.delete(id);
    if (body === null) return;
    if (delivery.kind === "events_api" && this.#faults.droppedAcks > 0) {
      this.#faults.droppedAcks -= 1;
      return;
    }
    delivery.ackedInMs = performance.now() - sentAt;
    delivery.response = body;
  }

  /** Slack recycles a connection, politely or not. */
  drop(how: "disconnect" | "terminate"): void {
    for (const socket of this.sockets) {
      if (how === "terminate") socket.terminate();
      else socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
    }
  }
}

/** Signed HTTP, as Slack's servers post it. */
export class HttpTransport implements Transport {
  readonly #url: string;
  readonly #faults: Faults;

  constructor(url: string, faults: Faults) {
    this.#url = url;
    this.#faults = faults;
  }

  async deliver(kind: EnvelopeKind, payload: Json): Promise<Delivery> {
    const delivery: Delivery = { kind, payload, attempts: 0, ackedInMs: null, response: {} };
    while (delivery.ackedInMs === null && delivery.attempts < attemptsMax) {
      const sentAt = performance.now();
      const headers: Record<string, string> =
        delivery.attempts > 0
          ? {
              "x-slack-retry-num": String(delivery.attempts),
              "x-slack-retry-reason": "http_timeout",
            }
          : {};
      delivery.attempts += 1;
      const response = await this.post(kind, payload, { headers });
      const took = performance.now() - sentAt;
      const isDropped = kind === "events_api" && this.#faults.droppedAcks > 0;
      if (isDropped) this.#faults.droppedAcks -= 1;
      if (response?.status === 200 && took <= ackWithinMs && !isDropped) {
        delivery.ackedInMs = took;
        delivery.response = parsed(await response.text());
      }
      if (kind !== "events_api") break;
    }
    return delivery;
  }

  /** One post; `at` and `secret` can be wrong on purpose. */
  async post(
    kind: EnvelopeKind,
    payload: Json,
    options: { headers?: Record<string, string>; at?: number; secret?: string } = {},
  ): Promise<Response | null> {
    const isEvent = kind === "events_api";
    const body = isEvent ? JSON.stringify(payload) : encoded(kind, payload);
    const at = String(options.at ?? Math.floor(Date.now() / 1_000));
    const hmac = createHmac("sha256", options.secret ?? signingSecret).update(`v0:${at}:${body}`);
    try {
      return await fetch(this.#url, {
        method: "POST",
        body,
        headers: {
          "content-type": isEvent ? "application/json" : "application/x-www-form-urlencoded",
          "x-slack-request-timestamp": at,
          "x-slack-signature": `v0=${hmac.digest("hex")}`,
          ...options.headers,
        },
        signal: AbortSignal.timeout(ackWithinMs + 500),
      });
    } catch {
      return null;
    }
  }
}

function encoded(kind: EnvelopeKind, payload: Json): string {
  if (kind === "interactive")
    return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const fields = Object.entries(payload).map(([key, value]) => [key, String(value)]);
  return new URLSearchParams(Object.fromEntries(fields)).toString();
}

function parsed(text: string): Json {
  return text.startsWith("{") ? asJson(JSON.parse(text)) : {};
}
