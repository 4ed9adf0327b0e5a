/**
 * Fault suite: `npm run bench:faults [-- --kills 100 --seed 1]`. Kills the service at random moments
 * under load, fills the disk, crashes Postgres, cuts the network, makes the clock jump; then counts:
 * alarms accepted = alarms accounted for, each report told exactly once, audit chain whole. Prints
 * JSON; the exit code is 1 when a count is off.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Store } from "../src/core/store.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import { openPostgresStore } from "../src/store/postgres.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";
import { postgresBinaries, startPostgres } from "../src/store/testing/postgres-server.ts";
import { type Outside, openOutside, service, startLoad } from "./fault-parts/world.ts";
import { mulberry32 } from "./storm-parts/make-storm.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    rate: { type: "string", default: "20" },
    only: { type: "string", default: "" },
  },
});
const random = mulberry32(Number(values.seed));
const rate = Number(values.rate);
const ids = randomIds(systemClock);
const settleMsMax = 600_000;

interface Scene {
  readonly place: string;
  readonly port: number;
  readonly outside: Outside;
  readonly folder: string;
  readonly skewFile: string;
  readonly service: ReturnType<typeof service>;
}

interface Count {
  readonly scenario: string;
  readonly faults: number;
  readonly accepted: number;
  readonly accountedFor: number;
  readonly stillPending: number;
  readonly incidents: number;
  readonly reports: number;
  readonly reportNotes: number;
  readonly sentMoreThanOnce: number;
  readonly deadJobs: number;
  readonly audit: string;
  readonly refusals: Record<string, number>;
  readonly seconds: number;
  readonly isRight: boolean;
}

const scenarios: Record<string, () => Promise<Count | string>> = {
  kills: () => inScene("kill -9", fileStore, killing(Number(values.kills))),
  disk: diskFull,
  network: () => inScene("network cut", fileStore, cutting),
  clock: () => inScene("clock jumps", fileStore, jumping),
  postgres: postgresStops,
};

const chosen = Object.entries(scenarios).filter(([name]) => !values.only || name === values.only);
const results: (Count | string)[] = [];
for (const [name, run] of chosen) {
  console.error(`${name} …`);
  const result = await run();
  console.error(JSON.stringify(result));
  results.push(result);
}
console.log(JSON.stringify(results, null, 2));
process.exit(results.every((item) => typeof item === "string" || item.isRight) ? 0 : 1);

type Torment = (scene: Scene) => Promise<number>;

async function inScene(
  scenario: string,
  place: (folder: string) => string,
  torment: Torment,
  folder = mkdtempSync(join(tmpdir(), "shodo-faults-")),
): Promise<Count> {
  const outside = await openOutside();
  const port = await freePort();
  const skewFile = join(folder, "..", `skew-${port}`);
  const options = { place: place(folder), port, outside: outside.url, skewFile };
  const scene: Scene = { ...options, outside, folder, service: service(options) };
  const began = Date.now();
  await scene.service.start();
  const load = startLoad(port, rate, `a${port}`);
  const faults = await torment(scene);
  await load.finish();
  const store = await openStore(scene.place);
  await settled(store);
  const refusals = Object.fromEntries(load.refusals);
  const count = await countAll(store, scene, load.accepted.size);
  await store.close();
  await scene.service.stop();
  outside.close();
  rmSync(skewFile, { force: true });
  rmSync(folder, { recursive: true, force: true });
  const seconds = Math.round((Date.now() - began) / 1_000);
  return { scenario, faults, ...count, refusals, seconds };
}

/** Ends it at random moments, from 50 ms after it listens to 1.5 s later. */
function killing(times: number): Torment {
  return async ({ service: tormented }) => {
    for (let n = 1; n <= times; n += 1) {
      await delay(50 + random() * 1_450);
      await tormented.kill();
      await tormented.start();
      if (n % 20 === 0) console.error(`  ${n} kills`);
    }
    return times;
  };
}

async function cutting({ outside }: Scene): Promise<number> {
  for (let n = 0; n < 6; n += 1) {
    const what = n % 2 === 0 ? "notes" : "upstream";
    outside.cut(what, true);
    await delay(4_000);
    outside.cut(what, false);
    await delay(2_000);
  }
  return 6;
}

async function jumping({ skewFile }: Scene): Promise<number> {
  const hours = [2, -3, 0, 26, -1, 0];
  for (const hour of hours) {
    writeFileSync(skewFile, String(hour * 3_600_000));
    await delay(4_000);
  }
  return hours.length;
}

/** A small file system of its own is filled to the last byte, twice, and emptied again. */
async function diskFull(): Promise<Count | string> {
  const folder = mkdtempSync(join(tmpdir(), "shodo-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    return "disk full: not run, since this user may not mount a small file system";
  }
  const ballast = join(folder, "ballast");
  const fill: Torment = async () => {
    for (let n = 0; n < 3; n += 1) {
      await delay(3_000);
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch {
        // The service took the last bytes meanwhile: full is full.
      }
      await delay(4_000);
      rmSync(ballast);
    }
    return 3;
  };
  mkdirSync(join(folder, "state"));
  try {
    return await inScene(
      "disk full",
      () => join(folder, "state", "shodo.db"),
      fill,
      join(folder, "state"),
    );
  } finally {
    execFileSync("umount", ["-l", folder]);
  }
}

async function postgresStops(): Promise<Count | string> {
  const binaries = postgresBinaries();
  if (!binaries) return "Postgres stops: not run, since PostgreSQL is not installed";
  const server = await startPostgres(binaries, { durable: true });
  try {
    return await inScene(
      "Postgres crashes",
      () => server.url,
      async () => {
        for (let n = 0; n < 5; n += 1) {
          await delay(1_500 + random() * 1_500);
          await server.crash();
          await delay(1_500);
          await server.start();
        }
        return 5;
      },
    );
  } finally {
    await server.remove();
  }
}

/** Waits until nothing is pending, gathered, ready or leased. */
async function settled(store: Store): Promise<void> {
  const until = Date.now() + settleMsMax;
  while (Date.now() < until) {
    const alarms = await store.alarms.counts();
    const jobs = await store.jobs.counts();
    const open = jobs.filter((job) => job.state === "ready" || job.state === "leased");
    if (alarms.pending + alarms.gathered === 0 && open.length === 0) return;
    await delay(300);
  }
}

async function countAll(store: Store, { outside }: Scene, accepted: number) {
  const alarms = await store.alarms.counts();
  const accountedFor = Object.values(alarms).reduce((sum, count) => sum + count, 0);
  const jobs = await store.jobs.counts();
  const of = (kind: string, state: string) =>
    jobs.find((job) => job.kind === kind && job.state === state)?.count ?? 0;
  const deadJobs = jobs
    .filter((job) => job.state === "dead")
    .reduce((sum, job) => sum + job.count, 0);
  const incidents = await allIncidents(store);
  const counted = incidents.filter((incident) => incident.mergedInto === null);
  const reports = counted.filter((incident) => incident.conclusion !== null).length;
  const reportKeys = [...outside.notes.keys()].filter((key) => key.includes(":report:"));
  const told = new Set(reportKeys.map((key) => key.split(":")[3])).size;
  const verdict = await store.audit.verify();
  const stillPending = alarms.pending + alarms.gathered;
  const isRight =
    accepted === accountedFor &&
    stillPending === 0 &&
    reports === counted.length &&
    told === reports &&
    reportKeys.length === told &&
    deadJobs === 0 &&
    verdict.kind === "intact";
  return {
    accepted,
    accountedFor,
    stillPending,
    incidents: counted.length,
    reports,
    reportNotes: reportKeys.length,
    sentMoreThanOnce: [...outside.notes.values()].filter((times) => times > 1).length,
    deadJobs,
    investigationsDone: of("investigate", "done"),
    audit:
      verdict.kind === "intact" ? `intact, ${verdict.entries} entries` : `broken at ${verdict.at}`,
    isRight,
  };
}

async function allIncidents(store: Store) {
  const all = [];
  for (let before: string | undefined; ; ) {
    const page = await store.incidents.list({ limit: 500, ...(before ? { before } : {}) });
    all.push(...page);
    before = page.at(-1)?.id;
    if (page.length < 500) return all;
  }
}

function openStore(place: string): Promise<Store> {
  const parts = { clock: systemClock, ids };
  return place.startsWith("postgres")
    ? openPostgresStore({ url: place, ...parts })
    : openSqliteStore({ path: place, ...parts });
}

function fileStore(folder: string): string {
  return join(folder, "shodo.db");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== "object" || !address) throw new Error("no port is free");
  return address.port;
}
