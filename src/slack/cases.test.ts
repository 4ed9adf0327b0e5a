import { describe, expect, it } from "vitest";
import { randomIds } from "../platform/ids.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { Cases, type NewCase } from "./cases.ts";
import { ShiftClock } from "./testing/shift-clock.ts";

const day = 86_400_000;

function caseOf(incident: string, isFinished: boolean): NewCase {
  return {
    ...{ incident, channel: "C1", thread: `${incident}.1`, isDirect: false, headline: null },
    ...{ wantsHeadline: false, live: null, report: null, recipient: null, language: "en" },
    ...{ askedBy: null, stoppedBy: null, charts: "native", chartFile: null, marked: null },
    ...{ hasSession: false, isFinished },
  };
}

async function openCases() {
  const clock = new ShiftClock();
  const store = await openSqliteStore({ path: ":memory:", clock, ids: randomIds(clock) });
  return { clock, store, cases: new Cases(store.face, clock) };
}

describe("the memory of threads", () => {
  it("lets go of finished ones that nobody touched for long, and of nothing that is open", async () => {
    const { clock, store, cases } = await openCases();
    await cases.put(caseOf("old", true));
    await cases.put(caseOf("open", false));
    await cases.put(caseOf("asked", true));
    await store.face.put("slack:answer:C1:1", { ts: "1", at: clock.now() });
    clock.shift(60 * day);
    await cases.change("asked", { retries: 1 });
    await store.face.put("slack:answer:C1:2", { ts: "2", at: clock.now() + 40 * day });
    clock.shift(40 * day);
    expect(await cases.prune(90 * day)).toBe(1);
    expect(await cases.get("old")).toBeNull();
    expect(await cases.ofThread("C1", "old.1")).toBeNull();
    expect((await cases.ofThread("C1", "open.1"))?.incident).toBe("open");
    expect((await cases.get("asked"))?.retries).toBe(1);
    expect((await store.face.list("slack:thread:")).map(({ value }) => value)).toEqual([
      "asked",
      "open",
    ]);
    expect(await store.face.list("slack:answer:")).toHaveLength(1);
    await store.close();
  });

  it("remembers no more than its limit, oldest finished first", async () => {
    const { clock, store, cases } = await openCases();
    for (let i = 0; i < 5_003; i += 1) {
      const incident = `c${String(i).padStart(4, "0")}`;
      const record = { ...caseOf(incident, i > 0), survivor: null, retries: 0 };
      await store.face.put(`slack:case:${incident}`, { ...record, touchedAt: clock.now() + i });
    }
    expect(await cases.prune(90 * day)).toBe(3);
    expect(await cases.get("c0000")).not.toBeNull();
    expect(await cases.get("c0001")).toBeNull();
    expect(await cases.get("c0003")).toBeNull();
    expect(await cases.get("c0004")).not.toBeNull();
    await store.close();
  }, 60_000);
});
