import { describe, expect, it } from "vitest";
import { UserError } from "../core/errors.ts";
import type { Job } from "../core/job.ts";
import type { Logger } from "../core/logger.ts";
import type { Note, Notifier } from "../core/notifier.ts";
import { retentionSettingsSchema, workSettingsSchema } from "../core/work-settings.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { sampleIncident, sampleJob } from "../store/testing/samples.ts";
import { expireOnce } from "./expire.ts";
import type { JobEnd, JobHandler } from "./handler.ts";
import { investigateHandler } from "./investigate.ts";
import { announceHandler, notifyHandler } from "./notify.ts";
import { quickAnalyst } from "./testing/quick-analyst.ts";
import { backOffMs, worker } from "./worker.ts";

const quiet: Logger = { info() {}, warn() {}, error() {}, with: () => quiet };
const minute = 60_000;

async function open(handlers: readonly JobHandler[] = [], settings: object = {}) {
  let at = Date.parse("2026-03-02T10:00:00Z");
  let count = 0;
  const clock = { now: () => at };
  const ids = { next: (prefix: string) => `${prefix}_${String(++count).padStart(4, "0")}` };
  const store = await openSqliteStore({ path: ":memory:", clock, ids });
  const make = (given: readonly JobHandler[], owner = "w") =>
    worker({
      ...{ jobs: store.jobs, clock, logger: quiet, owner, handlers: given },
      settings: workSettingsSchema.parse(settings),
    });
  const pass = (ms: number) => {
    at += ms;
  };
  return { store, clock, make, pass, only: make(handlers) };
}

function handler(run: (job: Job, signal: AbortSignal) => Promise<JobEnd>, metered = false) {
  return { kind: "investigate", isMetered: metered, run } satisfies JobHandler;
}

describe("the worker", () => {
  it("tries again later what failed, until it is dead", async () => {
    const seen: number[] = [];
    const failing = handler(async (job) => {
      seen.push(job.attempts);
      throw new Error("no route to host");
    });
    const { store, only, pass } = await open([failing]);
    await store.jobs.enqueue(sampleJob("a", { attemptsMax: 3 }));
    for (let n = 0; n < 5; n += 1) {
      await only.once();
      pass(60 * minute);
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(await store.jobs.list("dead", 5)).toMatchObject([{ lastError: "no route to host" }]);
  });

  it("tells a job's own kind that it was given up, also when it died with its worker", async () => {
    const told: string[] = [];
    const dead = async (job: Job) => void told.push(job.key);
    const failing = { ...handler(() => Promise.reject(new Error("no"))), dead };
    const { store, only, pass } = await open([failing]);
    await store.jobs.enqueue(sampleJob("fails", { attemptsMax: 1 }));
    await only.once();
    await store.jobs.enqueue(sampleJob("dies", { attemptsMax: 1 }));
    await store.jobs.lease({ worker: "gone", kinds: ["investigate"], leaseMs: minute });
    pass(2 * minute);
    await only.once();
    await only.once();
    expect(told).toEqual(["fails", "dies"]);
  });

  it("does not try again what only a person can mend", async () => {
    const { store, only } = await open([
      handler(async () => {
        throw new UserError("Add `sources` to shodo.yaml");
      }),
    ]);
    await store.jobs.enqueue(sampleJob("a"));
    await store.jobs.enqueue(sampleJob("b", { kind: "unheard of" }));
    await only.once();
    expect(await store.jobs.list("dead", 5)).toMatchObject([
      { attempts: 1, lastError: "Add `sources` to shodo.yaml" },
    ]);
  });

  it("waits longer after each failure, ten minutes and a bit at most", () => {
    const waits = [1, 2, 3, 10, 20].map((attempts) => backOffMs({ id: "job_1", attempts }));
    expect(waits[0]).toBeGreaterThanOrEqual(2_000);
    expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
    expect(waits[4]).toBeLessThanOrEqual(10 * minute * 1.25);
    expect(backOffMs({ id: "job_2", attempts: 1 })).not.toBe(waits[0]);
  });

  it("holds metered jobs back at a ceiling of the hour, and only those", async () => {
    const costly = handler(async () => ({ kind: "done", costUsd: 3 }), true);
    const free: JobHandler = { ...costly, kind: "notify", isMetered: false };
    const { store, only, pass } = await open([costly, free], { perHour: { costUsd: 5 } });
    for (const key of ["a", "b", "c"]) await store.jobs.enqueue(sampleJob(key));
    await store.jobs.enqueue(sampleJob("n", { kind: "notify", priority: 9 }));
    await only.once();
    expect(await store.jobs.list("ready", 5)).toMatchObject([{ key: "c" }]);
    expect(only.status().ceiling).toBe("$6.00 spent in the last hour");
    pass(61 * minute);
    await only.once();
    expect(await store.jobs.list("ready", 5)).toEqual([]);
    expect(only.status().ceiling).toBeNull();
  });

  it("drains: lets a running job end, and takes no other", async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const { store, make } = await open([], { concurrency: 1 });
    const only = make([
      handler(async (job) => {
        stop.abort();
        await Promise.resolve();
        ended.push(job.key);
        return { kind: "done" };
      }),
    ]);
    await store.jobs.enqueue(sampleJob("a"));
    await store.jobs.enqueue(sampleJob("b"));
    await only.run(stop.signal);
    expect(ended).toEqual(["a"]);
    expect(await store.jobs.list("ready", 5)).toMatchObject([{ key: "b", attempts: 0 }]);
  });

  it("gives back unharmed what does not end in time", async () => {
    const stop = new AbortController();
    const { store, make } = await open([], { drainSeconds: 0 });
    const only = make([
      handler(() => {
        stop.abort();
        return new Promise(() => {});
      }),
    ]);
    await store.jobs.enqueue(sampleJob("a"));
    await only.run(stop.signal);
    expect(await store.jobs.list("ready", 5)).toMatchObject([{ key: "a", attempts: 0 }]);
  });
});

describe("an incident in the queue", () => {
  const notes: Note[] = [];
  const place: Notifier = {
    name: "pager",
    deliver: async (note) => {
      notes.push(note);
    },
  };
  const parts = async () => {
    const opened = await open();
    const { store, clock } = opened;
    const analyst = quickAnalyst({ store, clock });
    const notifiers = ["pager"];
    const handlers = [
      announceHandler({ jobs: store.jobs, clock, notifiers }),
      notifyHandler({ analyst, notifiers: [place] }),
      investigateHandler({ analyst, jobs: store.jobs, clock, notifiers }),
    ];
    return { ...opened, only: opened.make(handlers) };
  };
  const investigate = (incident: string) =>
    sampleJob(`investigate:${incident}`, { exclusive: incident, payload: { incident } });

  it("is announced, investigated and reported, each once", async () => {
    notes.length = 0;
    const { store, only } = await parts();
    await store.incidents.put(sampleIncident("inc_1"));
    const payload = { incident: "inc_1" };
    await store.jobs.enqueue(sampleJob("announce", { kind: "announce", payload, priority: 0 }));
    await store.jobs.enqueue(investigate("inc_1"));
    await only.once();
    expect(notes.map((note) => [note.what, note.report?.conclusion ?? null])).toEqual([
      ["headline", null],
      ["report", "likely"],
    ]);
    await store.jobs.enqueue({ ...investigate("inc_1"), key: "again" });
    await only.once();
    expect(notes).toHaveLength(2);
    expect((await store.incidents.get("inc_1"))?.state).toBe("reported");
  });

  it("goes on after the last step when its worker died", async () => {
    const { store, clock, make, pass } = await open();
    await store.incidents.put(sampleIncident("inc_1"));
    await store.jobs.enqueue(investigate("inc_1"));
    const died = quickAnalyst({
      ...{ store, clock },
      work: async () => {
        const steps = await store.steps.read("inv_inc_1", 0);
        if (steps.length === 3) await new Promise(() => {});
      },
    });
    const parts = { jobs: store.jobs, clock, notifiers: [] };
    void make([investigateHandler({ ...parts, analyst: died })], "dead").once();
    while ((await store.steps.read("inv_inc_1", 0)).length < 3) await Promise.resolve();
    pass(2 * minute);
    const alive = quickAnalyst({ store, clock });
    await make([investigateHandler({ ...parts, analyst: alive })], "alive").once();
    const steps = await store.steps.read("inv_inc_1", 0);
    expect(steps.map((step) => step.number)).toEqual([1, 2, 3, 4, 5]);
    expect((await store.incidents.get("inc_1"))?.state).toBe("reported");
  });

  it("is not worked on when it was merged or forgotten", async () => {
    const { store, only } = await parts();
    await store.incidents.put(sampleIncident("inc_1", { mergedInto: "inc_2" }));
    await store.jobs.enqueue(investigate("inc_1"));
    await store.jobs.enqueue(investigate("inc_9"));
    await only.once();
    expect(await store.reports.get("inc_1")).toBeNull();
    expect(await store.jobs.counts()).toEqual([{ kind: "investigate", state: "done", count: 2 }]);
  });
});

describe("expiry", () => {
  it("lets old jobs go once an hour, and writes down how many", async () => {
    const done = handler(async () => ({ kind: "done" }));
    const { store, clock, only, pass } = await open([done]);
    await store.jobs.enqueue(sampleJob("a"));
    await only.once();
    pass(30 * 24 * 60 * minute);
    const settings = retentionSettingsSchema.parse(undefined);
    const parts = { store, settings, clock, logger: quiet, owner: "w" };
    await expireOnce(parts);
    expect(await store.jobs.counts()).toEqual([]);
    expect(await store.audit.read(0, 5)).toMatchObject([
      { event: "retention-expire", detail: { jobs: 1 } },
    ]);
    await expireOnce({ ...parts, owner: "another" });
    expect(await store.audit.verify()).toMatchObject({ entries: 1 });
  });
});
