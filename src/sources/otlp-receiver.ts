import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Clock } from "../core/clock.ts";
import { UserError } from "../core/errors.ts";
import type { Window } from "../core/window.ts";
import { systemClock } from "../platform/clock.ts";
import type { CaptureRows, CaptureTable } from "./capture/rows.ts";
import { CaptureWriter } from "./capture/writer.ts";
import { decodeOtlp, MalformedOtlp, type OtlpEncoding, type OtlpSignal } from "./otlp/decode.ts";
import { responseType, statusType } from "./otlp/descriptor.ts";
import { MetricIntervals } from "./otlp/metrics.ts";
import { type Flattened, logRows, spanRows } from "./otlp/rows.ts";

export interface OtlpReceiverOptions {
  /** Capture folder to write; it appears when the receiver finishes. */
  dir: string;
  /** Default 4318, the OTLP/HTTP port; 0 takes a free one. */
  port?: number;
  /** Default 127.0.0.1: whoever can send here can fill the disk, so opening it is a decision. */
  host?: string;
  /** Largest body, before and after unpacking, in bytes. Default 16 MiB. */
  bodyBytesMax?: number;
  /** Bytes of bodies read at the same time. Default 64 MiB; beyond, senders are asked to wait. */
  inFlightBytesMax?: number;
  /** Go on with what a run that was cut off left in `<dir>.partial`. */
  resume?: boolean;
  /**
   * Time between parts, in ms. Default 5,000. A sender is answered once its rows are in memory: a
   * crash may cost what came since the last part, and never a part.
   */
  flushMs?: number;
  freeBytesMin?: number;
  freeBytes?: (dir: string) => Promise<number>;
  bufferedRowsMax?: number;
  clock?: Clock;
}

export interface OtlpReceiver {
  url: string;
  /** Rows accepted so far, by table. */
  accepted: Readonly<Record<CaptureTable, number>>;
  /** Writes all that waits; a fault shows in the answers to senders. */
  flush(): Promise<void>;
  /** Why senders are asked to wait, or null while rows are welcome. */
  refusal(): string | null;
  /**
   * Stops listening, writes the rest, gives the capture its name. Returns the folder. `describe` is
   * told when the first and the last row happened (null without rows), and gives further files.
   */
  finish(describe?: (reach: Window | null) => Readonly<Record<string, string>>): Promise<string>;
  /** Stops listening and leaves nothing behind. */
  abandon(): Promise<void>;
}

/**
 * Receives OTLP/HTTP (JSON and protobuf, plain or gzip) and writes a capture folder.
 *
 * Answers 200 (with a partial success when single records were unreadable), 400 malformed, 404,
 * 405, 413 too large, 415 wrong content type or encoding, and the two that a sender retries: 429
 * too much at once and 503 disk full. Throws if the port is taken or the folder exists.
 */
export async function startOtlpReceiver(options: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const writer = await CaptureWriter.open(options);
  const intake = new Intake(writer, options);
  const server = createServer((request, response) => void intake.handle(request, response));
  server.requestTimeout = 30_000;
  const host = options.host ?? "127.0.0.1";
  try {
    await listen(server, options.port ?? 4318, host);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const timer = setInterval(() => void writer.flush(), options.flushMs ?? 5_000);
  const stop = async () => {
    clearInterval(timer);
    server.closeIdleConnections();
    await new Promise((done) => server.close(done));
  };
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    accepted: intake.accepted,
    flush: () => writer.flush(),
    refusal: () => writer.refusal()?.reason ?? null,
    finish: async (describe) => {
      await stop();
      return writer.finish(describe);
    },
    abandon: async () => {
      await stop();
      await writer.abandon();
    },
  };
}

/** A request that gets no 200: the status, and one sentence for whoever reads the sender's log. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

const signals: Record<string, OtlpSignal> = {
  "/v1/traces": "traces",
  "/v1/metrics": "metrics",
  "/v1/logs": "logs",
};

class Intake {
  readonly accepted: Record<CaptureTable, number> = { metrics: 0, logs: 0, spans: 0 };
  readonly #writer: CaptureWriter;
  readonly #intervals: MetricIntervals;
  readonly #bodyBytesMax: number;
  readonly #inFlightBytesMax: number;
  readonly #clock: Clock;
  #inFlightBytes = 0;

  constructor(writer: CaptureWriter, options: OtlpReceiverOptions) {
    this.#writer = writer;
    this.#clock = options.clock ?? systemClock;
    this.#intervals = new MetricIntervals(this.#clock.now());
    this.#bodyBytesMax = options.bodyBytesMax ?? 16 * 1024 * 1024;
    this.#inFlightBytesMax = options.inFlightBytesMax ?? 64 * 1024 * 1024;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let encoding: OtlpEncoding = "json";
    try {
      const signal = signalOf(request);
      encoding = encodingOf(request);
      const body = await this.#read(request);
      this.#requireRoom();
      const rejected = await this.#keep(signal, encoding, body);
      answer(response, 200, encoding, successBody(signal, encoding, rejected));
    } catch (error) {
      const refusal = refusalOf(error);
      const headers = { ...refusal.headers };
      // A body that is still on its way would be read as the next request.
      if (!request.complete) headers.connection = "close";
      answer(response, refusal.status, encoding, faultBody(encoding, refusal), headers);
    }
  }

  async #keep(signal: OtlpSignal, encoding: OtlpEncoding, body: Buffer): Promise<number> {
    if (signal === "logs") {
      return this.#add("logs", logRows(decodeOtlp("logs", encoding, body), this.#clock.now()));
    }
    if (signal === "traces") {
      return this.#add("spans", spanRows(decodeOtlp("traces", encoding, body)));
    }
    const request = decodeOtlp("metrics", encoding, body);
    return this.#add("metrics", this.#intervals.rows(request, this.#clock.now()));
  }

  /**
   * Refuses before the request is read: counters are compared with their last value as they are
   * read, and what a sender sends again must not look like an interval without events.
   */
  #requireRoom(): void {
    const refusal = this.#writer.refusal();
    if (refusal?.kind === "full") throw new Refusal(429, refusal.reason, { "retry-after": "5" });
    // 503 and not 507: OTLP senders keep and retry on 503, and drop on anything they do not know.
    if (refusal) throw new Refusal(503, refusal.reason, { "retry-after": "30" });
  }

  async #add<T extends CaptureTable>(table: T, flat: Flattened<CaptureRows[T]>): Promise<number> {
    await this.#writer.add(table, flat.rows);
    this.accepted[table] += flat.rows.length;
    return flat.rejected;
  }

  async #read(request: IncomingMessage): Promise<Buffer> {
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > this.#bodyBytesMax) throw this.#tooLarge();
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        bytes += part.length;
        this.#inFlightBytes += part.length;
        if (bytes > this.#bodyBytesMax) throw this.#tooLarge();
        if (this.#inFlightBytes > this.#inFlightBytesMax) {
          throw new Refusal(429, "too many bodies at once", { "retry-after": "1" });
        }
        parts.push(part);
      }
    } finally {
      this.#inFlightBytes -= bytes;
    }
    const body = Buffer.concat(parts);
    return request.headers["content-encoding"] === "gzip" ? this.#unpack(body) : body;
  }

  async #unpack(body: Buffer): Promise<Buffer> {
    try {
      return await unzip(body, { maxOutputLength: this.#bodyBytesMax });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw this.#tooLarge();
      throw new Refusal(400, "the body is not valid gzip");
    }
  }

  #tooLarge(): Refusal {
    return new Refusal(
      413,
      `the body is larger than ${this.#bodyBytesMax} bytes; send less at once`,
    );
  }
}

const unzip = promisify(gunzip) as (body: Buffer, options: object) => Promise<Buffer>;

function signalOf(request: IncomingMessage): OtlpSignal {
  const path = (request.url ?? "").split("?")[0] ?? "";
  const signal = signals[path];
  if (!signal) throw new Refusal(404, "OTLP is received at /v1/traces, /v1/metrics and /v1/logs");
  if (request.method !== "POST") throw new Refusal(405, "use POST", { allow: "POST" });
  return signal;
}

function encodingOf(request: IncomingMessage): OtlpEncoding {
  const packing = request.headers["content-encoding"] ?? "identity";
  if (packing !== "gzip" && packing !== "identity") {
    throw new Refusal(415, `content-encoding ${packing} is not read; use gzip or none`);
  }
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return "json";
  if (type === "application/x-protobuf") return "protobuf";
  throw new Refusal(415, "content-type must be application/json or application/x-protobuf");
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof MalformedOtlp) return new Refusal(400, error.message);
  if ((error as NodeJS.ErrnoException).code === "ECONNRESET") {
    return new Refusal(400, "the sender hung up");
  }
  return new Refusal(500, "the receiver failed; this is a fault of ours");
}

function answer(
  response: ServerResponse,
  status: number,
  encoding: OtlpEncoding,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): void {
  const type = encoding === "json" ? "application/json" : "application/x-protobuf";
  response.writeHead(status, { ...headers, "content-type": type }).end(body);
}

const rejectedFields = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
};

function successBody(signal: OtlpSignal, encoding: OtlpEncoding, rejected: number) {
  if (rejected === 0) return encoding === "json" ? "{}" : "";
  const errorMessage = `${rejected} records could not be read`;
  if (encoding === "json") {
    const count = { [rejectedFields[signal]]: String(rejected) };
    return JSON.stringify({ partialSuccess: { ...count, errorMessage } });
  }
  const message = responseType.fromObject({ partialSuccess: { rejected, errorMessage } });
  return responseType.encode(message).finish();
}

/**
 * google.rpc.Status, as OTLP/HTTP asks; code 3 is INVALID_ARGUMENT, 8 exhausted, 14 unavailable.
 */
function faultBody(encoding: OtlpEncoding, { status, message }: Refusal) {
  const code = status === 503 ? 14 : status === 429 || status === 413 ? 8 : status === 500 ? 13 : 3;
  if (encoding === "json") return JSON.stringify({ code, message });
  return statusType.encode(statusType.fromObject({ code, message })).finish();
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      fail(
        taken
          ? new UserError(`port ${port} on ${host} is already in use`, { cause: error })
          : error,
      );
    });
    server.listen(port, host, done);
  });
}
