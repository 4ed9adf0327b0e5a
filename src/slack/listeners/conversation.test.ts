import { afterEach, describe, expect, it } from "vitest";
import { rendered } from "../testing/double/workspace.ts";
import { openStage, type Stage, type StageOptions } from "../testing/stage.ts";

let stage: Stage | null = null;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
afterEach(async () => {
  const misuses = stage?.double.misuses ?? [];
  await stage?.close();
  stage = null;
  expect(misuses).toEqual([]);
});

function reportIn(stage: Stage, channel: string, root: string) {
  return stage.double.workspace
    .thread(channel, root)
    .find((one) => one.metadata.event_type === "shodo_report");
}

for (const transport of ["socket", "http"] as const) {
  describe(`a conversation over ${transport}`, () => {
    it("goes from a mention over live progress to a report in the same thread", async () => {
      const { double, analyst } = await open({ transport, script: { pace: "manual" } });
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
      const report = await double.until(
        () => reportIn(stage as Stage, "C0SHOP001", message.ts),
        "a report",
      );
      expect(report.text).toContain("P1");
      expect(report.broadcast).toBe(true);
      expect(report.unfurl).toBe(false);
      await double.until(() => live.stream?.open === false, "the stream's end");
      expect(live.stream?.title).toContain("Done");
      expect(analyst.requests).toHaveLength(1);
      await double.until(
        () => double.workspace.sessions.get(`C0SHOP001:${message.ts}`)?.status === "active",
      );
      await double.until(() => message.reactions.has("white_check_mark"));
    });

    it("lets one person acknowledge and tells the next who did", async () => {
      const { double } = await open({
        transport,
        settings: { roles: { responder: { everyone: true } } },
      });
      const { message } = await double.user("U0ANA0001").mention("C0SHOP001", "what broke?");
      const report = await double.until(() => reportIn(stage as Stage, "C0SHOP001", message.ts));
      await double.user("U0ANA0001").click(report, "Acknowledge");
      await double.until(() => JSON.stringify(rendered(report)).includes("<@U0ANA0001>"));
      await expect(() => double.user("U0BEN0001").click(report, "Acknowledge")).rejects.toThrow(
        "no button",
      );
    });
  });
}
