import { describe, expect, it } from "vitest";
import { marked, reportOf, seen, shows, usingStage, whisperTo } from "../testing/using-stage.ts";

const open = usingStage();

for (const transport of ["socket", "http"] as const) {
  describe(`a conversation over ${transport}`, () => {
    it("goes from a mention over live progress to a report in the same thread", async () => {
      const stage = await open({ transport, script: { pace: "manual" } });
      const { double, analyst } = stage;
      const ana = double.user("U0ANA0001");
      const { message, deliveries } = await ana.mention("C0SHOP001", "why is checkout slow?");
      expect(deliveries.every((one) => one.attempts === 1 && one.ackedInMs !== null)).toBe(true);
      await double.until(() => analyst.all[0], "an investigation");
      const id = analyst.all[0]?.id ?? "";
      analyst.next(id, 3);
      const live = await double.until(
        () => double.workspace.thread("C0SHOP001", message.ts).find((one) => one.stream),
        "a stream",
      );
      expect(live.stream?.mode).toBe("plan");
      await double.until(() => live.stream?.tasks.size === 1, "a task");
      analyst.next(id, 100);
      const report = await reportOf(stage, message);
      expect(report.text).toContain("P1");
      expect(report.broadcast).toBe(true);
      expect(report.unfurl).toBe(false);
      await double.until(() => live.stream?.open === false, "the stream's end");
      expect(live.stream?.title).toContain("Done");
      expect(analyst.requests).toHaveLength(1);
      const session = `C0SHOP001:${message.ts}`;
      await double.until(() => double.workspace.sessions.get(session)?.status === "active");
      await double.until(() => message.reactions.has("white_check_mark"));
      expect(message.reactions.has("eyes")).toBe(false);
    });

    it("answers a follow-up in the thread without a mention, with its evidence", async () => {
      const stage = await open({ transport });
      const ana = stage.double.user("U0ANA0001");
      const { message } = await ana.mention("C0SHOP001", "what broke?");
      await reportOf(stage, message);
      await ana.say("C0SHOP001", "how many orders?", message.ts);
      const answer = await stage.double.until(() =>
        stage.double.workspace
          .thread("C0SHOP001", message.ts)
          .find((one) => seen(one).includes("From the evidence")),
      );
      expect(seen(answer)).toContain("orders fell by 38% [E5]");
      expect(answer.stream).toMatchObject({ mode: "timeline", open: false });
      expect(stage.analyst.questions).toEqual(["how many orders?"]);
      await ana.say("C0SHOP001", "unrelated talk", null);
      expect(stage.analyst.questions).toHaveLength(1);
    });

    it("runs a command: a root message first, then the thread, and a link for the asker", async () => {
      const stage = await open({ transport });
      const delivery = await stage.double
        .user("U0ANA0001")
        .command("C0SHOP001", "checkout is slow");
      expect(delivery.ackedInMs).toBeLessThan(3_000);
      const report = await reportOf(stage);
      const root = stage.double.workspace.find("C0SHOP001", report.threadTs ?? "");
      expect(root?.text).toContain("checkout is slow");
      await whisperTo(stage, "U0ANA0001", "Follow along here");
    });

    it("investigates any message from its menu, in that message's thread", async () => {
      const stage = await open({ transport });
      const { message } = await stage.double.user("U0CHI0001").say("C0SHOP001", "5xx everywhere!");
      await stage.double.user("U0ANA0001").shortcut(message);
      const report = await reportOf(stage, message);
      expect(report.threadTs).toBe(message.ts);
      expect(stage.analyst.requests[0]?.question).toBe("5xx everywhere!");
    });

    it("works in direct messages, and offers prompts there", async () => {
      const stage = await open({ transport });
      const ana = stage.double.user("U0ANA0001");
      await ana.openHome("messages");
      await stage.double.until(() => stage.double.workspace.prompts[0]?.prompts.length === 3);
      const { message } = await ana.dm("is anything broken?");
      const report = await reportOf(stage, message);
      expect(report.broadcast).toBe(false);
    });
  });
}

describe("starting", () => {
  it("offers three prompts to an empty mention, and starts the one that is pressed", async () => {
    const stage = await open();
    const ana = stage.double.user("U0ANA0001");
    const { message } = await ana.mention("C0SHOP001", "");
    const offer = await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .find((one) => one.text.includes("Tell me what looks wrong")),
    );
    await ana.click(offer, "Why is checkout slow?");
    await reportOf(stage, message);
    expect(stage.analyst.requests[0]?.question).toBe("Why is checkout slow?");
  });

  it("does not start twice in a running thread", async () => {
    const stage = await open({ script: { pace: "manual" } });
    const ana = stage.double.user("U0ANA0001");
    const { message } = await ana.mention("C0SHOP001", "what broke?");
    await stage.double.until(() => stage.analyst.all[0]);
    await ana.mention("C0SHOP001", "and now?", message.ts);
    await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .some((one) => one.text.includes("still investigating")),
    );
    await ana.shortcut(message);
    await stage.double.until(() =>
      stage.double.workspace
        .thread("C0SHOP001", message.ts)
        .some((one) => one.text.includes("already being investigated")),
    );
    expect(stage.analyst.requests).toHaveLength(1);
  });

  it("speaks the channel's language", async () => {
    const stage = await open();
    const { message } = await stage.double.user("U0ANA0001").mention("C0JAPAN01", "なぜ遅い？");
    const report = await reportOf(stage, message);
    expect(seen(report)).toContain("優先度");
    expect(stage.analyst.requests[0]?.language).toBe("ja");
  });

  it("tells whoever uses the command where it is not a member", async () => {
    const stage = await open();
    const channel = stage.double.workspace.channels.get("C0SHOP001");
    if (channel) channel.botIsMember = false;
    await stage.double.user("U0ANA0001").command("C0SHOP001", "checkout is slow");
    await whisperTo(stage, "U0ANA0001", "/invite @Shodo");
    expect(stage.analyst.requests).toHaveLength(0);
  });
});

describe("stopping", () => {
  it("really stops on the native Stop, and keeps what was found", async () => {
    const stage = await open({ script: { pace: "manual" } });
    const { double, analyst } = stage;
    const ana = double.user("U0ANA0001");
    const { message } = await ana.mention("C0SHOP001", "what broke?");
    await double.until(() => analyst.all[0]);
    const id = analyst.all[0]?.id ?? "";
    analyst.next(id, 3);
    await ana.stop("C0SHOP001", message.ts);
    const report = await reportOf(stage, message);
    await shows(stage, report, "Stopped by <@U0ANA0001>. Found so far:");
    expect((await analyst.steps(id, 0)).at(-1)).toMatchObject({ kind: "final", status: "partial" });
    expect((await analyst.steps(id, 0)).length).toBeLessThan(6);
  });

  it("has a Stop button where no native one is shown, for those who may", async () => {
    const stage = await open({ script: { pace: "manual" } });
    await stage.double.botSays("B0ALARM01", "C0INCID01", "ALARM: checkout 5xx");
    const headline = await stage.double.until(() =>
      stage.double.workspace.messages.find((one) => seen(one).includes("shodo.stop")),
    );
    await stage.double.user("U0CHI0001").click(headline, "Stop");
    await whisperTo(stage, "U0CHI0001", "You may not stop an investigation yet");
    await stage.double.user("U0ANA0001").click(headline, "Stop");
    await reportOf(stage);
    expect(marked(stage, "shodo_report")).toHaveLength(1);
  });
});
