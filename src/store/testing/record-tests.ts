import { expect, it } from "vitest";
import { localPrincipal } from "../../core/principal.ts";
import { joined, sampleIncident, sampleReport, sampleStep } from "./samples.ts";
import type { SuiteContext } from "./suite-context.ts";

/** What every engine must keep of incidents, steps, reports and the rest. */
export function recordTests({ store, other, clock }: SuiteContext): void {
  it("gives back an incident as it was written, to other processes too", async () => {
    const incident = sampleIncident("inc_1", { alarms: [joined("a", 2)], title: "決済が遅い ⚡" });
    await store().incidents.put(incident);
    expect(await (await other()).incidents.get("inc_1")).toEqual(incident);
    expect(await store().incidents.get("inc_2")).toBeNull();
  });

  it("lists the newest incidents first, by page, state and service", async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      const state = n % 2 === 0 ? "reported" : "queued";
      const service = n === 5 ? "web" : "checkout";
      const openedAt = 1_000 * Math.ceil(n / 2);
      await store().incidents.put(sampleIncident(`inc_${n}`, { state, service, openedAt }));
    }
    const ids = async (filter: Parameters<ReturnType<typeof store>["incidents"]["list"]>[0]) =>
      (await store().incidents.list(filter)).map((incident) => incident.id);
    expect(await ids({ limit: 3 })).toEqual(["inc_5", "inc_4", "inc_3"]);
    expect(await ids({ limit: 3, before: "inc_4" })).toEqual(["inc_3", "inc_2", "inc_1"]);
    expect(await ids({ limit: 9, states: ["reported"] })).toEqual(["inc_4", "inc_2"]);
    expect(await ids({ limit: 9, service: "web" })).toEqual(["inc_5"]);
    expect(await ids({ limit: 9, states: [] })).toEqual([]);
  });

  it("does not lose an alarm that joined while somebody held an older copy", async () => {
    const old = sampleIncident("inc_1", { alarms: [joined("a", 1)] });
    await store().incidents.put(old);
    await store().incidents.update("inc_1", (incident) => ({
      ...incident,
      alarms: [joined("a", 3), joined("b", 1)],
    }));
    await store().incidents.put({ ...old, state: "reported" });
    const now = await store().incidents.get("inc_1");
    expect(now?.state).toBe("reported");
    expect(now?.alarms.map((a) => [a.alarm.fingerprint, a.count])).toEqual([
      ["a", 3],
      ["b", 1],
    ]);
  });

  it("names what was written after a revision, to other processes too", async () => {
    const second = await other();
    expect(await second.incidents.revision()).toBe(0);
    await store().incidents.put(sampleIncident("inc_1"));
    await store().incidents.put(sampleIncident("inc_2"));
    const revision = await second.incidents.revision();
    expect(await second.incidents.changedSince(revision)).toEqual([]);
    await store().incidents.update("inc_1", (before) => ({ ...before, title: "again" }));
    const changed = await second.incidents.changedSince(revision);
    expect(changed.map(({ id }) => id)).toEqual(["inc_1"]);
    expect(changed[0]?.revision).toBeGreaterThan(revision);
    const all = await second.incidents.changedSince(0);
    expect(all.map(({ id }) => id)).toEqual(["inc_2", "inc_1"]);
  });

  it("applies every one of many updates made at the same time", async () => {
    const second = await other();
    await store().incidents.put(sampleIncident("inc_1", { title: "0" }));
    const add = (s: typeof second) =>
      s.incidents.update("inc_1", (i) => ({ ...i, title: String(Number(i.title) + 1) }));
    await Promise.all(Array.from({ length: 20 }, (_, n) => add(n % 2 ? store() : second)));
    expect((await store().incidents.get("inc_1"))?.title).toBe("20");
    expect(await store().incidents.update("inc_9", (i) => i)).toBeNull();
  });

  it("lets one of many claim an idempotency key", async () => {
    const second = await other();
    const answers = await Promise.all([
      store().incidents.claim("k", "inc_a"),
      second.incidents.claim("k", "inc_b"),
      store().incidents.claim("k", "inc_c"),
    ]);
    expect(answers.filter((answer) => answer === null)).toHaveLength(1);
    const winner = await store().incidents.claim("k", "inc_d");
    expect(answers.filter((answer) => answer !== null)).toEqual([winner, winner]);
  });

  it("keeps steps in order and reads on from a number", async () => {
    await store().steps.append("run_1", [sampleStep(1, "one"), sampleStep(2, "two")]);
    await store().steps.append("run_1", [sampleStep(3, "three")]);
    await store().steps.append("run_2", [sampleStep(1, "elsewhere")]);
    const texts = async (after: number) =>
      (await (await other()).steps.read("run_1", after)).map((s) => s.kind === "note" && s.text);
    expect(await texts(0)).toEqual(["one", "two", "three"]);
    expect(await texts(2)).toEqual(["three"]);
  });

  it("refuses to write a step twice, and then writes none of the batch", async () => {
    await store().steps.append("run_1", [sampleStep(1, "one")]);
    const again = store().steps.append("run_1", [sampleStep(2, "two"), sampleStep(1, "other")]);
    await expect(again).rejects.toThrow();
    expect(await store().steps.read("run_1", 0)).toEqual([sampleStep(1, "one")]);
  });

  it("gives the newest report of an incident", async () => {
    expect(await store().reports.get("inc_1")).toBeNull();
    await store().reports.put("inc_1", "run_1", sampleReport("rep_1"));
    clock.advance(10);
    await store().reports.put("inc_1", "run_2", sampleReport("rep_2"));
    expect(await store().reports.get("inc_1")).toEqual(sampleReport("rep_2"));
  });

  it("keeps bytes by handle", async () => {
    const body = new Uint8Array([0, 1, 254, 255]);
    await store().blobs.put("h1", "run_1", "image/png", body);
    const kept = await store().blobs.get("h1");
    expect(kept?.contentType).toBe("image/png");
    expect([...(kept?.body ?? [])]).toEqual([0, 1, 254, 255]);
    expect(await store().blobs.get("h2")).toBeNull();
  });

  it("keeps the small state of faces", async () => {
    const { face } = store();
    await face.put("thread:1", { ts: "1.2" });
    await face.put("thread:2", [1, 2]);
    await face.put("threat", "not in the list");
    await face.put("thread:1", { ts: "1.3" });
    expect(await face.get("thread:1")).toEqual({ ts: "1.3" });
    expect(await face.list("thread:")).toEqual([
      { key: "thread:1", value: { ts: "1.3" } },
      { key: "thread:2", value: [1, 2] },
    ]);
    await face.delete("thread:1");
    expect(await face.get("thread:1")).toBeNull();
  });

  it("says once per key, until its time is over", async () => {
    const second = await other();
    const firsts = await Promise.all([
      store().face.once("event", 1_000),
      second.face.once("event", 1_000),
      store().face.once("event", 1_000),
    ]);
    expect(firsts.filter(Boolean)).toHaveLength(1);
    clock.advance(1_001);
    expect(await store().face.once("event", 1_000)).toBe(true);
    expect(await store().face.once("event", 1_000)).toBe(false);
  });

  it("keeps feedback in the order it came", async () => {
    const feedback = (reason: string) => ({
      incident: "inc_1",
      by: localPrincipal,
      verdict: "helpful" as const,
      reason,
      at: 1,
    });
    await store().feedback.add(feedback("first"));
    await store().feedback.add(feedback("second"));
    expect(await store().feedback.list("inc_1")).toEqual([feedback("first"), feedback("second")]);
    expect(await store().feedback.list("inc_2")).toEqual([]);
  });
}
