import { describe, expect, it } from "vitest";
import type { Logger } from "../../core/logger.ts";
import { openSqliteStore } from "../../store/sqlite.ts";
import { sampleAlarm, sampleJob } from "../../store/testing/samples.ts";
import { groupingLoop } from "./loop.ts";
import { groupingSettingsSchema } from "./settings.ts";
import { topologyOf } from "./topology.ts";

const quiet: Logger = { info() {}, warn() {}, error() {}, with: () => quiet };

async function open() {
  let at = Date.parse("2026-03-02T10:00:00Z");
  let count = 0;
  const clock = { now: () => at };
  const ids = { next: (prefix: string) => `${prefix}_${String(++count).padStart(4, "0")}` };
  const store = await openSqliteStore({ path: ":memory:", clock, ids });
  const topology = topologyOf([{ from: "web", to: "db", kind: "calls" }]);
  const loop = (owner: string) =>
    groupingLoop({
      ...{ store, clock, ids, logger: quiet, owner, topology: () => topology },
      settings: groupingSettingsSchema.parse({}),
    });
  const pass = (ms: number) => {
    at += ms;
  };
  const fire = (service: string, delivery: string) =>
    store.alarms.accept([
      {
        delivery,
        alarm: sampleAlarm(`${service} slow`, {
          service,
          summary: "",
          metric: service,
          name: service,
        }),
      },
    ]);
  return { store, loop, pass, fire };
}

describe("the grouping of a store", () => {
  it("is taken up by another process where the first one died", async () => {
    const { store, loop, pass, fire } = await open();
    const first = loop("a");
    await fire("db", "1");
    expect(await first.tick()).toBe(1);
    expect(await loop("b").tick()).toBe(0);
    pass(16_000);
    await fire("web", "2");
    const second = loop("b");
    expect(await second.tick()).toBe(1);
    pass(5_000);
    await second.tick();
    const [incident] = await store.incidents.list({ limit: 5 });
    expect(incident?.alarms.map((item) => item.alarm.service)).toEqual(["db", "web"]);
    expect(await store.alarms.counts()).toMatchObject({ joined: 2, pending: 0, gathered: 0 });
    expect(await first.tick()).toBe(0);
  });

  it("merges and splits incidents by jobs that people start", async () => {
    const { store, loop, pass, fire } = await open();
    const only = loop("a");
    await fire("db", "1");
    await fire("ads", "2");
    pass(5_000);
    await only.tick();
    const before = await store.incidents.list({ limit: 5 });
    const [incident = "", into = ""] = before.map((item) => item.id);
    const payload = { kind: "merge", incident, into };
    await store.jobs.enqueue(sampleJob("m", { kind: "regroup", payload }));
    const wrong = { kind: "merge", incident: "inc_x", into };
    await store.jobs.enqueue(sampleJob("w", { kind: "regroup", payload: wrong }));
    await only.tick();
    expect(await store.incidents.get(incident)).toMatchObject({ mergedInto: into });
    expect((await store.incidents.get(into))?.alarms).toHaveLength(2);
    expect(await store.jobs.list("dead", 5)).toMatchObject([{ key: "w" }]);
  });

  it("opens a new incident for alarms that come after theirs was forgotten", async () => {
    const { store, loop, pass, fire } = await open();
    const only = loop("a");
    await fire("db", "1");
    pass(5_000);
    await only.tick();
    const [old] = await store.incidents.list({ limit: 5 });
    await store.retention.forgetIncident(old?.id ?? "");
    await only.tick();
    await fire("db", "2");
    await only.tick();
    pass(5_000);
    await only.tick();
    const now = await store.incidents.list({ limit: 5 });
    expect(now.map((incident) => incident.id === old?.id)).toEqual([false]);
    expect(await store.alarms.counts()).toMatchObject({ erased: 1, joined: 1, pending: 0 });
  });

  it("decides anew after a round that could not be written", async () => {
    const { store, loop, pass, fire } = await open();
    const only = loop("a");
    await fire("db", "1");
    const { commit } = store.alarms;
    Object.assign(store.alarms, { commit: () => Promise.reject(new Error("disk full")) });
    await expect(only.tick()).rejects.toThrow("disk full");
    Object.assign(store.alarms, { commit });
    pass(5_000);
    await only.tick();
    expect(await store.incidents.list({ limit: 5 })).toHaveLength(1);
    expect(await store.alarms.counts()).toMatchObject({ joined: 1, pending: 0 });
  });
});
