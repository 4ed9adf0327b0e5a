import { webApi } from "@slack/bolt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../platform/logger.ts";
import { slackRates } from "../testing/double/rates.ts";
import { ManualTime, settle } from "../testing/manual-time.ts";
import { Outbox, type OutCall, outboxLimits, type Transmit } from "./outbox.ts";

function openOutbox(answer: Transmit = async () => ({ ok: true, ts: "1.1" })) {
  const time = new ManualTime();
  const sent: { method: string; channel: unknown; args: OutCall["args"]; at: number }[] = [];
  const outbox = new Outbox({
    clock: time,
    timers: time,
    logger: silentLogger,
    transmit: (method, args) => {
      sent.push({ method, channel: args.channel, args, at: time.now() });
      return answer(method, args);
    },
  });
  return { time, sent, outbox };
}

const post = (channel: string, text: string): OutCall => ({
  method: "chat.postMessage",
  args: { channel, text },
  channel,
  lane: `${channel}:${text}`,
  rank: 0,
});

const edit = (text: string, rank: 0 | 1 | 2 = 1): OutCall => ({
  method: "chat.update",
  args: { channel: "C1", ts: "1.1", text },
  channel: "C1",
  lane: "C1:1.1",
  rank,
  replaces: "update:C1:1.1",
});

describe("the outbox", () => {
  it("keeps within Slack's rates whatever it is given", async () => {
    const method = fc.constantFrom("chat.postMessage", "chat.update", "chat.startStream");
    const call = fc.record({ method, channel: fc.constantFrom("C1", "C2"), after: fc.nat(400) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 50, maxLength: 300 }), async (calls) => {
        const { time, sent, outbox } = openOutbox();
        for (const [i, one] of calls.entries()) {
          const { channel, method } = one;
          void outbox.send({ method, channel, args: { channel }, lane: `${i}`, rank: 0 });
          if (i % 10 === 0) await time.pass(one.after);
        }
        await time.pass(1_200_000);
        expect(sent).toHaveLength(calls.length);
        for (const { method, at, channel } of sent) {
          const within = (ms: number) =>
            sent.filter((one) => one.method === method && one.at > at - ms && one.at <= at);
          expect(within(60_000).length).toBeLessThanOrEqual(slackRates[method] ?? 100);
          if (method !== "chat.postMessage") continue;
          const here = within(10_000).filter((one) => one.channel === channel);
          expect(here.length).toBeLessThanOrEqual(11);
        }
      }),
      { numRuns: 15 },
    );
  });

  it("lets the latest state win, and always sends the last one", async () => {
    let release: (() => void)[] = [];
    const { sent, outbox } = openOutbox(
      () => new Promise((resolve) => release.push(() => resolve({ ok: true }))),
    );
    const outcomes = Array.from({ length: 20 }, (_, i) => outbox.send(edit(`state ${i}`)));
    const last = outbox.send(edit("final", 0));
    await settle();
    for (let i = 0; i < 5; i += 1) {
      for (const one of release.splice(0)) one();
      await settle();
    }
    expect(sent.map((one) => one.args.text)).toEqual(["state 0", "final"]);
    expect((await last).kind).toBe("sent");
    expect((await Promise.all(outcomes)).filter((one) => one.kind === "dropped")).toHaveLength(19);
    release = [];
  });

  it("sends what is final at once while hundreds of passing states wait", async () => {
    const { time, sent, outbox } = openOutbox();
    const of = (ts: number, text: string, rank: 0 | 1): OutCall => ({
      ...edit(text, rank),
      args: { channel: "C1", ts, text },
      lane: `C1:${ts}`,
      replaces: `update:C1:${ts}`,
    });
    for (let i = 0; i < 300; i += 1) void outbox.send(of(i, "passing", 1));
    await time.pass(90_000);
    const before = time.now();
    for (let i = 290; i < 298; i += 1) void outbox.send(of(i, "final", 0));
    await time.pass(3_000);
    const finals = sent.filter((one) => one.args.text === "final");
    expect(finals.map((one) => one.at - before < 3_000)).toEqual(Array(8).fill(true));
    await time.pass(600_000);
    expect(outbox.size).toBe(0);
    const replaced = sent.filter(
      (one) => Number(one.args.ts) >= 290 && one.args.text === "passing",
    );
    expect(replaced.filter((one) => Number(one.args.ts) < 298)).toEqual([]);
  });

  it("never has two calls for one message under way", async () => {
    let underWay = 0;
    let most = 0;
    const { outbox } = openOutbox(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await settle();
      underWay -= 1;
      return { ok: true };
    });
    const calls = Array.from({ length: 8 }, (_, i) => ({
      ...edit(`chunk ${i}`),
      method: "chat.appendStream",
    })).map(({ replaces: _, ...call }) => outbox.send(call));
    await Promise.all(calls);
    expect(most).toBe(1);
  });

  it("waits as long as Slack says after a 429, and then goes on in order", async () => {
    let isFirst = true;
    const { time, sent, outbox } = openOutbox(async () => {
      if (!isFirst) return { ok: true, ts: "1.1" };
      isFirst = false;
      throw new webApi.WebAPIRateLimitedError(7);
    });
    const done = [outbox.send(post("C1", "a")), outbox.send(post("C1", "b"))];
    await time.pass(6_900);
    expect(sent.filter((one) => one.args.text === "a")).toHaveLength(1);
    await time.pass(5_000);
    expect((await Promise.all(done)).map((one) => one.kind)).toEqual(["sent", "sent"]);
    expect(sent.findLast((one) => one.args.text === "a")?.at).toBeGreaterThanOrEqual(1_007_000);
  });

  it("gives up on what Slack refuses, at once, and on silence after a few tries", async () => {
    const refusing = openOutbox(async () => {
      throw new webApi.WebAPIPlatformError({ ok: false, error: "channel_not_found" });
    });
    expect(await refusing.outbox.send(post("C1", "a"))).toMatchObject({
      kind: "refused",
      error: "channel_not_found",
    });
    expect(refusing.sent).toHaveLength(1);
    const silent = openOutbox(async () => {
      throw new Error("socket hang up");
    });
    const outcome = silent.outbox.send(post("C1", "a"));
    await silent.time.pass(120_000);
    expect(await outcome).toMatchObject({ kind: "refused", error: "unreachable" });
    expect(silent.sent).toHaveLength(outboxLimits.attemptsMax);
  });

  it("sends what matters before what decorates", async () => {
    const { time, sent, outbox } = openOutbox();
    for (let i = 0; i < 60; i += 1) {
      void outbox.send({ ...post("C1", `decoration ${i}`), rank: 2 });
    }
    void outbox.send(post("C1", "the report"));
    await time.pass(4_000);
    const place = sent.findIndex((one) => one.args.text === "the report");
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThan(6);
  });
});
