import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRecordedStage } from "./testing/recorded-stage.ts";
import { seen } from "./testing/using-stage.ts";

const incidents = join(import.meta.dirname, "../../examples/incidents");
const first = readdirSync(incidents).sort()[0] ?? "";

/** The whole way, with the built-in analyst over real telemetry: alarm in, conversation out. */
describe("a recorded incident in Slack", () => {
  let stage: Awaited<ReturnType<typeof openRecordedStage>>;
  beforeAll(async () => {
    stage = await openRecordedStage(join(incidents, first));
  });
  afterAll(() => stage.close());

  it("goes from the alarm to a report, an owner, a decision and an answer", async () => {
    const { double, analyst } = stage;
    const root = await stage.fire();
    const report = await stage.reported();
    expect(report.threadTs).toBe(root);
    expect(seen(report)).toMatch(/P[0-3]/);
    expect(seen(report)).toContain("data_table");
    const ana = double.user("U0ANA0001");
    await ana.click(report, "Acknowledge");
    await double.until(() => seen(report).includes("Acknowledged by"));
    const headline = double.workspace.find("C0INCID01", root);
    await double.until(() => headline && seen(headline).includes("Acknowledged by"));
    await ana.select(report, "P0");
    await double.until(() => ana.modal());
    await ana.submit({ reason: "the whole company is watching" });
    await double.until(() => seen(report).includes("🔴 P0"));
    await ana.say("C0INCID01", "what is the impact on users?", root);
    const answer = await double.until(
      () => double.workspace.thread("C0INCID01", root).at(-1),
      "an answer",
    );
    await double.until(() => double.workspace.thread("C0INCID01", root).at(-1) !== report);
    expect(answer).toBeDefined();
    expect(double.misuses).toEqual([]);
    const incident = (await analyst.incidents({ limit: 1 }))[0];
    expect(incident).toMatchObject({ override: { level: "P0" } });
    const log = await stage.store.audit.read(0, 200);
    expect(log.map((one) => one.event)).toEqual(
      expect.arrayContaining(["slack-authorize", "incident-acknowledge", "priority-override"]),
    );
    expect(await stage.store.audit.verify()).toMatchObject({ kind: "intact" });
  });
});
