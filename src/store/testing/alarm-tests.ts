import { expect, it } from "vitest";
import { emptyRound } from "../../core/intake.ts";
import { sampleAlarm, sampleIncident, sampleJob } from "./samples.ts";
import type { SuiteContext } from "./suite-context.ts";

const nothing = emptyRound();

/** What every engine must keep of alarms, across processes and crashes. */
export function alarmTests({ store, other, tamper }: SuiteContext): void {
  const arrival = (delivery: string) => ({ delivery, alarm: sampleAlarm(delivery) });

  it("records a delivery once, however often the sender repeats it", async () => {
    const first = await store().alarms.accept([arrival("d1"), arrival("d2")]);
    const second = await (await other()).alarms.accept([arrival("d2"), arrival("d3")]);
    expect(first.map((r) => r.kind)).toEqual(["accepted", "accepted"]);
    expect(second.map((r) => r.kind)).toEqual(["duplicate", "accepted"]);
    expect(second[0]?.number).toBe(first[1]?.number);
    const waiting = await store().alarms.pending(10);
    expect(waiting.map((item) => item.delivery)).toEqual(["d1", "d2", "d3"]);
    expect(waiting[0]?.alarm).toEqual(sampleAlarm("d1"));
  });

  it("writes a round of grouping whole: alarms, groups, incidents and jobs", async () => {
    await store().alarms.accept([arrival("d1"), arrival("d2"), arrival("d3")]);
    const [one, two, three] = (await store().alarms.pending(10)).map((item) => item.number);
    expect(await store().jobs.hold("grouping", "me", 1_000)).toBe(true);
    const done = await store().alarms.commit("me", {
      ...nothing,
      settlements: [
        {
          number: one ?? 0,
          disposition: "muted",
          group: "g",
          incident: "inc_1",
          reasons: ["new"],
        },
        { number: two ?? 0, disposition: "joined", group: "g", incident: "inc_1", reasons: [] },
      ],
      groups: [{ id: "g", incident: "inc_1", state: "open", updatedAt: 5, body: { n: 2 } }],
      opened: [sampleIncident("inc_1")],
      joins: [
        {
          incident: "inc_1",
          alarm: sampleAlarm("d2"),
          count: 1,
          firstAt: 1,
          lastAt: 2,
          reasons: [],
        },
      ],
      jobs: [sampleJob("investigate:inc_1")],
    });
    expect(done).toBe(true);
    expect((await store().alarms.pending(10)).map((item) => item.number)).toEqual([three]);
    expect(await store().alarms.groups()).toEqual([
      { id: "g", incident: "inc_1", state: "open", updatedAt: 5, body: { n: 2 } },
    ]);
    const incident = await store().incidents.get("inc_1");
    expect(incident?.alarms.map((item) => item.alarm.fingerprint)).toEqual(["d2"]);
    expect(await store().jobs.list("ready", 10)).toHaveLength(1);
    expect(await store().alarms.counts()).toMatchObject({ muted: 1, joined: 1, pending: 1 });
    const log = await store().alarms.of({ incident: "inc_1" }, 10);
    expect(log.map((item) => [item.number, item.disposition, item.reasons])).toEqual([
      [one, "muted", ["new"]],
      [two, "joined", []],
    ]);
  });

  it("refuses a round from a process that lost the lease, and writes nothing of it", async () => {
    await store().alarms.accept([arrival("d1")]);
    await store().jobs.hold("grouping", "somebody else", 1_000);
    const round = { ...nothing, opened: [sampleIncident("inc_1")] };
    expect(await store().alarms.commit("me", round)).toBe(false);
    expect(await store().incidents.get("inc_1")).toBeNull();
  });

  it("settles the alarms that waited in a group when it becomes an incident", async () => {
    await store().alarms.accept([arrival("d1"), arrival("d2")]);
    await store().jobs.hold("grouping", "me", 1_000);
    const gathered = (number: number) => ({
      number,
      disposition: "gathered" as const,
      group: "g",
      incident: null,
      reasons: [],
    });
    const numbers = (await store().alarms.pending(10)).map((item) => item.number);
    await store().alarms.commit("me", { ...nothing, settlements: numbers.map(gathered) });
    expect(await store().alarms.counts()).toMatchObject({ gathered: 2 });
    await store().alarms.commit("me", {
      ...nothing,
      release: [{ group: "g", disposition: "joined", incident: "inc_1" }],
    });
    expect(await store().alarms.counts()).toMatchObject({ gathered: 0, joined: 2 });
    expect(await store().alarms.of({ incident: "inc_1" }, 10)).toHaveLength(2);
  });

  it("moves alarms and marks incidents when groups are merged, split and over", async () => {
    await store().alarms.accept([arrival("d1"), arrival("d2")]);
    await store().jobs.hold("grouping", "me", 1_000);
    await store().jobs.enqueue(sampleJob("j", { exclusive: "inc_1" }));
    const [one, two] = (await store().alarms.pending(10)).map((item) => item.number);
    const joined = { disposition: "joined", group: "g", incident: "inc_1", reasons: [] } as const;
    const alarms = ["d1", "d2"].map((name) => ({
      ...{ alarm: sampleAlarm(name), count: 1, firstAt: 1, lastAt: 2, reasons: [] },
    }));
    await store().alarms.commit("me", {
      ...nothing,
      settlements: [
        { number: one ?? 0, ...joined },
        { number: two ?? 0, ...joined },
      ],
      opened: [sampleIncident("inc_1", { alarms }), sampleIncident("inc_2", { state: "reported" })],
    });
    await store().alarms.commit("me", {
      ...nothing,
      moved: [{ from: "g", to: "h", incident: "inc_2", fingerprints: ["d2"] }],
      parted: [{ incident: "inc_1", fingerprints: ["d2"] }],
      merged: [{ incident: "inc_1", into: "inc_2" }],
      resolved: [{ incident: "inc_2", at: 9 }],
    });
    const moved = await store().alarms.of({ incident: "inc_2" }, 10);
    expect(moved.map((item) => item.delivery)).toEqual(["d2"]);
    expect(await store().incidents.get("inc_1")).toMatchObject({
      state: "cancelled",
      mergedInto: "inc_2",
      alarms: [{ alarm: { fingerprint: "d1" } }],
    });
    expect(await store().incidents.get("inc_2")).toMatchObject({
      state: "resolved",
      resolvedAt: 9,
    });
    expect(await store().jobs.list("ready", 5)).toEqual([]);
  });

  it("forgets a closed group when asked for the live ones", async () => {
    await store().jobs.hold("grouping", "me", 1_000);
    const group = { id: "g", incident: null, updatedAt: 1, body: {} };
    await store().alarms.commit("me", { ...nothing, groups: [{ ...group, state: "gathering" }] });
    expect(await store().alarms.groups()).toHaveLength(1);
    await store().alarms.commit("me", { ...nothing, groups: [{ ...group, state: "closed" }] });
    expect(await store().alarms.groups()).toEqual([]);
  });

  it("keeps the newest refused messages, cut to size", async () => {
    const refused = (n: number) => ({
      at: n,
      sender: "sns",
      reason: "the signature does not match",
      bytes: 9_000,
      body: `${n}\u0000${"x".repeat(8_998)}`,
    });
    await store().alarms.quarantine(refused(1));
    await store().alarms.quarantine(refused(2));
    const { total, newest } = await store().alarms.quarantined(1);
    expect(total).toBe(2);
    expect(newest[0]).toMatchObject({ at: 2, sender: "sns", bytes: 9_000 });
    expect(newest[0]?.body).toHaveLength(4_000);
    expect(await store().alarms.counts()).toMatchObject({ pending: 0 });
  });

  it("does not mistake SQL in an alarm for SQL", async () => {
    const evil = `'); DROP TABLE arrivals; -- ? $1`;
    await store().alarms.accept([{ delivery: evil, alarm: sampleAlarm(evil) }]);
    expect((await store().alarms.pending(1))[0]?.delivery).toBe(evil);
    await tamper("UPDATE arrivals SET received_at = received_at");
  });
}
