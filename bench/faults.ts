/**
 * Fault suite: `npm run bench:faults [-- --kills 100 --seed 1 --only kills]`. Runs `shodo serve`
 * with the built-in analyst on a recorded incident and a double of Slack; kills it at random
 * moments under load, fills the disk, crashes Postgres, cuts the network to AWS, Slack, the model
 * and a receiver of notes, makes the clock jump; then counts: alarms accepted = alarms accounted
 * for, one headline and one report in Slack per incident, audit chain whole. Prints JSON; the exit
 * code is 1 when a count is off.
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
import { type Count, countAll, settled, untilPosted } from "./fault-parts/count.ts";
import { startLoad } from "./fault-parts/load.ts";
import { type Outside, openOutside } from "./fault-parts/outside.ts";
import { type Service, service } from "./fault-parts/service.ts";
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

interface Scene {
  readonly outside: Outside;
  readonly skewFile: string;
  readonly service: Service;
}

interface Setting {
  /** Folder of state; a fresh one when it is not given. */
  readonly home?: string;
  readonly databaseUrl?: string;
  readonly model?: string;
}

interface Result extends Count {
  readonly scenario: string;
  readonly faults: number;
  readonly refusals: Record<string, number>;
  readonly seconds: number;
}

const scenarios: Record<string, () => Promise<Result | string>> = {
  kills: () => inScene("kill -9", killing(Number(values.kills))),
  disk: diskFull,
  network: () => inScene("network cut", cutting, { model: "openai:gpt-test" }),
  clock: () => inScene("clock jumps", jumping),
  postgres: postgresStops,
};

const chosen = Object.entries(scenarios).filter(([name]) => !values.only || name === values.only);
const results: (Result | string)[] = [];
for (const [name, run] of chosen) {
  console.error(`${name} …`);
  const result = await run();
  console.error(JSON.stringify(result));
  results.push(result);
}
console.log(JSON.stringify(results, null, 2));
process.exit(results.every((item) => typeof item === "string" || item.isRight) ? 0 : 1);

type Torment = (scene: Scene) => Promise<number>;

async function inScene(scenario: string, torment: Torment, setting: Setting = {}): Promise<Result> {
  const home = setting.home ?? mkdtempSync(join(tmpdir(), "shodo-faults-"));
  const { databaseUrl = null, model = "builtin" } = setting;
  const outside = await openOutside();
  const port = await freePort();
  const skewFile = join(tmpdir(), `shodo-skew-${port}`);
  const tormented = service({ home, databaseUrl, port, outside, skewFile, model });
  const began = Date.now();
  await tormented.start();
  const load = startLoad(port, { perSecond: rate, prefix: `a${port}`, outside });
  const faults = await torment({ outside, skewFile, service: tormented });
  await load.finish();
  const place = databaseUrl ?? join(home, "shodo.db");
  const store = await openStore(place);
  await settled(store);
  await untilPosted(store, outside);
  const refusals = Object.fromEntries(load.refusals);
  const count = await countAll(store, outside, load.accepted.size);
  await store.close();
  await tormented.stop();
  await outside.close();
  rmSync(skewFile, { force: true });
  if (count.isRight) rmSync(home, { recursive: true, force: true });
  else console.error(`  not right: its state is kept in ${home}`);
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
  const whats = ["slack", "model", "aws", "notes"] as const;
  for (let n = 0; n < 12; n += 1) {
    const what = whats[n % whats.length] ?? "slack";
    outside.cut(what, true);
    await delay(5_000);
    outside.cut(what, false);
    await delay(2_000);
  }
  return 12;
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
async function diskFull(): Promise<Result | string> {
  const folder = mkdtempSync(join(tmpdir(), "shodo-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], { stdio: "pipe" });
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
    return await inScene("disk full", fill, { home: join(folder, "state") });
  } finally {
    execFileSync("umount", ["-l", folder]);
  }
}

async function postgresStops(): Promise<Result | string> {
  const binaries = postgresBinaries();
  if (!binaries) return "Postgres stops: not run, since PostgreSQL is not installed";
  const server = await startPostgres(binaries, { durable: true });
  try {
    const crashing: Torment = async () => {
      for (let n = 0; n < 5; n += 1) {
        await delay(1_500 + random() * 1_500);
        await server.crash();
        await delay(1_500);
        await server.start();
      }
      return 5;
    };
    return await inScene("Postgres crashes", crashing, { databaseUrl: server.url });
  } finally {
    await server.remove();
  }
}

function openStore(place: string): Promise<Store> {
  const parts = { clock: systemClock, ids };
  return place.startsWith("postgres")
    ? openPostgresStore({ url: place, ...parts })
    : openSqliteStore({ path: place, ...parts });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== "object" || !address) throw new Error("no port is free");
  return address.port;
}
