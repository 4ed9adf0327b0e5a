import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ReceiveOptions } from "../cli/runtime.ts";
import { UserError } from "../core/errors.ts";
import { systemClock } from "../platform/clock.ts";
import { readCaptureIncident } from "../sources/capture.ts";
import { runReceive } from "./run-receive.ts";

const startedAt = Date.UTC(2026, 2, 1, 9, 0);
let root: string;
let out: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "receive-"));
  out = join(root, "today");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it("leaves a recording whose end is the incident and whose rest is the baseline", async () => {
  const { url, end } = await begin();
  for (const minute of [0, 60, 119]) {
    expect((await sendLog(url, startedAt + minute * 60_000)).status).toBe(200);
  }
  const lines = await end();
  expect(lines).toEqual([
    "0 spans, 3 log lines, 0 samples, from 2026-03-01T09:00:00Z to 2026-03-01T10:59:00.001Z",
    `Investigate it: shodo investigate --capture ${out}`,
  ]);
  const incident = await readCaptureIncident(out);
  expect(incident.window.to).toBe(startedAt + 119 * 60_000 + 1);
  expect(incident.window.from).toBe(startedAt + 89.25 * 60_000);
  expect(incident.baseline).toEqual({ from: startedAt, to: incident.window.from });
  expect(existsSync(`${out}.partial`)).toBe(false);
});

it("takes the window that is asked for", async () => {
  const { url, end } = await begin({ windowMinutes: 10 });
  await sendLog(url, startedAt);
  await sendLog(url, startedAt + 3_600_000);
  await end();
  const { window } = await readCaptureIncident(out);
  expect(window.to - window.from).toBe(600_000);
});

it("goes on with the parts that a run which was cut off left", async () => {
  const first = await begin();
  await sendLog(first.url, startedAt);
  await first.end();
  // What a killed run leaves: whole parts without an incident, and one that was being written.
  rmSync(join(out, "incident.json"));
  writeFileSync(join(out, "logs-0002.parquet.tmp"), "half");
  renameSync(out, `${out}.partial`);
  const second = await begin();
  expect(second.said.join("\n")).toContain("going on with");
  await sendLog(second.url, startedAt + 60_000);
  await second.end();
  expect(readdirSync(out)).toEqual(["incident.json", "logs-0001.parquet", "logs-0002.parquet"]);
  const { window, baseline } = await readCaptureIncident(out);
  expect([baseline?.from, window.to]).toEqual([startedAt, startedAt + 60_001]);
});

it("makes no folder of nothing", async () => {
  const { end } = await begin();
  expect(await end()).toEqual(["Nothing was received, so that no folder was made."]);
  expect(readdirSync(root)).toEqual([]);
});

it("says in one sentence why it cannot begin", async () => {
  const { url, end } = await begin();
  const port = Number(new URL(url).port);
  await expect(receiving({ port, out: join(root, "other") })).rejects.toThrow(
    `port ${port} on 127.0.0.1 is already in use`,
  );
  await end();
  mkdirSync(out);
  writeFileSync(join(out, "notes.txt"), "mine");
  await expect(receiving({})).rejects.toThrow("is not empty");
  await expect(receiving({ out: join(out, "notes.txt") })).rejects.toThrow("is not a folder");
});

it("uses a folder that is there and empty", async () => {
  mkdirSync(out);
  const { url, end } = await begin();
  await sendLog(url, startedAt);
  await end();
  expect(readdirSync(out)).toEqual(["incident.json", "logs-0001.parquet"]);
});

it("says where everything is when the disk refuses the end", async () => {
  const { url, end } = await begin();
  await sendLog(url, startedAt);
  rmSync(`${out}.partial`, { recursive: true });
  const failure = await end().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain("run the same command again");
  expect(existsSync(out)).toBe(false);
});

function receiving(options: Partial<ReceiveOptions>) {
  const nothing = { host: undefined, port: 0, windowMinutes: undefined, title: undefined };
  const silent = { say: () => undefined, progress: () => undefined };
  const signal = AbortSignal.abort();
  return runReceive({ out, ...nothing, ...silent, signal, ...options }, systemClock);
}

async function begin(options: Partial<ReceiveOptions> = {}) {
  const stop = new AbortController();
  const said: string[] = [];
  const listening = Promise.withResolvers<string>();
  const say = (line: string) => {
    said.push(line);
    const url = /http:\S+/.exec(line)?.[0];
    if (url) listening.resolve(url);
  };
  const done = receiving({ signal: stop.signal, say, ...options });
  done.catch(listening.reject);
  const url = await listening.promise;
  const end = () => {
    stop.abort();
    return done;
  };
  return { url, said, end };
}

function sendLog(url: string, at: number): Promise<Response> {
  const record = { timeUnixNano: `${at}000000`, body: { stringValue: "order lost" } };
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] };
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/v1/logs`, { method: "POST", headers, body: JSON.stringify(body) });
}
