import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asJson } from "./blocks/shape-checks.ts";
import type { DoubleMessage } from "./testing/double/workspace.ts";
import { openRecordedStage } from "./testing/recorded-stage.ts";
import { seen } from "./testing/using-stage.ts";

const incidents = join(import.meta.dirname, "../../examples/incidents");
const first = readdirSync(incidents).sort()[0] ?? "";

/** The incident of a report's message, from its metadata. */
function incidentId(report: DoubleMessage): string {
  return String(asJson(report.metadata.event_payload).id);
}

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
    const computed = (await analyst.report(incidentId(report)))?.priority.level;
    await ana.select(report, "P0");
    await double.until(() => ana.modal());
    await ana.submit({ reason: "the whole company is watching" });
    await double.until(() => seen(report).includes("🔴 P0"));
    await double.until(() => seen(report).includes("set by <@U0ANA0001>"), "who set it");
    expect(seen(report)).toContain(`computed: ${computed}`);
    await ana.say("C0INCID01", "what is the impact on users?", root);
    const answer = await double.until(
      () => double.workspace.messages.find((one) => one.metadata.event_type === "shodo_answer"),
      "an answer",
    );
    const saved = await analyst.report(incidentId(report));
    expect(answer.threadTs).toBe(root);
    expect(answer.stream?.text).toContain(saved?.impact.users.slice(0, 40));
    const cited = [...(answer.stream?.text ?? "").matchAll(/\[(E\d+)\]/g)].map(([, id]) => id);
    expect(cited.length).toBeGreaterThan(0);
    const known = saved?.evidence.map((item) => item.id) ?? [];
    expect(cited.filter((id) => !known.includes(id as `E${number}`))).toEqual([]);
    expect(seen(answer)).toContain("From the evidence");
    expect(seen(answer)).toContain(`\`${cited[0]}\``);
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

describe("a recorded incident in a Japanese channel", () => {
  it("is told in Japanese: report, answer, and what was ruled out", async () => {
    const stage = await openRecordedStage(join(incidents, first), "en", { C0INCID01: "ja" });
    const root = await stage.fire();
    const message = await stage.reported();
    const report = await stage.analyst.report(incidentId(message));
    expect(report?.language).toBe("ja");
    const said = [
      report?.summary,
      ...(report?.ruledOut ?? []).flatMap((item) => [item.claim, item.because]),
      ...(report?.rootCauses ?? []).map((cause) => cause.mechanism),
      ...(report?.actions ?? []).map((action) => action.text),
    ];
    expect(said.length).toBeGreaterThan(5);
    for (const text of said) expect(text).toMatch(/[\u3040-\u30ff]/);
    await stage.double.user("U0ANA0001").say("C0INCID01", "除外した原因は?", root);
    const answer = await stage.double.until(() =>
      stage.double.workspace.messages.find((one) => one.metadata.event_type === "shodo_answer"),
    );
    expect(answer.stream?.text).toContain("除外: ");
    expect(answer.stream?.text).toContain(report?.ruledOut[0]?.because);
    await stage.close();
  }, 120_000);
});
