import { describe, expect, it } from "vitest";
import {
  dataResult,
  diagnosisOf,
  finding,
  hypothesis,
  testSession,
  toolNamed,
} from "./testing/session.ts";
import { canonical } from "./tool-runner.ts";

describe("the tool runner", () => {
  it("turns findings into evidence once, however often they are met", async () => {
    const tool = toolNamed("look", () => dataResult([finding("a"), finding("b")]));
    const { runner, ledger, steps } = testSession({ tools: [tool] });
    await runner.call("look", { n: 1 }, "first look");
    const again = await runner.call("look", { n: 2 }, "second look");
    expect(ledger.evidence.map(({ id, key }) => [id, key])).toEqual([
      ["E1", "a"],
      ["E2", "b"],
    ]);
    expect(again.evidence.map(({ id }) => id)).toEqual(["E1", "E2"]);
    expect(steps.filter(({ kind }) => kind === "evidence-added")).toHaveLength(2);
  });

  it("records the call before it runs and the result after", async () => {
    const tool = toolNamed("look", () => dataResult([finding("a")]));
    const { runner, steps } = testSession({ tools: [tool] });
    await runner.call("look", {}, "to see");
    expect(steps.map(({ kind }) => kind)).toEqual(["tool-call", "evidence-added", "tool-result"]);
    expect(steps.map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("refuses an identical repeat and says what to do", async () => {
    let runs = 0;
    const tool = toolNamed("look", () => {
      runs += 1;
      return dataResult([]);
    });
    const { runner } = testSession({ tools: [tool] });
    await runner.call("look", { a: 1, b: 2 }, "");
    const { result } = await runner.call("look", { b: 2, a: 1 }, "");
    expect(result).toMatchObject({ kind: "failed", reason: "repeated" });
    expect(runs).toBe(1);
  });

  it("lets a failed call be tried again", async () => {
    let runs = 0;
    const tool = toolNamed("look", () => {
      runs += 1;
      if (runs > 1) return dataResult([]);
      const message = "The system did not answer.";
      return { kind: "failed", reason: "timed-out", message, next: "Try again.", retryable: true };
    });
    const { runner } = testSession({ tools: [tool] });
    expect((await runner.call("look", {}, "")).result.kind).toBe("failed");
    expect((await runner.call("look", {}, "")).result.kind).toBe("data");
  });

  it("answers an unknown tool and a wrong input as results, naming the way out", async () => {
    const { runner } = testSession({ tools: [toolNamed("look", () => dataResult([]))] });
    expect((await runner.call("lok", {}, "")).result).toMatchObject({
      reason: "unknown-tool",
      next: "Use one of: look.",
    });
    expect((await runner.call("look", "text", "")).result).toMatchObject({
      reason: "invalid-input",
    });
  });

  it("turns a tool that throws into a failed result and a gap", async () => {
    const tool = toolNamed("look_closely", () => {
      throw new TypeError("secret path /etc");
    });
    const { runner, ledger } = testSession({ tools: [tool] });
    const { result } = await runner.call("look_closely", {}, "");
    expect(result).toMatchObject({ kind: "failed", message: "look_closely broke (TypeError)." });
    expect(ledger.gaps).toMatchObject([{ what: "look closely" }]);
  });

  it("stops giving tools when a budget is nearly spent", async () => {
    const tool = toolNamed("look", () => dataResult([]));
    const { runner } = testSession({ tools: [tool], limits: { toolCalls: 3 } });
    for (const n of [1, 2, 3]) await runner.call("look", { n }, "");
    const { result } = await runner.call("look", { n: 4 }, "");
    expect(result).toMatchObject({
      kind: "failed",
      reason: "budget",
      message: "look was not run: its tool calls are spent.",
    });
  });

  it("runs nothing more once it was stopped", async () => {
    const stop = new AbortController();
    const tool = toolNamed("look", () => dataResult([]));
    const { runner } = testSession({ tools: [tool], signal: stop.signal });
    stop.abort();
    expect((await runner.call("look", {}, "")).result).toMatchObject({ reason: "budget" });
  });

  it("redacts every text of a result before anyone sees it", async () => {
    const tool = toolNamed("look", () => dataResult([finding("a", { quote: "key SECRET" })]));
    const redact = <T>(value: T): T =>
      JSON.parse(JSON.stringify(value).replaceAll("SECRET", "[redacted]"));
    const { runner, ledger, steps } = testSession({ tools: [tool], redact });
    await runner.call("look", {}, "");
    expect(ledger.evidence[0]?.quote).toBe("key [redacted]");
    expect(JSON.stringify(steps)).not.toContain("SECRET");
  });

  it("gives recorded results again after a crash instead of running the tool", async () => {
    let runs = 0;
    const ranked = diagnosisOf(hypothesis("service:a", { supporting: ["a"] }));
    const tool = toolNamed("look", () => {
      runs += 1;
      return dataResult([finding(`f${runs}`)], { diagnosis: ranked });
    });
    const first = testSession({ tools: [tool] });
    await first.runner.call("look", { n: 1 }, "");
    await first.runner.call("look", { n: 2 }, "");
    const second = testSession({
      tools: [tool],
      recorded: JSON.parse(JSON.stringify(first.steps)),
    });
    await second.runner.call("look", { n: 1 }, "");
    await second.runner.call("look", { n: 2 }, "");
    await second.runner.call("look", { n: 3 }, "");
    expect(runs).toBe(3);
    expect(second.ledger.evidence.map(({ id, key }) => `${id} ${key}`)).toEqual([
      "E1 f1",
      "E2 f2",
      "E3 f3",
    ]);
    expect(second.ledger.diagnosis?.hypotheses[0]?.key).toBe("service:a");
    expect(second.steps[0]?.number).toBe((first.steps.at(-1)?.number ?? 0) + 1);
  });

  it("treats inputs that differ in key order only as equal", () => {
    expect(canonical({ b: [1, { d: 1, c: 2 }], a: 1 })).toBe('{"a":1,"b":[1,{"c":2,"d":1}]}');
  });
});
