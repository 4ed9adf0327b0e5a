import { describe, expect, it } from "vitest";
import type { AlarmQueue } from "../core/alarm-door.ts";
import type { Logger } from "../core/logger.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { alarmDoor, quarantine } from "./alarm-door.ts";
import { arrivalWriter } from "./arrival-writer.ts";
import { takeOnce } from "./poll-queue.ts";
import { eventbridge } from "./senders/eventbridge.ts";
import { sqs } from "./senders/sqs.ts";
import { now, posted, senderTools } from "./testing/sender-tools.ts";
import { metricAlarm, stateChangeEvent } from "./testing/sns-message.ts";

const quiet: Logger = { info() {}, warn() {}, error() {}, with: () => quiet };
const clock = { now: () => now };
const key = { "x-shodo-key": "secret of KEY" };

async function open() {
  let count = 0;
  const ids = { next: (prefix: string) => `${prefix}_${++count}` };
  const store = await openSqliteStore({ path: ":memory:", clock, ids });
  const settings = eventbridge.settings.parse({ kind: "eventbridge", secretFrom: "KEY" });
  const senders = [eventbridge.open(settings, senderTools())];
  const write = arrivalWriter(store.alarms);
  const parts = { senders, store: store.alarms, write, clock, logger: quiet };
  return { store, write, parts, door: alarmDoor(parts) };
}

describe("the alarm door", () => {
  it("answers 202 when the alarm is on disk, and tells repeats apart", async () => {
    const { door, store } = await open();
    const first = await door.receive("eventbridge", posted(stateChangeEvent, key));
    expect(first).toEqual({ status: 202, message: "On disk.", accepted: 1, duplicates: 0 });
    const second = await door.receive("eventbridge", posted(stateChangeEvent, key));
    expect(second).toMatchObject({ status: 202, accepted: 0, duplicates: 1 });
    expect(await store.alarms.pending(10)).toHaveLength(1);
  });

  it("puts what it refuses into quarantine, with the reason", async () => {
    const { door, store } = await open();
    expect(await door.receive("eventbridge", posted("{", key))).toMatchObject({ status: 422 });
    expect(await door.refuseOversized("eventbridge", 9_999_999)).toMatchObject({ status: 413 });
    const { total, newest } = await store.alarms.quarantined(5);
    expect(total).toBe(2);
    expect(newest.map((item) => [item.reason, item.bytes, item.body])).toEqual([
      ["The message is larger than 1048576 bytes.", 9_999_999, ""],
      ["The event is not a CloudWatch alarm state change.", 1, "{"],
    ]);
  });

  it("stops writing refused messages down when they come in floods", async () => {
    const { door, store } = await open();
    for (let n = 0; n < 200; n += 1) await door.receive("eventbridge", posted("{", key));
    expect((await store.alarms.quarantined(5)).total).toBe(120);
  });

  it("asks the sender to try again when the store is down", async () => {
    const { door, store } = await open();
    await store.close();
    const answer = await door.receive("eventbridge", posted(stateChangeEvent, key));
    expect(answer).toMatchObject({ status: 503, accepted: 0 });
    expect((await door.receive("unknown", posted({}))).status).toBe(404);
  });

  it("shares one write among many that come at once", async () => {
    const { store, write } = await open();
    let writes = 0;
    const counted = arrivalWriter({
      ...store.alarms,
      accept: (arrivals) => {
        writes += 1;
        return store.alarms.accept(arrivals);
      },
    });
    const settings = sqs.settings.parse({ kind: "sqs", queueUrl: "https://q.example/1" });
    const verdict = await sqs.open(settings, senderTools()).receive(posted(metricAlarm));
    const [arrival] = verdict.kind === "alarms" ? verdict.arrivals : [];
    if (!arrival) throw new Error("no alarm");
    const all = Array.from({ length: 1_000 }, (_, n) => [{ ...arrival, delivery: `d${n}` }]);
    const receipts = await Promise.all(all.map((arrivals) => counted(arrivals)));
    expect(new Set(receipts.map((item) => item[0]?.number)).size).toBe(1_000);
    expect(writes).toBeLessThanOrEqual(3);
    expect(await write([])).toEqual([]);
  });
});

describe("a queue of alarms", () => {
  it("deletes what is on disk or in quarantine, and leaves the rest", async () => {
    const { store, parts } = await open();
    const removed: string[] = [];
    const bodies = [JSON.stringify(metricAlarm), "broken", JSON.stringify(stateChangeEvent)];
    const queue: AlarmQueue = {
      name: "sqs",
      receive: async () => bodies.map((body, n) => ({ id: `m${n}`, receipt: `r${n}`, body })),
      remove: async (receipts) => void removed.push(...receipts),
      close: () => {},
    };
    const settings = sqs.settings.parse({ kind: "sqs", queueUrl: "https://q.example/1" });
    const sender = sqs.open(settings, senderTools());
    const { signal } = new AbortController();
    const poll = { ...parts, queue, sender, signal };
    const keep = quarantine(store.alarms, clock, quiet);
    expect(await takeOnce(poll, keep)).toBe(3);
    expect(removed).toEqual(["r0", "r1", "r2"]);
    expect(await store.alarms.pending(10)).toHaveLength(2);
    expect((await store.alarms.quarantined(5)).newest[0]?.reason).toContain("is not JSON");
    removed.length = 0;
    await takeOnce(poll, async () => false);
    expect(removed).toEqual(["r0", "r2"]);
  });
});
