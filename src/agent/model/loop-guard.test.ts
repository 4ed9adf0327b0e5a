import { describe, expect, it } from "vitest";
import { LoopGuard } from "./loop-guard.ts";

function advice(keys: readonly string[], isFailed = false): string[] {
  const guard = new LoopGuard();
  return keys.map((key) => guard.observe(key, isFailed));
}

describe("the loop guard", () => {
  it("lets different calls pass", () => {
    expect(new Set(advice(["a", "b", "c", "d", "a", "c", "b"]))).toEqual(new Set(["go-on"]));
  });

  it("nudges at A B A B, and withdraws the tools at the second time", () => {
    expect(advice(["a", "b", "a", "b"]).at(-1)).toBe("nudge");
    expect(advice(["a", "b", "a", "b", "a", "b", "a", "b"]).at(-1)).toBe("withdraw");
  });

  it("nudges at three failures in a row", () => {
    expect(advice(["a", "b", "c"], true)).toEqual(["go-on", "go-on", "nudge"]);
  });
});
