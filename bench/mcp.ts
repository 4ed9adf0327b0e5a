/**
 * The MCP server: process start to the answer of tools/list, memory then, what a call adds to its
 * function, and 50 callers at once over HTTP. Run on the built package: `npm run build` first.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stdioCaller } from "../src/mcp/caller.ts";
import { connect } from "../src/mcp/testing/connect.ts";
import { fakeParts } from "../src/mcp/testing/fake-parts.ts";

const starts = 11;
const callers = 50;
const callsPerCaller = 20;
const budget = { startMs: 300, rssMb: 120, overheadMs: 5, spread: 10 };

/** A cheap call as a 2025 client sends it. */
const call = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "list_incidents", arguments: {} },
});

const main = join(import.meta.dirname, "../dist/src/main.js");
if (!existsSync(main)) throw new Error("dist/ is missing: npm run build");

const [start, overhead, load] = [
  await measureStarts(),
  await measureOverhead(),
  await measureLoad(),
];
const result = { start, overhead, load, budget, isWithin: isWithin() };
console.log(JSON.stringify(result, null, 2));
process.exit(result.isWithin ? 0 : 1);

function isWithin(): boolean {
  return (
    start.medianMs <= budget.startMs &&
    start.rssMb <= budget.rssMb &&
    overhead.addedMs <= budget.overheadMs &&
    load.errors === 0 &&
    load.p99Ms <= budget.spread * load.p50Ms
  );
}

async function measureStarts() {
  const runs: { ms: number; rssMb: number }[] = [];
  // The first start fills the disk cache and is not counted.
  for (let i = 0; i <= starts; i++) {
    const run = await oneStart();
    if (i > 0) runs.push(run);
  }
  const times = runs.map((run) => run.ms).sort((a, b) => a - b);
  return {
    bareNodeMs: Math.round(await bareNode()),
    medianMs: Math.round(at(times, 0.5)),
    slowestMs: Math.round(at(times, 1)),
    rssMb: Math.round(Math.max(...runs.map((run) => run.rssMb))),
  };
}

/** What the machine needs for a process that does nothing: says how busy it is. */
async function bareNode(): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begun = performance.now();
    const child = spawn(process.execPath, ["-e", "0"]);
    await new Promise((resolve) => child.once("exit", resolve));
    times.push(performance.now() - begun);
  }
  return at(
    times.sort((a, b) => a - b),
    0.5,
  );
}

/** A 2025 client's first three messages, by hand: what a host does before a model sees a tool. */
async function oneStart(): Promise<{ ms: number; rssMb: number }> {
  const home = mkdtempSync(join(tmpdir(), "shodo-bench-"));
  const env = { PATH: process.env.PATH, HOME: home, SHODO_HOME: home };
  const begun = performance.now();
  const child = spawn(process.execPath, [main, "mcp"], { env, cwd: home });
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  const clientInfo = { name: "bench", version: "0" };
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  send({ jsonrpc: "2.0", id: 1, method: "initialize", params });
  send({ jsonrpc: "2.0", method: "notifications/initialized" });
  send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
  await answered(child, 2);
  const ms = performance.now() - begun;
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024;
  child.stdin.end();
  await new Promise((resolve) => child.once("exit", resolve));
  return { ms, rssMb };
}

function answered(child: ChildProcessWithoutNullStreams, id: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const lines = text.split("\n").slice(0, -1);
      if (lines.some((line) => (JSON.parse(line) as { id?: number }).id === id)) resolve();
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** The same cheap tool called directly and over the protocol, in one process. */
async function measureOverhead() {
  const parts = fakeParts();
  const client = await connect(parts);
  const scope = {
    principal: stdioCaller,
    incident: null,
    window: null,
    signal: new AbortController().signal,
  };
  const direct = await timed(300, () => parts.analyst.call("find_changes", {}, scope));
  const over = await timed(300, () => client.callTool({ name: "find_changes" }));
  return { directMs: direct, overMcpMs: over, addedMs: round(over - direct) };
}

async function timed(times: number, run: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await run();
    all.push(performance.now() - begun);
  }
  return round(
    at(
      all.sort((a, b) => a - b),
      0.5,
    ),
  );
}

/**
 * The built server in a process of its own, and callers with one connection each, as separate hosts
 * have. The tool reads the store.
 */
async function measureLoad() {
  const { url, stop } = await startHttp();
  const times: number[] = [];
  let errors = 0;
  const agents = Array.from(
    { length: callers },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  // The first call of each caller connects and compiles; what callers feel is what comes after.
  await Promise.all(agents.map((agent) => post(url, agent)));
  const begun = performance.now();
  await Promise.all(
    agents.map(async (agent) => {
      for (let i = 0; i < callsPerCaller; i++) {
        const from = performance.now();
        const isFine = await post(url, agent).catch(() => false);
        if (!isFine) errors += 1;
        times.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1_000;
  for (const agent of agents) agent.destroy();
  stop();
  times.sort((a, b) => a - b);
  return {
    callers,
    calls: times.length,
    errors,
    p50Ms: round(at(times, 0.5)),
    p99Ms: round(at(times, 0.99)),
    perSecond: Math.round(times.length / seconds),
  };
}

function startHttp(): Promise<{ url: string; stop(): void }> {
  const home = mkdtempSync(join(tmpdir(), "shodo-bench-"));
  const config = join(home, "shodo.yaml");
  writeFileSync(config, "mcp: { http: { rateBurst: 100000, ratePerSecond: 10000 } }\n");
  const env = { PATH: process.env.PATH, HOME: home, SHODO_HOME: home, SHODO_CONFIG: config };
  const child = spawn(process.execPath, [main, "mcp", "--http", "--port", "0"], { env, cwd: home });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const url = /MCP at (\S+)/.exec(said)?.[1];
      if (url) resolve({ url, stop: () => child.kill() });
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

/** True when the answer is a result that is no error. */
function post(url: string, agent: Agent): Promise<boolean> {
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => {
        const isResult = text.includes('"structuredContent"') && !text.includes('"isError":true');
        resolve(response.statusCode === 200 && isResult);
      });
    });
    sent.on("error", reject);
    sent.end(call);
  });
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
