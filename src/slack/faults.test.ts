import { describe, expect, it } from "vitest";
import { signingSecret } from "./testing/double/delivery.ts";
import type { DoubleMessage } from "./testing/double/workspace.ts";
import { sampleReport } from "./testing/sample-report.ts";
import { ShiftClock } from "./testing/shift-clock.ts";
import type { Stage } from "./testing/stage.ts";
import { marked, reportOf, seen, shows, usingStage } from "./testing/using-stage.ts";

const open = usingStage();

async function ask(stage: Stage, text = "what broke?") {
  const { message } = await stage.double.user("U0ANA0001").mention("C0SHOP001", text);
  await stage.double.until(() => stage.analyst.all.some((one) => one.title === text), "a run");
  return { message, id: stage.analyst.all.find((one) => one.title === text)?.id ?? "" };
}

function streams(stage: Stage) {
  return stage.double.workspace.messages.filter((one) => one.stream !== null);
}

function mentionEvent({ text, ts, channel }: DoubleMessage) {
  return { type: "app_mention", user: "U0ANA0001", text, ts, channel, event_ts: ts };
}

describe.each(["socket", "http"] as const)("when Slack has had enough, over %s", (transport) => {
  it("waits as long as Retry-After says, and the report still arrives, once", async () => {
    const stage = await open({ transport });
    stage.double.faults.next("chat.postMessage", { kind: "rate-limited", retryAfter: 1 }, 2);
    const started = performance.now();
    const { message } = await ask(stage);
    const report = await reportOf(stage, message);
    expect(performance.now() - started).toBeGreaterThan(2_000);
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
    // What was posted is not sent once more as an edit: only the owner is news.
    await stage.double.user("U0ANA0001").click(report, "Acknowledge");
    await shows(stage, report, "Acknowledged by");
    expect(report.history).toHaveLength(2);
  });

  it("does not post again what it had done when its answer was lost", async () => {
    const stage = await open({ transport });
    const { message, id } = await ask(stage);
    stage.double.faults.next("chat.postMessage", { kind: "lost-answer" });
    const report = await reportOf(stage, message);
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
    expect(await stage.store.face.get(`slack:case:${id}`)).toMatchObject({
      report: { ts: report.ts },
    });
  });

  it("tries again when it does not answer, or answers 5xx", async () => {
    const stage = await open({ transport });
    stage.double.faults.next("chat.postMessage", { kind: "hang-up" });
    stage.double.faults.next("chat.postMessage", { kind: "http", status: 503 });
    const { message } = await ask(stage);
    await reportOf(stage, message);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });
});

describe.each(["socket", "http"] as const)("streams, with events over %s,", (transport) => {
  it("rotate before they expire, and lose nothing", async () => {
    const clock = new ShiftClock();
    const stage = await open({
      transport,
      script: { pace: "manual" },
      face: { clock },
      double: { clock },
    });
    const { message, id } = await ask(stage);
    stage.analyst.next(id, 3);
    await stage.double.until(() => streams(stage)[0]?.stream?.tasks.size === 1);
    clock.shift(241_000);
    stage.analyst.next(id, 2);
    await stage.double.until(() => streams(stage).length === 2, "a second stream");
    expect(streams(stage)[0]?.stream?.open).toBe(false);
    expect(streams(stage)[1]?.stream?.tasks.size).toBe(2);
    stage.analyst.next(id, 100);
    await reportOf(stage, message);
  });

  it("that died are finished by editing the message", async () => {
    const clock = new ShiftClock();
    const stage = await open({
      transport,
      script: { pace: "manual" },
      face: { clock },
      double: { clock },
    });
    stage.double.faults.streamTtlMs = 60_000;
    const { message, id } = await ask(stage);
    stage.analyst.next(id, 3);
    const live = await stage.double.until(() => streams(stage)[0]);
    clock.shift(61_000);
    stage.analyst.next(id, 2);
    await stage.double.until(() => live.stream === null, "the edit of the dead stream");
    await shows(stage, live, "X-Ray denied");
    stage.analyst.next(id, 100);
    await reportOf(stage, message);
    await shows(stage, live, "Done");
  });

  it("that cannot start give way to a message that is edited", async () => {
    const stage = await open({ transport, script: { pace: "manual" } });
    stage.double.faults.always("chat.startStream", {
      kind: "error",
      error: "missing_recipient_user_id",
    });
    const { message, id } = await ask(stage);
    stage.analyst.next(id, 3);
    const live = await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .find((one) => seen(one).includes('"type":"plan"')),
    );
    stage.analyst.next(id, 100);
    await reportOf(stage, message);
    await shows(stage, live, "Done");
  });

  it("are not tried in a channel shared with another organisation, nor for its people", async () => {
    const stage = await open({
      transport,
      settings: { roles: { responder: { users: ["U0ANA0001", "U0GUEST01"] } } },
    });
    const guest = await stage.double.user("U0GUEST01").mention("C0SHARE01", "what broke?");
    await reportOf(stage, guest.message);
    expect(stage.double.callCounts.get("chat.startStream")).toBeUndefined();
  });
});

describe.each(["socket", "http"] as const)("a mention without a person, over %s,", (transport) => {
  it("by a listed bot is investigated without a stream; by any other it is told how", async () => {
    const stage = await open({ transport });
    const mention = (bot: string) => {
      const message = stage.double.workspace.add({
        channel: "C0SHOP001",
        text: "<@U0SHODO01> is checkout healthy?",
        bot,
      });
      const event = { type: "app_mention", bot_id: bot, text: message.text, ts: message.ts };
      return { message, event: { ...event, channel: "C0SHOP001", event_ts: message.ts } };
    };
    const listed = mention("B0ALARM01");
    await stage.double.event(listed.event);
    await reportOf(stage, listed.message);
    expect(stage.double.callCounts.get("chat.startStream")).toBeUndefined();
    const other = mention("B0OTHER01");
    await stage.double.event(other.event);
    await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", other.message.ts)
        .some((one) => one.text.includes("I act for people")),
    );
    expect(stage.analyst.requests).toHaveLength(1);
  });
});

describe.each(["socket", "http"] as const)("charts that Slack refuses, over %s,", (transport) => {
  it("become an image, and then nothing, but the words arrive", async () => {
    const stage = await open({ transport });
    stage.double.faults.next("chat.postMessage", {
      kind: "error",
      error: "invalid_blocks",
      messages: ["unsupported type: data_visualization"],
    });
    const first = await ask(stage);
    const report = await reportOf(stage, first.message);
    expect(seen(report)).toContain("slack_file");
    expect(seen(report)).not.toContain("data_visualization");
    const blunt = await open({ transport, face: { drawChart: async () => null } });
    blunt.double.faults.next("chat.postMessage", { kind: "error", error: "invalid_blocks" }, 3);
    const second = await ask(blunt);
    const plain = await reportOf(blunt, second.message);
    expect(plain.text).toContain("18% of checkout requests fail");
    await stage.close();
  });

  it("wait for a slow upload, and go without when it takes for ever", async () => {
    const dense = sampleReport();
    const days = dense.evidence.map((item) =>
      item.chart
        ? {
            ...item,
            chart: {
              ...item.chart,
              lines: item.chart.lines.map((line) => ({
                ...line,
                times: line.times.map((_, i) => i * 86_400_000),
              })),
            },
          }
        : item,
    );
    const stage = await open({
      transport,
      script: { report: (incident) => ({ ...dense, id: `rep_${incident.id}`, evidence: days }) },
    });
    stage.double.faults.filePolls = 2;
    const slow = await ask(stage, "a slow one");
    expect(seen(await reportOf(stage, slow.message))).toContain("slack_file");
    stage.double.faults.filePolls = 1_000;
    const never = await ask(stage, "an endless one");
    const report = await reportOf(stage, never.message);
    expect(seen(report)).not.toContain("slack_file");
  });
});

describe.each(["socket", "http"] as const)("events over %s", (transport) => {
  it("that come twice, or as a retry first, are answered once", async () => {
    const stage = await open({ transport });
    stage.double.faults.droppedAcks = 1;
    const message = stage.double.workspace.add({
      channel: "C0SHOP001",
      text: "<@U0SHODO01> what broke?",
      user: "U0ANA0001",
    });
    const event = mentionEvent(message);
    const delivery = await stage.double.event(event, "EvSame");
    expect(delivery.attempts).toBe(2);
    await stage.double.event(event, "EvSame");
    await reportOf(stage, message);
    await stage.face.settled();
    expect(stage.analyst.requests).toHaveLength(1);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("that overtake each other still end in one thread per incident", async () => {
    const stage = await open({ transport });
    const ana = stage.double.user("U0ANA0001");
    const { message } = await ana.say("C0SHOP001", "look at this");
    await Promise.all([ana.stop("C0SHOP001", message.ts), ana.shortcut(message)]);
    await reportOf(stage, message);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("whose follow-up overtakes the mention itself ask nothing that is not known yet", async () => {
    const stage = await open({ transport });
    const ana = stage.double.user("U0ANA0001");
    const { message } = await ana.say("C0SHOP001", "look at this");
    await ana.say("C0SHOP001", "and how many orders?", message.ts);
    await ana.mention("C0SHOP001", "what broke?", message.ts);
    await reportOf(stage, message);
    await ana.say("C0SHOP001", "how many orders?", message.ts);
    await stage.double.until(() => marked(stage, "shodo_answer")[0], "an answer");
    expect(stage.analyst.questions).toEqual(["how many orders?"]);
    expect(stage.analyst.requests).toHaveLength(1);
  });

  it("that were acked but not worked on are found by the next process", async () => {
    const stage = await open({ transport });
    await stage.face.stop();
    const message = stage.double.workspace.add({
      channel: "C0SHOP001",
      text: "<@U0SHODO01> what broke?",
      user: "U0ANA0001",
    });
    const { team, appId } = stage.double.workspace;
    await stage.store.face.put("slack:inbox:EvLost", {
      ...{ type: "event_callback", team_id: team, api_app_id: appId, event_id: "EvLost" },
      event: mentionEvent(message),
    });
    await stage.restart();
    await reportOf(stage, message);
    await stage.face.settled();
    expect(await stage.store.face.list("slack:inbox:")).toHaveLength(0);
  });
});

describe("what only one transport can suffer", () => {
  it("with a wrong, old or missing signature get in nowhere", async () => {
    const stage = await open({ transport: "http" });
    const http = stage.double.useHttp(`http://127.0.0.1:${stage.face.port()}/slack/events`);
    const payload = { type: "event_callback", event_id: "Ev1", event: { type: "app_mention" } };
    const wrong = await http.post("events_api", payload, { secret: "not-the-secret-at-all" });
    const old = await http.post("events_api", payload, {
      at: Math.floor(Date.now() / 1_000) - 400,
    });
    expect([wrong?.status, old?.status]).toEqual([401, 401]);
    expect((await http.post("events_api", payload, { secret: signingSecret }))?.status).toBe(200);
  });

  it("go on after the socket was lost, politely or not", async () => {
    const stage = await open();
    for (const how of ["disconnect", "terminate"] as const) {
      const before = stage.double.socket.accepted;
      stage.double.socket.drop(how);
      await stage.double.until(() => stage.double.socket.accepted > before, "a new socket");
      const { message } = await ask(stage, `after ${how}`);
      await reportOf(stage, message);
    }
  });
});

describe.each(["socket", "http"] as const)("a process that dies, over %s", (transport) => {
  it("is succeeded by one that goes on: same thread, one report, no open session", async () => {
    const stage = await open({ transport, script: { pace: "manual" } });
    const { message, id } = await ask(stage);
    stage.analyst.next(id, 3);
    await stage.double.until(() => streams(stage)[0]?.stream?.tasks.size === 1);
    await stage.restart();
    stage.analyst.next(id, 100);
    await reportOf(stage, message);
    await stage.double.until(
      () => stage.double.workspace.sessions.get(`C0SHOP001:${message.ts}`)?.status === "active",
    );
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("posts the report of a run that ended while it was down", async () => {
    const stage = await open({ transport, script: { pace: "manual" } });
    const { message, id } = await ask(stage);
    await stage.face.stop();
    stage.analyst.next(id, 100);
    await new Promise((resolve) => setImmediate(resolve));
    await stage.restart();
    await reportOf(stage, message);
    await stage.restart();
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("does not post again what it posted but had no time to write down", async () => {
    const stage = await open({ transport, script: { pace: "manual" } });
    const { message, id } = await ask(stage);
    stage.analyst.next(id, 100);
    await reportOf(stage, message);
    await stage.face.settled();
    await stage.face.stop();
    const key = `slack:case:${id}`;
    const record = (await stage.store.face.get(key)) as Record<string, unknown>;
    await stage.store.face.put(key, { ...record, report: null, isFinished: false });
    await stage.restart();
    await stage.double.until(() => stage.double.callCounts.get("conversations.replies"));
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });

  it("closes sessions whose work is gone", async () => {
    const stage = await open();
    const { message } = await ask(stage);
    await reportOf(stage, message);
    await stage.face.settled();
    await stage.face.stop();
    const key = `slack:case:${stage.analyst.all[0]?.id}`;
    const record = (await stage.store.face.get(key)) as Record<string, unknown>;
    const orphan = { ...record, incident: "inc_gone", thread: message.ts, isFinished: false };
    await stage.store.face.put("slack:case:inc_gone", orphan);
    stage.double.workspace.sessions.set(`C0SHOP001:${message.ts}`, {
      status: "processing",
      title: "",
    });
    await stage.restart();
    await stage.double.until(
      () => stage.double.workspace.sessions.get(`C0SHOP001:${message.ts}`)?.status === "closed",
    );
  });
});

describe.each(["socket", "http"] as const)("a revoked token, over %s", (transport) => {
  it("stops the start with words that say what to do", async () => {
    const stage = await open({ transport });
    await stage.face.stop();
    stage.double.faults.tokenRevoked = true;
    await expect(stage.restart()).rejects.toThrow("SLACK_BOT_TOKEN");
    stage.double.faults.tokenRevoked = false;
  });

  it("in the middle of a run loses messages, not the run; a new one brings the report", async () => {
    const stage = await open({ transport, script: { pace: "manual" } });
    const { message, id } = await ask(stage);
    stage.double.faults.tokenRevoked = true;
    stage.analyst.next(id, 100);
    await stage.double.until(() => stage.analyst.all[0]?.state === "reported");
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(0);
    expect((await stage.analyst.report(id))?.conclusion).toBe("confirmed");
    stage.double.faults.tokenRevoked = false;
    await stage.restart();
    await reportOf(stage, message);
    await stage.face.settled();
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });
});
