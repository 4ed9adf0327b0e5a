import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { requestTypes, responseType, statusType } from "./otlp/descriptor.ts";
import { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from "./otlp-receiver.ts";

let folder: string;
let dir: string;
let receiver: OtlpReceiver | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "otlp-receiver-"));
  dir = join(folder, "capture");
  receiver = null;
});

afterEach(async () => {
  await receiver?.abandon().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

test("logs sent as JSON become rows of the capture", async () => {
  const { post } = await start();
  const response = await post("/v1/logs", json(logs(["first", "second"])));
  expect([response.status, await response.text()]).toEqual([200, "{}"]);
  expect(await finishAndRead("logs")).toEqual([
    ["2026-01-02 03:04:05.678", "shop", "INFO", "first", null, null, null],
    ["2026-01-02 03:04:05.678", "shop", "INFO", "second", null, null, null],
  ]);
});

test("spans sent as protobuf become rows, errors keep their message", async () => {
  const { post } = await start();
  const response = await post("/v1/traces", protobuf("traces", spans()));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-protobuf");
  expect(await finishAndRead("spans")).toEqual([
    [
      "000102030405060708090a0b0c0d0e0f",
      "0101010101010101",
      null,
      "shop",
      "POST /orders",
      "2026-01-02 03:04:05.678",
      12.5,
      "error",
      "server",
      '{"service.version":"1.2.3","status.message":"no slot","exception.message":"busy"}',
    ],
  ]);
});

test("a gzip body is unpacked", async () => {
  const { post } = await start();
  const { headers, body } = json(logs(["packed"]));
  const response = await post("/v1/logs", {
    headers: { ...headers, "content-encoding": "gzip" },
    body: gzipSync(body),
  });
  expect(response.status).toBe(200);
  expect(await finishAndRead("logs")).toHaveLength(1);
});

test.each([
  ["a body that is not JSON", "/v1/logs", { body: "{", type: "application/json" }, 400],
  ["JSON of another kind", "/v1/logs", { body: '{"a":1}', type: "application/json" }, 400],
  ["a JSON list", "/v1/logs", { body: "[]", type: "application/json" }, 400],
  [
    "metrics sent as logs",
    "/v1/logs",
    { body: '{"resourceMetrics":[]}', type: "application/json" },
    400,
  ],
  [
    "scopes that are no list",
    "/v1/logs",
    { body: '{"resourceLogs":[{"scopeLogs":7}]}', type: "application/json" },
    400,
  ],
  [
    "bytes that are not protobuf",
    "/v1/traces",
    { body: "\xff\xff", type: "application/x-protobuf" },
    400,
  ],
  ["a wrong content type", "/v1/logs", { body: "{}", type: "text/plain" }, 415],
  ["no content type", "/v1/logs", { body: "{}", type: "" }, 415],
  ["an unknown encoding", "/v1/logs", { body: "{}", type: "application/json", packing: "br" }, 415],
  ["broken gzip", "/v1/logs", { body: "no gzip", type: "application/json", packing: "gzip" }, 400],
  ["an unknown path", "/v1/profiles", { body: "{}", type: "application/json" }, 404],
])("%s is refused, and the receiver goes on", async (_, path, { body, type, ...rest }, status) => {
  const { post } = await start();
  const packing = "packing" in rest ? { "content-encoding": rest.packing } : {};
  const response = await post(path, { headers: { "content-type": type, ...packing }, body });
  expect(response.status).toBe(status);
  await response.arrayBuffer();
  expect((await post("/v1/logs", json(logs(["after"])))).status).toBe(200);
  expect(await finishAndRead("logs")).toHaveLength(1);
});

test("another method than POST is refused with the one that works", async () => {
  await start();
  const response = await fetch(`${receiver?.url}/v1/logs`);
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
});

test("a body over the limit is refused, declared, streamed or packed", async () => {
  const { post } = await start({ bodyBytesMax: 10_000 });
  const big = json(logs(["x".repeat(20_000)]));
  expect((await post("/v1/logs", big)).status).toBe(413);
  const packed = { ...big.headers, "content-encoding": "gzip" };
  const bomb = await post("/v1/logs", { headers: packed, body: gzipSync(big.body) });
  expect(bomb.status).toBe(413);
  expect(await bomb.json()).toEqual({
    code: 8,
    message: "the body is larger than 10000 bytes; send less at once",
  });
  const streamed = await postStream(`${receiver?.url}/v1/logs`, big.body);
  expect(streamed).toBe(413);
});

test("a protobuf sender is refused in protobuf", async () => {
  const { post } = await start();
  const headers = { "content-type": "application/x-protobuf" };
  const response = await post("/v1/logs", { headers, body: "\xff\xff" });
  const status = statusType.decode(new Uint8Array(await response.arrayBuffer()));
  expect(status.toJSON()).toEqual({
    code: 3,
    message: "the body is not a protobuf message of this kind",
  });
});

test("single records that cannot be read are counted in a partial success", async () => {
  const { post } = await start();
  const request = spans();
  request.resourceSpans[0]?.scopeSpans[0]?.spans.push({ name: "no ids" } as never);
  const response = await post("/v1/traces", protobuf("traces", request));
  expect(response.status).toBe(200);
  const answer = responseType.decode(new Uint8Array(await response.arrayBuffer()));
  expect(answer.toJSON()).toEqual({
    partialSuccess: { rejected: "1", errorMessage: "1 records could not be read" },
  });
  const json400 = await post("/v1/logs", json(oddLogs()));
  expect(await json400.json()).toEqual({
    partialSuccess: { rejectedLogRecords: "1", errorMessage: "1 records could not be read" },
  });
  expect(await finishAndRead("spans")).toHaveLength(1);
});

test("a full disk is said to the sender, and nothing that was accepted is lost", async () => {
  let freeBytes = 1e12;
  const { post } = await start({ freeBytes: async () => freeBytes });
  expect((await post("/v1/logs", json(logs(["written"])))).status).toBe(200);
  await receiver?.flush();
  freeBytes = 0;
  expect((await post("/v1/logs", json(logs(["accepted"])))).status).toBe(200);
  await receiver?.flush();
  const refused = await post("/v1/logs", json(logs(["refused"])));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
  expect(await refused.json()).toEqual({
    code: 14,
    message: "the disk is full; what was accepted is kept",
  });
  expect(readdirSync(`${dir}.partial`)).toEqual(["logs-0001.parquet"]);
  freeBytes = 1e12;
  await receiver?.flush();
  expect((await post("/v1/logs", json(logs(["again"])))).status).toBe(200);
  const bodies = (await finishAndRead("logs")).map((row) => row[3]);
  expect(bodies).toEqual(["written", "accepted", "again"]);
});

test("a counter that was refused is counted when it is sent again", async () => {
  let freeBytes = 1e12;
  const { post } = await start({ freeBytes: async () => freeBytes });
  const send = (value: number) => post("/v1/metrics", json(counterAt(value)));
  expect((await send(10)).status).toBe(200);
  freeBytes = 0;
  await receiver?.flush();
  expect((await send(25)).status).toBe(503);
  freeBytes = 1e12;
  await receiver?.flush();
  expect((await send(25)).status).toBe(200);
  const values = (await finishAndRead("metrics")).map((row) => row[3]);
  expect(values).toEqual([10, 15]);
});

test("finishing on a full disk throws and keeps the parts under the unfinished name", async () => {
  const { post } = await start({ freeBytes: async () => 0 });
  await post("/v1/logs", json(logs(["waiting"])));
  await expect(receiver?.finish()).rejects.toThrow("capture not finished");
  expect(existsSync(dir)).toBe(false);
});

test("more rows than may wait are refused until they are written", async () => {
  const { post } = await start({ bufferedRowsMax: 2 });
  expect((await post("/v1/logs", json(logs(["one", "two"])))).status).toBe(200);
  const refused = await post("/v1/logs", json(logs(["three"])));
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
  await receiver?.flush();
  expect((await post("/v1/logs", json(logs(["three"])))).status).toBe(200);
});

test("the capture has no name until it is whole, and none if it is abandoned", async () => {
  const { post } = await start();
  await post("/v1/logs", json(logs(["one"])));
  await receiver?.flush();
  expect(readdirSync(folder)).toEqual(["capture.partial"]);
  await receiver?.abandon();
  receiver = null;
  expect(readdirSync(folder)).toEqual([]);
});

test("a port in use and a folder that exists are said in one sentence", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as { port: number };
  await expect(startOtlpReceiver({ dir, port })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is already in use`,
  );
  other.close();
  expect(readdirSync(folder)).toEqual([]);
  await expect(startOtlpReceiver({ dir: folder, port: 0 })).rejects.toThrow("exists already");
});

test("rows that arrive while a part is being written are in the next part", async () => {
  const { post } = await start();
  const many = Array.from({ length: 3_000 }, (_, index) => `line ${index}`);
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      await post("/v1/logs", json(logs(many)));
      await receiver?.flush();
    }),
  );
  const rows = await finishAndRead("logs");
  expect(rows).toHaveLength(36_000);
  expect(new Set(rows.map((row) => row[3])).size).toBe(3_000);
});

interface Sent {
  headers: Record<string, string>;
  body: string | Uint8Array;
}

async function start(options: Partial<OtlpReceiverOptions> = {}) {
  receiver = await startOtlpReceiver({ dir, port: 0, flushMs: 3_600_000, ...options });
  const { url } = receiver;
  const post = (path: string, { headers, body }: Sent) =>
    fetch(`${url}${path}`, { method: "POST", headers, body: Buffer.from(body) });
  return { post };
}

async function finishAndRead(table: string): Promise<unknown[][]> {
  const finished = await receiver?.finish();
  receiver = null;
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM '${finished}/${table}-*.parquet'`);
  return reader.getRowsJson() as unknown[][];
}

function json(request: object): Sent & { body: string } {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(request) };
}

function protobuf(signal: keyof typeof requestTypes, request: object): Sent {
  const type = requestTypes[signal];
  const body = type.encode(type.fromObject(request)).finish();
  return { headers: { "content-type": "application/x-protobuf" }, body };
}

const atNano = `${Date.UTC(2026, 0, 2, 3, 4, 5, 678)}000000`;
const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };

function logs(bodies: string[]) {
  const logRecords = bodies.map((body) => ({
    timeUnixNano: atNano,
    severityNumber: 9,
    body: { stringValue: body },
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
}

/** A cumulative counter that began after the receiver started. */
function counterAt(asDouble: number) {
  const born = `${Date.UTC(2100, 0, 1)}000000`;
  const dataPoints = [{ startTimeUnixNano: born, timeUnixNano: born, asDouble }];
  const sum = { dataPoints, aggregationTemporality: 2, isMonotonic: true };
  const metrics = [{ name: "orders", sum }];
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] };
}

/** One good record and one whose attributes are of a wrong type. */
function oddLogs() {
  const odd = { timeUnixNano: atNano, attributes: 7 };
  const request = logs(["good"]);
  request.resourceLogs[0]?.scopeLogs[0]?.logRecords.push(odd as never);
  return request;
}

function spans() {
  const version = { key: "service.version", value: { stringValue: "1.2.3" } };
  const span = {
    traceId: Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"),
    spanId: Buffer.alloc(8, 1),
    name: "POST /orders",
    kind: 2,
    startTimeUnixNano: atNano,
    endTimeUnixNano: `${BigInt(atNano) + 12_500_000n}`,
    status: { code: 2, message: "no slot" },
    events: [
      {
        name: "exception",
        attributes: [
          { key: "exception.message", value: { stringValue: "busy" } },
          { key: "exception.stacktrace", value: { stringValue: "at line 1" } },
        ],
      },
    ],
  };
  const withVersion = { attributes: [...resource.attributes, version] };
  return { resourceSpans: [{ resource: withVersion, scopeSpans: [{ spans: [span] }] }] };
}

/** Sends without a content length; the status, also when the receiver hangs up early. */
async function postStream(url: string, body: string): Promise<number> {
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(body));
      controller.close();
    },
  });
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: stream, duplex: "half" });
  return response.status;
}
