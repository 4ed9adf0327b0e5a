/**
 * Time from an alarm's arrival to the 2xx that says it is on disk, and the memory of an idle
 * server: `npm run bench -- intake [--rate 100] [--seconds 30]` prints JSON. The server is
 * `shodo serve` in a process of its own, the alarms are signed and come over HTTP, each in a
 * request of its own.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { hmacHex } from "../src/intake/secrets.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "100" },
    seconds: { type: "string", default: "30" },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const folder = mkdtempSync(join(tmpdir(), "shodo-intake-"));
const port = await freePort();
writeFileSync(
  join(folder, "shodo.yaml"),
  `alarms:
  - kind: webhook
    name: bench
    secretFrom: BENCH_SECRET
    fields: { name: name, service: service, delivery: id }
grouping: { shadow: true }
serve: { port: ${port} }
`,
);
const main = join(import.meta.dirname, "..", "src", "main.ts");
const child = spawn(process.execPath, [main, "serve"], {
  cwd: folder,
  env: { ...process.env, SHODO_HOME: folder, BENCH_SECRET: "bench", DATABASE_URL: "" },
  stdio: "ignore",
});
await untilReady();
await delay(3_000);
const idleMb = residentMb();
const latenciesMs: number[] = [];
const statuses = new Map<number, number>();
const pending: Promise<void>[] = [];
const began = performance.now();
for (let n = 0; n < rate * seconds; n += 1) {
  const waitMs = began + (n * 1_000) / rate - performance.now();
  if (waitMs > 0.5) await delay(waitMs);
  pending.push(post(n));
}
await Promise.all(pending);
console.log(
  JSON.stringify(
    {
      cpus: availableParallelism(),
      alarms: rate * seconds,
      perSecond: Math.round((rate * seconds) / ((performance.now() - began) / 1_000)),
      statuses: Object.fromEntries(statuses),
      durableMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: quantile(1) },
      idleMb,
      busyMb: residentMb(),
    },
    null,
    2,
  ),
);
child.kill("SIGTERM");
await new Promise((resolve) => child.once("exit", resolve));
rmSync(folder, { recursive: true });

async function post(n: number): Promise<void> {
  const body = JSON.stringify({ id: `m${n}`, name: `alarm ${n % 50}`, service: `s${n % 20}` });
  const headers = { "x-signature-256": `sha256=${hmacHex("sha256", "bench", [body])}` };
  const since = performance.now();
  const url = `http://127.0.0.1:${port}/alarms/webhook/bench`;
  const answer = await fetch(url, { method: "POST", body, headers }).catch(() => null);
  await answer?.arrayBuffer();
  latenciesMs.push(performance.now() - since);
  const status = answer?.status ?? 0;
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

async function untilReady(): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error("the server did not become ready");
}

/** Resident memory of the server, from Linux's own account of it. */
function residentMb(): number | null {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
  } catch {
    return null;
  }
}

function quantile(share: number): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== "object" || !address) throw new Error("no port is free");
  return address.port;
}
