import { describe, expect, it } from "vitest";
import type { CaseResult, CaseRun } from "./evaluate.ts";
import type { Score } from "./score.ts";
import { summarize } from "./summary.ts";

const right: Score = {
  serviceRank: 1,
  hasService: true,
  resourceRank: null,
  hasResource: false,
  changeExact: null,
  decoyBlamed: false,
  firstFailing: true,
  blastRadiusJaccard: 0.5,
  remediation: null,
  priority: true,
  isRight: true,
  confidence: 0.9,
  isConfidentlyWrong: false,
};
const third: Score = { ...right, serviceRank: 3, isRight: false, confidence: 0.5 };
const missing: Score = {
  ...right,
  serviceRank: null,
  isRight: false,
  confidence: 0,
  priority: false,
};

function run(score: Score, more: Partial<CaseRun> = {}): CaseRun {
  return {
    score,
    expected: ["cart"],
    answered: ["cart"],
    firstCause: "cart||likely",
    firstFailing: "cart",
    change: null,
    conclusion: "likely",
    priority: "P1",
    remediation: null,
    seconds: 1,
    toolCalls: 9,
    tokens: 0,
    costUsd: 0,
    ...more,
  };
}

function result(runs: readonly CaseRun[], more: Partial<CaseResult> = {}): CaseResult {
  return { name: "01", kind: "fault", runs, failures: [], ...more };
}

describe("the totals of an evaluation", () => {
  it("count a place among the first k for every larger k", () => {
    const { serviceTop1, serviceTop3, serviceTop5 } = summarize([result([run(right), run(third)])]);
    expect([serviceTop1, serviceTop3, serviceTop5]).toEqual([0.5, 1, 1]);
  });

  it("leave out what no truth speaks of, rather than calling it 0 or 1", () => {
    const { resourceTop1, changeExact, agreement } = summarize([result([run(right)])]);
    expect([resourceTop1, changeExact, agreement]).toEqual([null, null, null]);
  });

  it("count a run without a report as wrong, and keep it out of the confidence", () => {
    const lost = result([], { failures: ["the capture cannot be read"], missing });
    const summary = summarize([result([run(right)]), lost]);
    expect(summary).toMatchObject({
      runs: 1,
      failed: 1,
      serviceTop1: 0.5,
      right: 0.5,
      priority: 0.5,
    });
    expect(summary.brier).toBeCloseTo(0.01);
    expect(summary.calibration.reduce((sum, bin) => sum + bin.runs, 0)).toBe(1);
  });

  it("say by the Brier score how far confidence lies from the outcome", () => {
    expect(summarize([result([run(right), run(third)])]).brier).toBeCloseTo((0.01 + 0.25) / 2);
  });

  it("put full confidence into the last bin", () => {
    const sure = run({ ...right, confidence: 1 });
    expect(summarize([result([sure])]).calibration.at(-1)).toEqual({
      from: 0.8,
      to: 1,
      runs: 1,
      right: 1,
    });
  });

  it("call repeats alike only when all of them name the same first cause", () => {
    const alike = result([run(right), run(right)]);
    const torn = result([run(right), run(third, { firstCause: "web||likely" })]);
    expect(summarize([alike, torn]).agreement).toBe(0.5);
  });

  it("judge healthy cases by whether nothing was called wrong", () => {
    const calm = result([run(right)], { kind: "healthy" });
    const alarmed = result([run(third)], { kind: "false-alarm" });
    expect(summarize([calm, alarmed, result([run(third)])]).nothingWrongRecognised).toBe(0.5);
  });
});
