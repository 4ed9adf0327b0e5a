import { describe, expect, it } from "vitest";
import type { Stage } from "./testing/stage.ts";
import { marked, seen, usingStage, whisperTo } from "./testing/using-stage.ts";

const open = usingStage();

async function ask(stage: Stage): Promise<string> {
  await stage.double.user("U0ANA0001").mention("C0SHOP001", "why is checkout slow?");
  return stage.double.until(() => stage.analyst.all[0]?.id, "a run");
}

/** The app is removed from a channel, or the channel is deleted. */
function close(stage: Stage, how: "removed" | "deleted"): void {
  const { channels } = stage.double.workspace;
  const channel = channels.get("C0SHOP001");
  if (how === "deleted") channels.delete("C0SHOP001");
  else if (channel) channel.botIsMember = false;
}

/** What the app wrote to a person directly. */
function direct(stage: Stage, user: string): string {
  const { id } = stage.double.workspace.imOf(user);
  const { workspace } = stage.double;
  return workspace.messages
    .filter((one) => one.channel === id && one.bot !== null)
    .map(seen)
    .join("\n");
}

describe("a channel that is closed to the app", () => {
  it.each(["removed", "deleted"] as const)(
    "before the report (%s) brings it to whoever asked",
    async (how) => {
      const stage = await open({ script: { pace: "manual" } });
      const id = await ask(stage);
      stage.analyst.next(id, 2);
      close(stage, how);
      stage.analyst.next(id, 100);
      await stage.double.until(() => direct(stage, "U0ANA0001").includes("Acknowledge"), "it");
      expect(direct(stage, "U0ANA0001")).toContain("I can no longer post in <#C0SHOP001>");
      await stage.face.settled();
      expect(marked(stage, "shodo_report")).toHaveLength(1);
    },
  );

  it("brings the report of an alarm to the channel of alarms", async () => {
    const stage = await open({ script: { pace: "manual" } });
    await stage.double.botSays("B0ALARM01", "C0JAPAN01", "ALARM: checkout 5xx");
    await stage.double.until(() => stage.analyst.requests.length === 1, "a run");
    await stage.face.settled();
    const channel = stage.double.workspace.channels.get("C0JAPAN01");
    if (channel) channel.botIsMember = false;
    stage.analyst.next(stage.analyst.all[0]?.id ?? "", 100);
    const report = await stage.double.until(() => marked(stage, "shodo_report")[0], "a report");
    expect(report.channel).toBe("C0INCID01");
  });
});

describe("the shortcut", () => {
  it("in a channel without the app says where to invite it, and starts nothing", async () => {
    const stage = await open();
    const { message } = await stage.double.user("U0CHI0001").say("C0SHOP001", "5xx everywhere!");
    close(stage, "removed");
    await stage.double.user("U0ANA0001").shortcut(message);
    await stage.double.until(() => direct(stage, "U0ANA0001").includes("/invite @Shodo"), "it");
    expect(stage.analyst.requests).toHaveLength(0);
  });

  it("on a message without words asks what to look into, and starts nothing", async () => {
    const stage = await open();
    const { message } = await stage.double.user("U0CHI0001").say("C0SHOP001", "");
    await stage.double.user("U0ANA0001").shortcut(message, { files: [{ id: "F1" }] });
    await whisperTo(stage, "U0ANA0001", "Tell me what looks wrong");
    expect(stage.analyst.requests).toHaveLength(0);
  });

  it("on another integration's message reads its attachments", async () => {
    const stage = await open();
    const message = await stage.double.botSays("B0OTHER01", "C0SHOP001", "");
    const attachments = [{ fallback: "[FIRING:1] HighLatency (checkout)" }];
    await stage.double.user("U0ANA0001").shortcut(message, { attachments });
    await stage.double.until(() => stage.analyst.requests[0], "a run");
    expect(stage.analyst.requests[0]?.question).toBe("[FIRING:1] HighLatency (checkout)");
  });
});
