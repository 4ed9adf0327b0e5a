import { describe, expect, it } from "vitest";
import {
  conclusion,
  first,
  keep,
  notes,
  runDriver,
  settled,
  unsettled,
} from "../testing/run-driver.ts";
import { ScriptedModel } from "../testing/scripted-model.ts";
import { diagnosisOf } from "../testing/session.ts";

describe("the order of causes after a model concluded", () => {
  it("lets a cited choice near the top go first when the ranking is unsettled", async () => {
    const model = new ScriptedModel([
      conclusion("service:payment", ["E3", "E4"]),
      keep("service:payment"),
    ]);
    const run = await runDriver({ model });
    expect(first(run)).toBe("service:payment");
    expect(run.session.ledger.diagnosis?.hypotheses[0]?.confidence).toBeLessThanOrEqual(0.35);
  });

  it("keeps the computed order when the choice cites nothing that supports it", async () => {
    const model = new ScriptedModel([
      conclusion("service:payment", ["E1"]),
      keep("service:checkout"),
    ]);
    expect(first(await runDriver({ model }))).toBe("service:checkout");
  });

  it("keeps a settled computed cause first whatever the model says", async () => {
    const model = new ScriptedModel([
      conclusion("service:payment", ["E3", "E4"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model, diagnosis: settled });
    expect(first(run)).toBe("service:checkout");
    expect(run.session.ledger.diagnosis?.hypotheses[0]?.confidence).toBe(0.9);
  });

  it.each([
    ["that the report would call likely", { confidence: 0.41, contradicting: ["b1"] }],
    ["that nothing computed speaks against", { confidence: 0.35, contradicting: [] }],
  ])("keeps a first cause %s, however near the next is", async (_, more) => {
    const [one, ...others] = unsettled.hypotheses;
    if (!one) throw new Error("there is no first cause");
    const model = new ScriptedModel([
      conclusion("service:payment", ["E3", "E4"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model, diagnosis: diagnosisOf({ ...one, ...more }, ...others) });
    expect(first(run)).toBe("service:checkout");
  });

  it("takes a reordering back when it could not be verified", async () => {
    const model = new ScriptedModel([
      conclusion("service:payment", ["E3", "E4"]),
      { text: "looks fine to me" },
    ]);
    const run = await runDriver({ model });
    expect(first(run)).toBe("service:checkout");
    expect(notes(run)).toContain("the reordering was not verified");
  });
});
