import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startOtlpReceiver } from "../../src/sources/otlp-receiver.ts";
import { ShopSystem } from "./control/system.ts";
import { healthy } from "./faults/healthy.ts";
import { record } from "./record/record.ts";

let folder: string;
const ordersWanted = 6;
const placed: { order: string; totalCents: number }[] = [];
let ordersInDatabase = 0;
let confirmed = 0;
let ask: (sql: string) => Promise<unknown[][]>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "shop-test-"));
  const receiver = await startOtlpReceiver({ dir: join(folder, "capture"), port: 0 });
  const system = await ShopSystem.start({
    otlp: receiver.url,
    port: 0,
    visitsPerSecond: 0,
    metricsEveryMs: 1_000,
  });
  try {
    for (let visitor = 0; placed.length < ordersWanted && visitor < 40; visitor += 1) {
      await buy(system.storefrontUrl, visitor);
    }
    await until("all jobs are done", async () => {
      const [row] = await system.sql<{ n: number }>(
        "SELECT count(*)::int AS n FROM jobs WHERE status = 'done'",
      );
      confirmed = row?.n ?? 0;
      return confirmed === placed.length;
    });
    const [row] = await system.sql<{ n: number }>("SELECT count(*)::int AS n FROM orders");
    ordersInDatabase = row?.n ?? 0;
  } finally {
    await system.stop();
  }
  ask = await openCapture(await receiver.finish());
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the orders that the KPI counted are the orders in the database", async () => {
  expect(placed.length).toBe(ordersWanted);
  expect(ordersInDatabase).toBe(ordersWanted);
  expect(confirmed).toBe(ordersWanted);
  const kpi =
    "SELECT sum(value) FROM metrics WHERE metric = 'orders.placed' AND layer = 'business'";
  expect(await ask(kpi)).toEqual([[ordersWanted]]);
  const revenue = "SELECT round(sum(value) * 100) FROM metrics WHERE metric = 'revenue'";
  const cents = placed.reduce((sum, order) => sum + order.totalCents, 0);
  expect(await ask(revenue)).toEqual([[cents]]);
});

test("a trace of an order joins all services on its way, without a missing parent", async () => {
  const services = await ask(
    `SELECT string_agg(DISTINCT service, ' ' ORDER BY service) FROM spans
      WHERE trace_id IN (SELECT trace_id FROM spans WHERE service = 'storefront'
                          AND name = 'POST /checkout' AND status <> 'error')
      GROUP BY trace_id`,
  );
  expect(services.length).toBeGreaterThanOrEqual(ordersWanted);
  expect(new Set(services.flat())).toEqual(
    new Set(["catalog checkout inventory payment storefront"]),
  );
  const orphans = `SELECT count(*)::int FROM spans WHERE parent_span_id IS NOT NULL
                    AND parent_span_id NOT IN (SELECT span_id FROM spans)`;
  expect(await ask(orphans)).toEqual([[0]]);
});

test("log lines carry the trace id of the request that wrote them", async () => {
  const joined = await ask(
    `SELECT count(*)::int, count(DISTINCT l.trace_id)::int
       FROM logs l JOIN spans s ON s.trace_id = l.trace_id AND s.span_id = l.span_id
      WHERE l.service = 'checkout' AND l.body = 'order placed' AND s.name = 'POST /orders'`,
  );
  expect(joined).toEqual([[ordersWanted, ordersWanted]]);
});

test("every layer is there: infrastructure, application and business", async () => {
  const layers = await ask("SELECT DISTINCT layer FROM metrics ORDER BY 1");
  expect(layers.flat()).toEqual(["application", "business", "infrastructure"]);
  const names = (await ask("SELECT DISTINCT metric FROM metrics")).flat();
  expect(names).toEqual(
    expect.arrayContaining([
      "http.server.request.duration.p95",
      "db.client.connection.count",
      "process.cpu.utilization",
      "nodejs.eventloop.delay.p99",
      "payment.success_rate",
      "postgresql.index_scans",
      "queue.depth",
      "users.active",
    ]),
  );
});

test("a port in use, a dead receiver and a service that dies are said in one sentence", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => other.once("listening", done));
  const { port } = other.address() as { port: number };
  const receiver = await startOtlpReceiver({ dir: join(folder, "other"), port: 0 });
  await expect(ShopSystem.start({ otlp: receiver.url, port })).rejects.toThrow(
    `port ${port} is already in use; choose others with --port`,
  );
  other.close();
  await expect(ShopSystem.start({ otlp: "http://127.0.0.1:9", port: 0 })).rejects.toThrow(
    "no OTLP/HTTP receiver at http://127.0.0.1:9",
  );
  const edits = { "services/payment/service.ts": 'throw new Error("no ledger today");\n' };
  await expect(ShopSystem.start({ otlp: receiver.url, port: 0, edits })).rejects.toThrow(
    "payment ended with code 1 before it was ready: Error: no ledger today",
  );
  await receiver.abandon();
}, 90_000);

test("Ctrl-C stops every process of the shop", async () => {
  const main = join(import.meta.dirname, "main.ts");
  // A group of its own, so that the signal reaches all of it as Ctrl-C does.
  const shop = spawn(process.execPath, [main, "--port", "0"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const group = -(shop.pid ?? 0);
  onTestFinished(() => {
    if (shop.exitCode === null) process.kill(group, "SIGKILL");
  });
  let said = "";
  shop.stderr.on("data", (text: Buffer) => {
    said += text;
  });
  await until("the shop runs", async () => said.includes("Ctrl-C stops it"));
  const [url = ""] = said.match(/http:\/\/[\d.:]+/) ?? [];
  expect((await fetch(url)).status).toBe(200);
  process.kill(group, "SIGINT");
  expect(await once(shop, "exit")).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  expect(() => process.kill(group, 0)).toThrow("ESRCH");
}, 90_000);

test("an interrupted recording leaves nothing behind", async () => {
  const out = join(folder, "recording");
  const stop = new AbortController();
  const say = (text: string) => {
    if (text.includes("warming up")) stop.abort();
  };
  await expect(record(healthy, { out, port: 0, say, signal: stop.signal })).rejects.toThrow();
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith("recording"))).toEqual([]);
}, 90_000);

/** One visitor who puts a product into the cart and pays; a declined card buys nothing. */
async function buy(storefront: string, visitor: number): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "x-session": `test-${visitor}`,
    "x-country": "DE",
  };
  const post = (path: string, body: object) =>
    fetch(`${storefront}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  const sku = `SKU-${String(visitor).padStart(4, "0")}`;
  expect((await fetch(`${storefront}/p/${sku}`, { headers })).status).toBe(200);
  expect((await post("/cart", { sku, quantity: 1 })).status).toBe(200);
  const response = await post("/checkout", {});
  if (response.ok) placed.push((await response.json()) as (typeof placed)[number]);
  else expect(response.status).toBe(402);
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs) throw new Error(`waited 60 s until ${what}`);
    await pause(100);
  }
}

async function openCapture(dir: string): Promise<(sql: string) => Promise<unknown[][]>> {
  const connection = await (await DuckDBInstance.create()).connect();
  for (const table of ["metrics", "logs", "spans"]) {
    await connection.run(`CREATE VIEW ${table} AS SELECT * FROM '${dir}/${table}-*.parquet'`);
  }
  return async (sql) => (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
}
