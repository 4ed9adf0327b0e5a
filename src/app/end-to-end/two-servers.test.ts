import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Store } from "../../core/store.ts";
import { hmacHex } from "../../intake/secrets.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { openPostgresStore } from "../../store/postgres.ts";
import {
  type PostgresServer,
  postgresBinaries,
  startPostgres,
} from "../../store/testing/postgres-server.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { type ServeProcess, startServe } from "../testing/serve-process.ts";

const binaries = postgresBinaries();
const capture = demoIncidents()[0]?.folder ?? "";
const patience = { timeout: 120_000, interval: 100 };
/** Problems that nobody takes for one another: no word of one is a word of the other. */
const problems = {
  ant: "queue depth",
  bee: "certificate expiry",
  cat: "p99 latency",
  dog: "disk full",
};
const services = Object.keys(problems);

describe.skipIf(!binaries)("two servers over one Postgres", { timeout: 240_000 }, () => {
  let postgres: PostgresServer;
  let store: Store;
  let folder = "";
  let running: ServeProcess[] = [];
  let silentModel: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "shodo-replicas-"));
    postgres = await startPostgres(binaries ?? "", { durable: false });
    store = await openPostgresStore({
      ...{ url: postgres.url, clock: systemClock, ids: randomIds(systemClock) },
    });
    silentModel = createServer(() => {});
    await new Promise<void>((resolve) => silentModel.listen(0, "127.0.0.1", resolve));
  }, 60_000);
  afterEach(async () => {
    await Promise.all(running.map((one) => one.kill()));
    running = [];
  });
  afterAll(async () => {
    silentModel?.closeAllConnections();
    silentModel?.close();
    await store?.close();
    await postgres?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Each has a folder of its own, as on machines of their own. */
  async function start(name: string, model: string): Promise<ServeProcess> {
    const fields = { name: "name", service: "service", fingerprint: "name", delivery: "id" };
    const settings = {
      model: { name: model },
      alarms: [{ kind: "webhook", name: "test", secretFrom: "TEST_SECRET", fields }],
      grouping: { debounceSeconds: 0.2, maxWaitSeconds: 0.4 },
      work: { concurrency: 1 },
    };
    const config = join(folder, `${name}.json`);
    writeFileSync(config, JSON.stringify(settings));
    const { port } = silentModel.address() as AddressInfo;
    const one = await startServe(["--config", config, "--capture", capture], {
      ...process.env,
      SHODO_HOME: join(folder, name),
      DATABASE_URL: postgres.url,
      TEST_SECRET: "secret",
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    });
    running.push(one);
    return one;
  }

  it("share the work: each alarm once, each incident investigated once, both show all of it", async () => {
    const [one, two] = [await start("one", "builtin"), await start("two", "builtin")];
    for (const [service, name] of Object.entries(problems)) {
      // The same delivery to both: a balancer that tried again.
      for (const door of [one, two]) await fire(door, { id: `${service}-1`, name, service });
    }
    const isDone = ({ kind, state }: { kind: string; state: string }) =>
      kind === "investigate" && state === "done";
    await vi.waitUntil(async () => {
      const done = (await store.jobs.counts()).find(isDone);
      return done?.count === services.length;
    }, patience);
    const incidents = await store.incidents.list({ limit: 50 });
    expect(incidents.map((item) => [item.service, item.state]).sort()).toEqual(
      services.map((service) => [service, "reported"]),
    );
    expect(incidents.map((item) => item.alarms[0]?.count)).toEqual(services.map(() => 1));
    const began = [one, two].map((item) =>
      item.events("job-start").filter(({ kind }) => kind === "investigate"),
    );
    expect(began.flat().map(({ attempt }) => attempt)).toEqual(services.map(() => 1));
    for (const jobs of began) expect(jobs.length).toBeGreaterThan(0);
    for (const { id, investigation } of incidents) {
      const steps = await store.steps.read(investigation ?? "", 0);
      expect(steps.map((step) => step.number)).toEqual(steps.map((_, at) => at + 1));
      expect(steps.filter((step) => step.kind === "started")).toHaveLength(1);
      const [here, there] = await Promise.all([one, two].map((item) => replay(item, id)));
      expect(here).toContain(`${steps.length} steps`);
      expect(there).toBe(here);
    }
    expect(await store.audit.verify()).toMatchObject({ kind: "intact" });
    expect(await Promise.all(running.map((item) => item.stop()))).toEqual([0, 0]);
  });

  it("stop each other's investigations, and take over from one that was killed", async () => {
    const one = await start("one", "openai:silent");
    await fire(one, { id: "g", name: "replication lag", service: "gnu" });
    const running = await incidentOf(store, "gnu", "investigating");
    const two = await start("two", "openai:silent");
    const answer = await fetch(`${two.url}/api/incidents/${running}/cancel`, { method: "POST" });
    expect(answer.status).toBe(200);
    expect(await incidentOf(store, "gnu", "cancelled")).toBe(running);

    await fire(one, { id: "h", name: "login rejected", service: "hen" });
    const left = await incidentOf(store, "hen", "investigating");
    await one.kill();
    await vi.waitUntil(
      () => two.events("job-start").some(({ incident }) => incident === left),
      patience,
    );
  });
});

async function fire(
  door: ServeProcess,
  alarm: { readonly id: string; readonly name: string; readonly service: string },
): Promise<void> {
  const body = JSON.stringify(alarm);
  const answer = await fetch(`${door.url}/alarms/webhook/test`, {
    method: "POST",
    body,
    headers: { "x-signature-256": `sha256=${hmacHex("sha256", "secret", [body])}` },
  });
  expect(answer.status).toBeLessThan(300);
}

async function replay(server: ServeProcess, id: string): Promise<string> {
  return (await fetch(`${server.url}/reports/${id}/replay`)).text();
}

function incidentOf(store: Store, service: string, state: string): Promise<string> {
  return vi.waitUntil(async () => {
    const all = await store.incidents.list({ limit: 50 });
    return all.find((item) => item.service === service && item.state === state)?.id;
  }, patience);
}

if (!binaries) {
  const reason =
    "PostgreSQL is not installed: two servers were not tried (apt-get install postgresql)";
  it.skipIf(!process.env.CI)("two servers over one Postgres", () => expect.fail(reason));
  if (!process.env.CI) process.stderr.write(`${reason}\n`);
}
