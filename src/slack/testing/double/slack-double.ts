import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { Clock } from "../../../core/clock.ts";
import { systemClock } from "../../../platform/clock.ts";
import { asJson, type Json } from "../../blocks/shape-checks.ts";
import { Actor } from "./actor.ts";
import {
  type Delivery,
  type EnvelopeKind,
  HttpTransport,
  SocketTransport,
  type Transport,
} from "./delivery.ts";
import { Faults } from "./faults.ts";
import { Rates } from "./rates.ts";
import { until } from "./until.ts";
import { type RecordedCall, readBody, webApi } from "./web-api.ts";
import { type DoubleMessage, Workspace } from "./workspace.ts";

export interface SlackDoubleOptions {
  readonly clock?: Clock;
  /** Refuses calls over Slack's rates with 429. */
  readonly enforceRates?: boolean;
  /** Scopes of the app's token; null grants everything. */
  readonly scopes?: readonly string[];
  /** Keeps every call for inspection; off for load. */
  readonly recordCalls?: boolean;
}

/**
 * Slack in one process: Web API with streaming, Socket Mode, signed HTTP, people, and faults. It is
 * our reading of docs.slack.dev; what it refuses, Slack refuses, as far as is known.
 */
export class SlackDouble {
  readonly workspace: Workspace;
  readonly faults = new Faults();
  readonly rates: Rates | null;
  readonly calls: RecordedCall[] = [];
  readonly callCounts = new Map<string, number>();
  readonly deliveries: Delivery[] = [];
  readonly misuses: string[] = [];
  readonly socket: SocketTransport;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #transport: Transport;
  #origin = "";
  #events = 0;
  /** Requests that are being answered, and events that wait for their ack. */
  #open = 0;
  /** Whether whoever uses this double still has something under way; null when they cannot tell. */
  isBusy: (() => boolean) | null = null;

  private constructor(options: SlackDoubleOptions) {
    const clock = options.clock ?? systemClock;
    this.workspace = new Workspace(clock);
    this.rates = options.enforceRates ? new Rates(clock) : null;
    this.socket = new SocketTransport(this.faults);
    this.#transport = this.socket;
    const api = webApi({
      workspace: this.workspace,
      faults: this.faults,
      rates: this.rates,
      scopes: options.scopes ?? null,
      origin: () => this.#origin,
      record: (call) => {
        this.callCounts.set(call.method, (this.callCounts.get(call.method) ?? 0) + 1);
        if (options.recordCalls !== false) this.calls.push(call);
      },
      misuse: (what) => this.misuses.push(what),
    });
    this.#server = createServer((request, response) => {
      const url = request.url ?? "";
      this.#open += 1;
      response.once("close", () => {
        this.#open -= 1;
      });
      if (url.startsWith("/api/")) void api(request, response);
      else if (url.startsWith("/upload/")) void this.#upload(request, url.slice(8), response);
      else if (url.startsWith("/response/")) void this.#respond(request, url, response);
      else response.writeHead(404).end();
    });
    this.#sockets = new WebSocketServer({ server: this.#server, path: "/socket" });
    this.#sockets.on("connection", (socket) => {
      this.socket.accept(socket);
      this.workspace.changed();
    });
  }

  static async start(options: SlackDoubleOptions = {}): Promise<SlackDouble> {
    const double = new SlackDouble(options);
    await new Promise<void>((resolve) => double.#server.listen(0, "127.0.0.1", resolve));
    const { port } = double.#server.address() as AddressInfo;
    double.#origin = `http://127.0.0.1:${port}`;
    return double;
  }

  get url(): string {
    return this.#origin;
  }

  get apiUrl(): string {
    return `${this.#origin}/api/`;
  }

  /** From now on events are posted here, signed. */
  useHttp(url: string): HttpTransport {
    const transport = new HttpTransport(url, this.faults);
    this.#transport = transport;
    return transport;
  }

  user(id: string): Actor {
    return new Actor(this, id);
  }

  /** Another bot posts, as an alarm integration does. */
  async botSays(
    bot: string,
    channel: string,
    text: string,
    more: Json = {},
  ): Promise<DoubleMessage> {
    const message = this.workspace.add({ channel, text, bot });
    await this.event({
      type: "message",
      subtype: "bot_message",
      bot_id: bot,
      text,
      ts: message.ts,
      channel,
      channel_type: "channel",
      event_ts: message.ts,
      ...more,
    });
    return message;
  }

  /** An event of the Events API; `eventId` repeats one on purpose. */
  event(event: Json, eventId?: string): Promise<Delivery> {
    this.#events += 1;
    const userTeam = typeof event.user_team === "string" ? event.user_team : this.workspace.team;
    return this.deliver("events_api", {
      type: "event_callback",
      token: "t",
      team_id: this.workspace.team,
      context_team_id: this.workspace.team,
      api_app_id: this.workspace.appId,
      event,
      event_id: eventId ?? `Ev${this.#events}`,
      event_time: Math.floor(this.workspace.clock.now() / 1_000),
      is_ext_shared_channel: userTeam !== this.workspace.team,
      authorizations: [
        {
          enterprise_id: null,
          team_id: this.workspace.team,
          user_id: this.workspace.botUser,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
    });
  }

  async deliver(kind: EnvelopeKind, payload: Json): Promise<Delivery> {
    this.#open += 1;
    try {
      const delivery = await this.#transport.deliver(kind, payload);
      this.deliveries.push(delivery);
      return delivery;
    } finally {
      this.#open -= 1;
    }
  }

  /** The first value that is not null or undefined; `withinMs` counts only without `isBusy`. */
  until<T>(
    look: () => T | null | undefined | false,
    what = "what was waited for",
    withinMs = 25_000,
  ): Promise<T> {
    const isBusy = this.isBusy && (() => this.#open > 0 || this.isBusy?.() === true);
    return until(look, what, { changes: this.workspace, isBusy, withinMs });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #upload(
    request: Parameters<typeof readBody>[0],
    id: string,
    response: { end(text: string): void },
  ): Promise<void> {
    const body = await readBody(request);
    const file = this.workspace.files.get(id);
    const type = String(request.headers["content-type"] ?? "");
    if (file) file.body = type.startsWith("multipart/") ? filePart(body, type) : body;
    response.end("OK");
  }

  async #respond(
    request: Parameters<typeof readBody>[0],
    url: string,
    response: { end(text: string): void },
  ): Promise<void> {
    const body = asJson(JSON.parse((await readBody(request)).toString() || "{}"));
    const [, , channel = "", user = ""] = url.split("/");
    this.workspace.add({
      channel,
      text: String(body.text ?? ""),
      bot: this.workspace.botId,
      ephemeralFor: body.response_type === "in_channel" ? null : user,
    });
    response.end("ok");
  }
}

/** The bytes of the one file in a multipart body. */
function filePart(body: Buffer, type: string): Uint8Array {
  const boundary = /boundary=(.+)$/.exec(type)?.[1]?.replaceAll('"', "") ?? "";
  const start = body.indexOf("\r\n\r\n") + 4;
  const end = body.indexOf(`\r\n--${boundary}`, start);
  return body.subarray(start, end < 0 ? undefined : end);
}
