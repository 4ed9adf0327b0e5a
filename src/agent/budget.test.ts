import { describe, expect, it } from "vitest";
import type { Usage } from "../core/step.ts";
import { Budget, type BudgetLimits } from "./budget.ts";

const limits: BudgetLimits = {
  toolCalls: 100,
  seconds: 100,
  bytesScanned: 100,
  modelCalls: 100,
  tokens: 100,
  costUsd: 100,
};
const nothing: Usage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  toolCalls: 0,
  bytesScanned: 0,
  seconds: 0,
};

/** A budget of which a hundredth part per unit is used, of one ceiling alone. */
function used(part: keyof Usage, amount: number): Budget {
  let seconds = 0;
  const budget = new Budget(limits, { now: () => seconds * 1000 }, () => 0);
  if (part === "seconds") seconds = amount;
  budget.restore({ ...nothing, [part]: amount });
  return budget;
}

describe.each([
  ["toolCalls", "tool calls"],
  ["seconds", "seconds"],
  ["bytesScanned", "bytes scanned"],
  ["modelCalls", "model calls"],
  ["inputTokens", "tokens"],
  ["outputTokens", "tokens"],
  ["costUsd", "cost"],
] as const)("the ceiling on %s", (part, budget) => {
  it("nudges at seven tenths, withdraws the tools at nine, and stops when it is reached", () => {
    expect(used(part, 69).rung().rung).toBe("within");
    expect(used(part, 70).rung()).toEqual({ rung: "nudge", budget });
    expect(used(part, 89).rung()).toEqual({ rung: "nudge", budget });
    expect(used(part, 90).rung()).toEqual({ rung: "answer-now", budget });
    expect(used(part, 100).rung()).toEqual({ rung: "stop", budget });
  });
});

describe("a budget that goes on", () => {
  it("counts what was used before the crash, bytes included", () => {
    let bytes = 5;
    const budget = new Budget(limits, { now: () => 0 }, () => bytes);
    budget.restore({ ...nothing, bytesScanned: 40, toolCalls: 3 });
    budget.spendToolCall();
    bytes = 25;
    expect(budget.usage).toMatchObject({ bytesScanned: 65, toolCalls: 4 });
  });
});
