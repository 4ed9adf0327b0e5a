/**
 * OTLP receiver under load: `node bench/receiver.ts [--seconds 60] [--rate 20000]` prints JSON.
 * Sends protobuf over HTTP from a second process (half logs, three in ten spans, the rest metric
 * points), at the wanted rate or as fast as it can with `--rate 0`. `memory` tells whether the
 * receiver's resident memory grew between the second and the last quarter of the run.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { requestTypes } from "../src/sources/otlp/descriptor.ts";
import { startOtlpReceiver } from "../src/sources/otlp-receiver.ts";

const recordsPerBody = 500;
const megabyte = 1024 * 1024;

interface Sent {
  records: number;
  refused: number;
  latenciesMs: number[];
}

if (process.argv[2] === "send") await send();
else await measure();

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: "string" }, rate: { type: "string" } },
  });
  const seconds = Number(values.seconds ?? 60);
  const rate = Number(values.rate ?? 20_000);
  const folder = mkdtempSync(join(tmpdir(), "bench-receiver-"));
  const receiver = await startOtlpReceiver({ dir: join(folder, "capture"), port: 0 });
  const rssMb: number[] = [];
  const sampling = setInterval(() => rssMb.push(process.memoryUsage().rss / megabyte), 500);
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const sent = await runSender([receiver.url, String(seconds), String(rate)]);
  const tookSeconds = (performance.now() - startMs) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  clearInterval(sampling);
  const finished = await receiver.finish();
  const written = await countRows(finished);
  rmSync(folder, { recursive: true, force: true });
  const latencies = sent.latenciesMs.sort((a, b) => a - b);
  const quarter = Math.floor(rssMb.length / 4);
  const early = mean(rssMb.slice(quarter, 2 * quarter));
  const late = mean(rssMb.slice(3 * quarter));
  console.log(
    JSON.stringify({
      bench: "otlp-receiver",
      cores: availableParallelism(),
      node: process.version,
      recordsWanted: rate,
      recordsPerSecond: Math.round(sent.records / tookSeconds),
      records: sent.records,
      bodiesRefused: sent.refused,
      rowsWritten: written,
      latencyMs: {
        p50: round(latencies[Math.floor(latencies.length * 0.5)]),
        p99: round(latencies[Math.floor(latencies.length * 0.99)]),
      },
      receiverCoresBusy: round((cpu.user + cpu.system) / 1e6 / tookSeconds),
      memory: {
        peakMb: round(Math.max(...rssMb)),
        secondQuarterMb: round(early),
        lastQuarterMb: round(late),
        growth: round(late / early - 1),
      },
    }),
  );
}

function runSender(args: string[]): Promise<Sent> {
  return new Promise((done, fail) => {
    const child = fork(import.meta.filename, ["send", ...args]);
    child.once("message", (sent) => done(sent as Sent));
    child.once("exit", (code) => fail(new Error(`the sender ended with code ${code}`)));
  });
}

async function send(): Promise<void> {
  const [url = "", seconds = "60", rate = "20000"] = process.argv.slice(3);
  const sent: Sent = { records: 0, refused: 0, latenciesMs: [] };
  const endMs = performance.now() + Number(seconds) * 1000;
  const perSender = Number(rate) / 4;
  const sender = async (lane: number) => {
    let next = performance.now();
    for (let turn = lane; performance.now() < endMs; turn += 1) {
      const { path, body } = bodies[turn % bodies.length] as Body;
      const startMs = performance.now();
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf", "content-encoding": "gzip" },
        body,
      });
      await response.arrayBuffer();
      sent.latenciesMs.push(performance.now() - startMs);
      if (response.ok) sent.records += recordsPerBody;
      else sent.refused += 1;
      if (perSender > 0) {
        next += (recordsPerBody / perSender) * 1000;
        await pause(Math.max(0, next - performance.now()));
      }
    }
  };
  const bodies = makeBodies();
  await Promise.all([0, 1, 2, 3].map(sender));
  process.send?.(sent, () => process.exit(0));
}

interface Body {
  path: string;
  body: Uint8Array<ArrayBuffer>;
}

/** Ten bodies of 500 records: five of logs, three of spans, two of metric points. */
function makeBodies(): Body[] {
  const kinds = ["logs", "traces", "logs", "metrics", "logs", "traces", "logs", "metrics", "logs"];
  return [...kinds, "traces"].map((kind, at) => {
    const type = requestTypes[kind as keyof typeof requestTypes];
    const packed = gzipSync(type.encode(type.fromObject(requestOf(kind, at))).finish());
    return { path: `/v1/${kind}`, body: new Uint8Array(packed) };
  });
}

function requestOf(kind: string, seed: number): object {
  const resource = { attributes: [text("service.name", `service-${seed % 6}`)] };
  const records = Array.from({ length: recordsPerBody }, (_, at) => recordOf(kind, seed, at));
  if (kind === "logs")
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: records }] }] };
  if (kind === "traces") return { resourceSpans: [{ resource, scopeSpans: [{ spans: records }] }] };
  const metric = {
    name: "orders",
    sum: { dataPoints: records, aggregationTemporality: 1, isMonotonic: true },
  };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
}

function recordOf(kind: string, seed: number, at: number): object {
  const nano = `${Date.UTC(2026, 0, 1) + at}000000`;
  const ids = { traceId: Buffer.alloc(16, seed * 31 + at), spanId: Buffer.alloc(8, at + 1) };
  const attributes = [text("http.route", `/orders/${at % 20}`), text("country", "DE")];
  if (kind === "metrics") return { timeUnixNano: nano, asDouble: at, attributes };
  if (kind === "logs") {
    const body = { stringValue: `order ${seed * 1000 + at} placed by customer ${at} in 23 ms` };
    return { ...ids, timeUnixNano: nano, severityNumber: 9, body, attributes };
  }
  const end = `${BigInt(nano) + 12_000_000n}`;
  return {
    ...ids,
    name: "POST /orders",
    kind: 2,
    startTimeUnixNano: nano,
    endTimeUnixNano: end,
    attributes,
  };
}

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } };
}

async function countRows(dir: string): Promise<number> {
  const connection = await (await DuckDBInstance.create()).connect();
  let rows = 0;
  for (const table of ["metrics", "logs", "spans"]) {
    const file = `${dir}/${table}-*.parquet`;
    const reader = await connection.runAndReadAll(`SELECT count(*)::INT FROM '${file}'`);
    rows += reader.getRows()[0]?.[0] as number;
  }
  return rows;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 100) / 100;
}
