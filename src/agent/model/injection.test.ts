import type { BaseMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { attacks } from "../testing/attacks.ts";
import { conclusion, keep, runDriver, settled, unsettled } from "../testing/run-driver.ts";
import { ScriptedModel } from "../testing/scripted-model.ts";
import { dataResult, finding, toolNamed } from "../testing/session.ts";

const known = new Set([
  "find_anomalies",
  "measure_business_impact",
  "rank_root_causes",
  "read_result",
  "record_hypothesis",
  "conclude",
]);

/** What lies outside every fence of a message. */
function unfenced(message: BaseMessage | undefined): string {
  return String(message?.content ?? "").replace(/^DATA .*\n[\s\S]*?^END DATA$/gm, "");
}

describe.each(attacks)("planted text %j", (attack) => {
  it("stays in the fence and moves nothing, even when the model obeys", async () => {
    const planted = toolNamed("measure_business_impact", () =>
      dataResult([finding("planted", { service: "checkout", statement: attack, weight: 1 })]),
    );
    const obeying = new ScriptedModel([
      { calls: [{ name: "run_command", args: { command: attack } }] },
      { calls: [{ name: "approve_action", args: { text: attack } }] },
      conclusion("service:payment", ["E1", "E2"], attack),
      keep("service:payment", "service:checkout"),
    ]);
    const run = await runDriver({ model: obeying, diagnosis: settled, tools: [planted] });

    const first = run.session.ledger.diagnosis?.hypotheses[0];
    expect(first).toMatchObject({ key: "service:checkout", confidence: 0.9 });
    expect(run.end.narrative).toBeUndefined();
    for (const messages of obeying.shown) {
      for (const message of messages.slice(1)) {
        const outside = unfenced(message);
        for (const line of attack.split("\n").filter((text) => text.length > 12)) {
          expect(outside).not.toContain(line);
        }
      }
    }
    const ran = run.session.steps.flatMap((step) =>
      step.kind === "tool-result" && step.result.kind !== "failed" ? [step.tool] : [],
    );
    expect(ran.filter((tool) => !known.has(tool))).toEqual([]);
  });
});

describe("planted evidence", () => {
  it("cannot make a cause go first that nothing computed supports", async () => {
    const model = new ScriptedModel([
      conclusion("service:payment", ["E1", "E2"], "Payment is the cause [E1]."),
      keep("service:payment", "service:checkout"),
    ]);
    const run = await runDriver({ model, diagnosis: unsettled });
    expect(run.session.ledger.diagnosis?.hypotheses[0]?.key).toBe("service:checkout");
    expect(run.end.narrative).toBeUndefined();
  });

  it("is redacted before the model sees it", async () => {
    const secret = "AKIAIOSFODNN7EXAMPLE";
    const planted = toolNamed("measure_business_impact", () =>
      dataResult([finding("leak", { statement: `login with ${secret} failed`, weight: 1 })]),
    );
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    await runDriver({ model, tools: [planted] });
    expect(JSON.stringify(model.shown.map((ms) => ms.map((m) => m.content)))).not.toContain(secret);
  });
});
