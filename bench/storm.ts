/**
 * An alarm storm against the real intake, store, grouping, queue and notes:
 * `npm run bench -- storm [--seed 1] [--seconds 60] [--alarms 10000] [--noise 0] [--dry]` prints
 * JSON. It runs in real time; `--dry` feeds the grouping alone with a made-up clock, for many seeds
 * at once (`--seeds 20`, from `--seed` on).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { AcceptedAlarm } from "../src/core/intake.ts";
import type { Note } from "../src/core/notifier.ts";
import { workSettingsSchema } from "../src/core/work-settings.ts";
import { alarmDoor } from "../src/intake/alarm-door.ts";
import { arrivalWriter } from "../src/intake/arrival-writer.ts";
import { grouper } from "../src/intake/grouping/grouper.ts";
import { groupingLoop } from "../src/intake/grouping/loop.ts";
import { groupingSettingsSchema } from "../src/intake/grouping/settings.ts";
import { topologyOf } from "../src/intake/grouping/topology.ts";
import { digestOf, hmacHex } from "../src/intake/secrets.ts";
import { webhook } from "../src/intake/senders/webhook.ts";
import { systemClock } from "../src/platform/clock.ts";
import { randomIds } from "../src/platform/ids.ts";
import { silentLogger } from "../src/platform/logger.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";
import { investigateHandler } from "../src/work/investigate.ts";
import { announceHandler, notifyHandler } from "../src/work/notify.ts";
import { quickAnalyst } from "../src/work/testing/quick-analyst.ts";
import { worker } from "../src/work/worker.ts";
import { makeStorm, pairwise, type Storm } from "./storm-parts/make-storm.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "20" },
    seconds: { type: "string", default: "60" },
    alarms: { type: "string", default: "10000" },
    noise: { type: "string", default: "0" },
    dry: { type: "boolean", default: false },
  },
});
const lengthMs = Number(values.seconds) * 1_000;
const stormOf = (seed: number) =>
  makeStorm({
    ...{ seed, services: 200, incidents: 6, lengthMs },
    alarms: Number(values.alarms),
    noise: Number(values.noise),
  });

if (values.dry) dry();
else await live(Number(values.seed));

async function live(seed: number): Promise<void> {
  const storm = stormOf(seed);
  const folder = mkdtempSync(join(tmpdir(), "shodo-storm-"));
  const clock = systemClock;
  const ids = randomIds(clock);
  const store = await openSqliteStore({ path: join(folder, "shodo.db"), clock, ids });
  const topology = topologyOf(storm.edges);
  const parts = { store, clock, ids, logger: silentLogger, owner: "bench" };
  const settings = groupingSettingsSchema.parse({});
  const grouping = groupingLoop({ ...parts, settings, topology: () => topology });
  const notes: { at: number; note: Note }[] = [];
  const deliver = async (note: Note) => void notes.push({ at: clock.now(), note });
  const analyst = quickAnalyst({ store, clock });
  const notifiers = ["bench"];
  const work = worker({
    ...parts,
    jobs: store.jobs,
    settings: workSettingsSchema.parse({}),
    handlers: [
      announceHandler({ jobs: store.jobs, clock, notifiers }),
      notifyHandler({ analyst, notifiers: [{ name: "bench", deliver }] }),
      investigateHandler({ analyst, jobs: store.jobs, clock, notifiers }),
    ],
  });
  const stop = new AbortController();
  const running = [grouping.run(stop.signal), work.run(stop.signal)];
  const { statuses, latenciesMs, startedAt } = await send(storm, store.alarms);
  await delay(8_000);
  stop.abort();
  await Promise.all(running);
  const counts = await store.alarms.counts();
  const accounted = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const incidents = await store.incidents.list({ limit: 500 });
  const headline = notes.find((item) => item.note.what === "headline");
  const firstAlarmMs = storm.alarms[0]?.atMs ?? 0;
  print({
    seed,
    alarms: storm.alarms.length,
    accepted: statuses.filter((status) => status === 202).length,
    accounted,
    lost: storm.alarms.length - accounted + counts.pending,
    dispositions: counts,
    incidents: incidents.filter((item) => item.mergedInto === null).length,
    mergedAway: incidents.filter((item) => item.mergedInto !== null).length,
    notifications: notes.length,
    fewerNotifications: 1 - notes.length / storm.alarms.length,
    grouping: await scoreOf(storm, store.alarms, incidents),
    firstHeadlineMs: headline ? headline.at - startedAt - firstAlarmMs : null,
    durableMs: { p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99) },
    rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
  });
  await store.close();
  rmSync(folder, { recursive: true });
}

/** Posts every alarm at its time, signed, one message each. */
async function send(storm: Storm, alarms: Parameters<typeof arrivalWriter>[0]) {
  const secret = "storm";
  const bytes = new TextEncoder();
  const tools = {
    clock: systemClock,
    secret: () => secret,
    trustedRoots: [],
    fetchBytes: () => Promise.reject(new Error("no network")),
  };
  const fields = {
    name: "name",
    service: "service",
    fingerprint: "fingerprint",
    delivery: "id",
    firedAt: "firedAt",
  };
  const settings = { kind: "webhook", name: "storm", secretFrom: "S", fields };
  const sender = webhook.open(webhook.settings.parse(settings), tools);
  const write = arrivalWriter(alarms);
  const logger = silentLogger;
  const door = alarmDoor({ senders: [sender], store: alarms, write, clock: systemClock, logger });
  const startedAt = Date.now();
  const latenciesMs: number[] = [];
  const statuses: number[] = [];
  const pending: Promise<void>[] = [];
  for (const [n, alarm] of storm.alarms.entries()) {
    const waitMs = startedAt + alarm.atMs - Date.now();
    if (waitMs > 1) await delay(waitMs);
    const { name, service } = alarm;
    const firedAt = new Date(startedAt + alarm.atMs).toISOString();
    const what = { name, service, fingerprint: `${service} ${name}` };
    const body = JSON.stringify({ id: `m${n}`, ...what, firedAt });
    const headers = { "x-signature-256": `sha256=${hmacHex("sha256", secret, [body])}` };
    const since = performance.now();
    const message = { body: bytes.encode(body), headers };
    pending.push(
      door.receive("webhook/storm", message).then(({ status }) => {
        latenciesMs.push(performance.now() - since);
        statuses.push(status);
      }),
    );
  }
  await Promise.all(pending);
  return { statuses, latenciesMs, startedAt };
}

async function scoreOf(
  storm: Storm,
  alarms: Parameters<typeof arrivalWriter>[0],
  incidents: readonly { id: string }[],
) {
  const given = new Map<string, string>();
  for (const { id } of incidents) {
    for (const item of await alarms.of({ incident: id }, 20_000)) {
      given.set(item.delivery.split(":")[2] ?? "", id);
    }
  }
  return pairwise(
    storm.alarms.map((alarm, n) => [String(alarm.cause), given.get(`m${n}`) ?? `lost ${n}`]),
  );
}

/** The grouping alone, many storms, no clock. */
function dry(): void {
  const rows = Array.from({ length: Number(values.seeds) }, (_, n) =>
    dryOne(Number(values.seed) + n),
  );
  const f1 = rows.map((row) => row.f1).sort((a, b) => a - b);
  const mean = f1.reduce((sum, value) => sum + value, 0) / f1.length;
  print({ storms: rows, f1: { min: f1[0], median: f1[Math.floor(f1.length / 2)], mean } });
}

function dryOne(seed: number) {
  const storm = stormOf(seed);
  const topology = topologyOf(storm.edges);
  let count = 0;
  const nextId = (prefix: string) => `${prefix}_${String(++count).padStart(6, "0")}`;
  const settings = groupingSettingsSchema.parse({});
  const state = grouper({ settings, topology: () => topology, nextId }, []);
  const group = new Map<number, string>();
  let opened = 0;
  let next = 0;
  const began = performance.now();
  for (let at = 0; at <= lengthMs + 10_000; at += 200) {
    for (; next < storm.alarms.length && (storm.alarms[next]?.atMs ?? 0) <= at; next += 1) {
      state.take(acceptedOf(storm, next, at));
    }
    state.advance(at);
    const round = state.round(at);
    for (const item of round?.settlements ?? []) {
      if (item.group) group.set(item.number, item.group);
    }
    for (const move of round?.moved ?? []) {
      for (const [n, id] of group) {
        const print = fingerprintOf(storm.alarms[n]);
        if (id === move.from && (move.fingerprints?.includes(print) ?? true)) group.set(n, move.to);
      }
    }
    opened += round?.opened.length ?? 0;
  }
  const score = pairwise(
    storm.alarms.map((alarm, n) => [String(alarm.cause), group.get(n) ?? `lost ${n}`]),
  );
  return { seed, opened, ...score, ms: Math.round(performance.now() - began) };
}

function fingerprintOf(alarm: { service: string; name: string } | undefined): string {
  return alarm ? digestOf(alarm.service, alarm.name) : "";
}

function acceptedOf(storm: Storm, n: number, at: number): AcceptedAlarm {
  const alarm = storm.alarms[n];
  if (!alarm) throw new Error(`there is no alarm ${n}`);
  const { name, service } = alarm;
  return {
    number: n,
    delivery: `m${n}`,
    receivedAt: at,
    alarm: {
      fingerprint: fingerprintOf(alarm),
      ...{ sender: "storm", name, service, resource: null, metric: null, threshold: null },
      ...{
        observed: null,
        severity: null,
        state: "firing",
        firedAt: alarm.atMs,
        summary: "",
        labels: {},
      },
      ...{ link: null, raw: null },
    },
  };
}

function quantile(list: readonly number[], share: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 10) / 10;
}

function print(result: unknown): void {
  console.log(JSON.stringify(result, null, 2));
}
