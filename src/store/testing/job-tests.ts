import { expect, it } from "vitest";
import { sampleJob } from "./samples.ts";
import { type SuiteContext, suiteStart } from "./suite-context.ts";

const minute = 60_000;

/** What every engine must keep of the queue: order, leases, retries. */
export function jobTests({ store, other, clock }: SuiteContext): void {
  const lease = (worker: string, s = store()) =>
    s.jobs.lease({ worker, kinds: ["investigate"], leaseMs: minute });

  it("enqueues a key once", async () => {
    expect(await store().jobs.enqueue(sampleJob("a"))).toBe("queued");
    expect(await store().jobs.enqueue(sampleJob("a"))).toBe("already");
    const job = await lease("w1");
    await store().jobs.finish(job?.id ?? "", "w1");
    expect(await store().jobs.enqueue(sampleJob("a"))).toBe("already");
    expect(await lease("w1")).toBeNull();
  });

  it("gives the most urgent job first, and none before its time", async () => {
    const now = clock.now();
    await store().jobs.enqueue(sampleJob("later", { priority: 0, runAt: now + minute }));
    await store().jobs.enqueue(sampleJob("plain", { priority: 5, runAt: now }));
    await store().jobs.enqueue(sampleJob("urgent", { priority: 1, runAt: now }));
    await store().jobs.enqueue(sampleJob("other kind", { kind: "notify", priority: 0, runAt: 0 }));
    expect((await lease("w"))?.key).toBe("urgent");
    expect((await lease("w"))?.key).toBe("plain");
    expect(await lease("w")).toBeNull();
    clock.advance(minute);
    expect((await lease("w"))?.key).toBe("later");
  });

  it("gives each job to one of many workers", async () => {
    const second = await other();
    for (let n = 0; n < 20; n += 1) await store().jobs.enqueue(sampleJob(`job ${n}`));
    const workers = Array.from({ length: 30 }, (_, n) =>
      lease(`w${n}`, n % 2 === 0 ? store() : second),
    );
    const taken = (await Promise.all(workers)).filter((job) => job !== null);
    const rest = [];
    for (let job = await lease("late"); job; job = await lease("late")) rest.push(job);
    const keys = [...taken, ...rest].map((job) => job.key);
    expect(keys).toHaveLength(20);
    expect(new Set(keys).size).toBe(20);
  });

  it("never runs two jobs of one incident at the same time", async () => {
    const second = await other();
    for (const key of ["a", "b", "c"]) {
      await store().jobs.enqueue(sampleJob(key, { exclusive: "inc_1" }));
    }
    const taken = await Promise.all([lease("w1"), lease("w2", second), lease("w3")]);
    const [job] = taken.filter((item) => item !== null);
    expect(taken.filter((item) => item !== null)).toHaveLength(1);
    expect(await lease("w4")).toBeNull();
    expect(await store().jobs.finish(job?.id ?? "", job?.leasedBy ?? "")).toBe(true);
    expect((await lease("w4"))?.exclusive).toBe("inc_1");
  });

  it("gives a job away again when its worker is silent, and ignores the silent one", async () => {
    await store().jobs.enqueue(sampleJob("a"));
    const first = await lease("w1");
    clock.advance(minute / 2);
    expect(await store().jobs.renew(first?.id ?? "", "w1", minute)).toBe(true);
    clock.advance(minute - 1);
    expect(await lease("w2")).toBeNull();
    clock.advance(2);
    const second = await lease("w2");
    expect(second).toMatchObject({ key: "a", attempts: 2, leasedBy: "w2" });
    expect(await store().jobs.renew(first?.id ?? "", "w1", minute)).toBe(false);
    expect(await store().jobs.finish(first?.id ?? "", "w1")).toBe(false);
    expect(await store().jobs.fail(first?.id ?? "", "w1", "late", null)).toBe("lost");
    expect(await store().jobs.finish(first?.id ?? "", "w2")).toBe(true);
  });

  it("retries a failed job at its time, then keeps it among the dead", async () => {
    await store().jobs.enqueue(sampleJob("a", { attemptsMax: 2 }));
    const first = await lease("w");
    const retryAt = clock.now() + minute;
    expect(await store().jobs.fail(first?.id ?? "", "w", "no route", retryAt)).toBe("retry");
    expect(await lease("w")).toBeNull();
    clock.advance(minute);
    const second = await lease("w");
    expect(second).toMatchObject({ attempts: 2, lastError: "no route" });
    expect(await store().jobs.fail(first?.id ?? "", "w", "again", retryAt)).toBe("dead");
    expect(await store().jobs.list("dead", 5)).toMatchObject([{ key: "a", lastError: "again" }]);
    expect(await store().jobs.revive(first?.id ?? "")).toBe(true);
    expect(await lease("w")).toMatchObject({ key: "a", attempts: 1 });
  });

  it("declares a job dead that takes its worker down each time", async () => {
    await store().jobs.enqueue(sampleJob("poison", { attemptsMax: 2 }));
    await lease("w1");
    clock.advance(minute + 1);
    await lease("w2");
    clock.advance(minute + 1);
    expect(await lease("w3")).toBeNull();
    const [dead] = await store().jobs.list("dead", 5);
    expect(dead?.lastError).toBe("the worker died while it ran, each time");
  });

  it("lets a job wait longer after each death of its worker, and other work go first", async () => {
    await store().jobs.enqueue(sampleJob("poison", { attemptsMax: 99, priority: 0 }));
    await store().jobs.enqueue(sampleJob("other", { priority: 5 }));
    const die = async () => {
      const job = await lease("w");
      await store().jobs.abandon("w");
      return job?.key;
    };
    expect([await die(), await die(), await die()]).toEqual(["poison", "poison", "poison"]);
    expect(await die()).toBe("poison");
    expect(await die()).toBe("other");
    clock.advance(2_000);
    expect(await die()).toBe("poison");
    clock.advance(3_999);
    expect(await die()).toBe("other");
    clock.advance(1);
    expect(await die()).toBe("poison");
    for (let n = 0; n < 20; n += 1) {
      clock.advance(10 * minute);
      expect(await die()).toBe("poison");
    }
  });

  it("begins the attempts anew for a job that gets further, though its worker dies each time", async () => {
    await store().jobs.enqueue(sampleJob("slow", { attemptsMax: 2 }));
    for (let life = 0; life < 5; life += 1) {
      const job = await lease("w");
      expect(job?.attempts).toBe(life === 0 ? 1 : 2);
      expect(await store().jobs.progress(job?.id ?? "", "other")).toBe(false);
      expect(await store().jobs.progress(job?.id ?? "", "w")).toBe(true);
      clock.advance(minute + 1);
    }
  });

  it("takes a job back from a draining worker without costing an attempt", async () => {
    await store().jobs.enqueue(sampleJob("a"));
    const job = await lease("w1");
    expect(await store().jobs.release(job?.id ?? "", "w1")).toBe(true);
    expect(await lease("w2")).toMatchObject({ attempts: 1 });
    expect(await store().jobs.counts()).toEqual([
      { kind: "investigate", state: "leased", count: 1 },
    ]);
  });

  it("takes at once what an owner held that is known to be dead", async () => {
    await store().jobs.enqueue(sampleJob("a"));
    await lease("dead");
    await store().jobs.hold("grouping", "dead", minute);
    await store().jobs.hold("retention", "alive", minute);
    expect([...(await store().jobs.owners())].sort()).toEqual(["alive", "dead"]);
    await store().jobs.abandon("dead");
    expect(await lease("next")).toMatchObject({ key: "a", attempts: 2 });
    expect(await store().jobs.hold("grouping", "next", minute)).toBe(true);
    expect(await store().jobs.hold("retention", "next", minute)).toBe(false);
  });

  it.each([1, 24])(
    "does not wait for a time that a clock wrote that was %i h ahead",
    async (hours) => {
      const ahead = hours * 60 * minute;
      clock.advance(ahead);
      await store().jobs.enqueue(sampleJob("later", { runAt: clock.now() }));
      await store().jobs.enqueue(sampleJob("taken", { runAt: clock.now(), priority: 0 }));
      expect((await lease("ahead"))?.key).toBe("taken");
      await store().jobs.hold("grouping", "ahead", minute);
      clock.advance(-ahead);
      expect((await lease("right"))?.key).toBe("taken");
      expect((await lease("right"))?.key).toBe("later");
      expect(await store().jobs.hold("grouping", "right", minute)).toBe(true);
    },
  );

  it("adds up what was spent since a time", async () => {
    await store().jobs.spend("investigate", 0.5);
    clock.advance(minute);
    const since = clock.now();
    await store().jobs.spend("investigate", 0.25);
    await store().jobs.spend("investigate", 0.25);
    expect(await store().jobs.spentSince(since)).toEqual([
      { kind: "investigate", runs: 2, costUsd: 0.5 },
    ]);
    expect((await store().jobs.spentSince(suiteStart))[0]?.runs).toBe(3);
  });

  it("lets one process hold a named lease until it lets go or falls silent", async () => {
    const second = await other();
    expect(await store().jobs.hold("grouping", "a", minute)).toBe(true);
    expect(await store().jobs.hold("grouping", "a", minute)).toBe(true);
    expect(await second.jobs.hold("grouping", "b", minute)).toBe(false);
    await second.jobs.letGo("grouping", "b");
    expect(await second.jobs.hold("grouping", "b", minute)).toBe(false);
    await store().jobs.letGo("grouping", "a");
    expect(await second.jobs.hold("grouping", "b", minute)).toBe(true);
    clock.advance(minute);
    expect(await store().jobs.hold("grouping", "a", minute)).toBe(true);
  });
}
