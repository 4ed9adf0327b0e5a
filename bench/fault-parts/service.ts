/**
 * The service that the fault suite torments, in a process of its own: real store, door, grouping,
 * queue, notes and HTTP; the analyst concludes quickly, but asks an upstream before every step, as the
 * real one asks telemetry and model. Its clock is set by a file, so that it can be made to jump.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { IncomingMessage } from "../../src/core/alarm-door.ts";
import { httpSettingsSchema } from "../../src/core/http-settings.ts";
import { workSettingsSchema } from "../../src/core/work-settings.ts";
import { serveHttp } from "../../src/http/serve.ts";
import { alarmDoor } from "../../src/intake/alarm-door.ts";
import { arrivalWriter } from "../../src/intake/arrival-writer.ts";
import { groupingLoop } from "../../src/intake/grouping/loop.ts";
import { groupingSettingsSchema } from "../../src/intake/grouping/settings.ts";
import { topologyOf } from "../../src/intake/grouping/topology.ts";
import { webhook } from "../../src/intake/senders/webhook.ts";
import { randomIds } from "../../src/platform/ids.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { openPostgresStore } from "../../src/store/postgres.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { investigateHandler } from "../../src/work/investigate.ts";
import { announceHandler, notifyHandler } from "../../src/work/notify.ts";
import { ownerName, takeOver } from "../../src/work/owner.ts";
import { quickAnalyst } from "../../src/work/testing/quick-analyst.ts";
import { webhookNotifier } from "../../src/work/webhook-notifier.ts";
import { worker } from "../../src/work/worker.ts";

const [, , place = "", port = "0", receiver = "", skewFile = ""] = process.argv;
const clock = { now: () => Date.now() + skew() };
const ids = randomIds(clock);
const parts = { clock, ids };
const store = await openStore();
const owner = ownerName(ids);
const logger = silentLogger;
await takeOver(store.jobs, owner, logger);
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const analyst = quickAnalyst({
  store,
  clock,
  work: async (incident) => {
    await delay(30);
    const answer = await fetch(`${receiver}/upstream`, { signal: AbortSignal.timeout(3_000) });
    if (!answer.ok) throw new Error(`upstream answered ${answer.status}`);
    const entry = { at: clock.now(), event: "model-send", by: "shodo", incident };
    await store.audit.append({ ...entry, detail: { bytes: 100 } });
  },
});
const notifiers = ["receiver"];
const place_ = webhookNotifier({
  name: "receiver",
  url: `${receiver}/notes`,
  secret: null,
  publicUrl: null,
});
const common = { jobs: store.jobs, clock, notifiers };
const work = worker({
  ...{ jobs: store.jobs, clock, logger, owner },
  settings: workSettingsSchema.parse({
    concurrency: 4,
    leaseSeconds: 10,
    perHour: { investigations: 100_000 },
  }),
  handlers: [
    announceHandler(common),
    notifyHandler({ analyst, notifiers: [place_] }),
    investigateHandler({ ...common, analyst }),
  ],
});
/** Every service that the load names, none calling another, so that each is an incident of its own. */
const topology = topologyOf(
  Array.from({ length: 12 * 200 }, (_, n) => `service-${n % 12}-${Math.floor(n / 12)}`).map(
    (from) => ({ from, to: `${from}-db`, kind: "calls" }),
  ),
);
const grouping = groupingLoop({
  ...{ store, clock, ids, logger, owner },
  settings: groupingSettingsSchema.parse({ debounceSeconds: 0.3, maxWaitSeconds: 0.6 }),
  topology: () => topology,
});
const fields = { name: "name", service: "service", fingerprint: "fingerprint", delivery: "id" };
const settings = { kind: "webhook", name: "load", secretFrom: "S", fields };
const sender = webhook.open(webhook.settings.parse(settings), {
  clock,
  secret: () => "load",
  trustedRoots: [],
  fetchBytes: () => Promise.reject(new Error("no network")),
});
const write = arrivalWriter(store.alarms);
const door = alarmDoor({ senders: [sender], store: store.alarms, write, clock, logger });
const server = await serveHttp({
  ...{ analyst, store, clock, ids, logger, version: "bench" },
  settings: httpSettingsSchema.parse({ port: Number(port), publicMetrics: true }),
  door: {
    ...door,
    receive: (path: string, message: IncomingMessage) => door.receive(path, message),
  },
  secret: () => "",
  isAccepting: () => !stop.signal.aborted,
  gauges: () => [],
});
process.stdout.write("ready\n");
await Promise.all([grouping.run(stop.signal), work.run(stop.signal)]);
await server.close();
await store.close();
process.exit(0);

function openStore() {
  return place.startsWith("postgres")
    ? openPostgresStore({ url: place, ...parts })
    : openSqliteStore({ path: place, ...parts });
}

function skew(): number {
  try {
    return Number(readFileSync(skewFile, "utf8")) || 0;
  } catch {
    return 0;
  }
}
