import { describe, expect, it } from "vitest";
import { conclusion, runDriver, settled } from "../testing/run-driver.ts";
import { ScriptedModel } from "../testing/scripted-model.ts";
import { diagnosisOf } from "../testing/session.ts";

describe("the verify pass", () => {
  it("lets the verify pass lower a confidence and never raise one", async () => {
    const verdicts = [
      { key: "service:checkout", verdict: "downgrade", because: "one link misses" },
    ];
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1", "E2"]),
      { calls: [{ name: "verdicts", args: { verdicts } }] },
    ]);
    const run = await runDriver({ model, diagnosis: settled });
    expect(run.session.ledger.diagnosis?.hypotheses[0]?.confidence).toBeCloseTo(0.72);
    expect(run.session.steps.find((step) => step.kind === "verified")).toMatchObject({
      before: 0.9,
      because: "one link misses",
    });
  });

  it("lets a review that rejects the first cause put no other above it", async () => {
    const verdicts = [
      { key: "service:checkout", verdict: "reject", because: "because" },
      { key: "service:payment", verdict: "keep", because: "because" },
    ];
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1", "E2"]),
      { calls: [{ name: "verdicts", args: { verdicts } }] },
    ]);
    const run = await runDriver({ model });
    const [one, two] = run.session.ledger.diagnosis?.hypotheses ?? [];
    expect([one?.key, two?.key]).toEqual(["service:checkout", "service:payment"]);
    expect(two?.confidence).toBeLessThanOrEqual(one?.confidence ?? 0);
  });

  it.each([
    [
      "only doubt it where nothing speaks against it",
      { supporting: ["a", "b"], contradicting: [] },
      0.72,
    ],
    [
      "reject where a finding speaks against it",
      { supporting: ["a", "b"], contradicting: ["c"] },
      0.495,
    ],
    [
      "reject where one finding alone speaks for it",
      { supporting: ["a"], contradicting: [] },
      0.495,
    ],
  ])("lets a review of a claim %s", async (_, findings, after) => {
    const verdicts = [{ key: "service:checkout", verdict: "reject", because: "because" }];
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1", "E2"]),
      { calls: [{ name: "verdicts", args: { verdicts } }] },
    ]);
    const [sure] = settled.hypotheses;
    if (!sure) throw new Error("there is no first cause");
    const run = await runDriver({ model, diagnosis: diagnosisOf({ ...sure, ...findings }) });
    const one = run.session.ledger.diagnosis?.hypotheses[0];
    expect(one?.confidence).toBeCloseTo(after);
    const verified = run.session.steps.find((step) => step.kind === "verified");
    const isDoubt = after > 0.5;
    expect(verified?.kind === "verified" && verified.because.includes("counts as doubt")).toBe(
      isDoubt,
    );
  });
});
