import { describe, expect, it } from "vitest";
import { conclusion, first, keep, notes, runDriver } from "../testing/run-driver.ts";
import { ScriptedModel } from "../testing/scripted-model.ts";
import { dataResult, finding, toolNamed } from "../testing/session.ts";

class RateLimit extends Error {
  readonly status = 429;
  override readonly name = "RateLimitError";
}

describe("the ReAct driver", () => {
  it("shows the model the computed findings first, and ends with its conclusion", async () => {
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1", "E2"], "Checkout slowed to 2400 ms [E1]."),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(run.end).toEqual({
      stoppedBy: null,
      model: "scripted:one",
      narrative: "Checkout slowed to 2400 ms [E1].",
    });
    const message = String(model.shown[0]?.[1]?.content);
    expect(message).toContain("E1 checkout p95 rose to 2400 ms");
    expect(message).toContain("service:payment (latency, confidence 0.30)");
    expect(run.session.budget.usage).toMatchObject({ modelCalls: 2, inputTokens: 2000 });
    expect(run.session.budget.usage.costUsd).toBeCloseTo(0.004);
  });

  it("runs the tools a model calls in parallel, and records them in calling order", async () => {
    const order: string[] = [];
    const slow = toolNamed("analyze_traces", async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push("slow");
      return dataResult([finding("slow")]);
    });
    const fast = toolNamed("compare_log_patterns", () => {
      order.push("fast");
      return dataResult([finding("fast")]);
    });
    const calls = ["analyze_traces", "compare_log_patterns"].map((name) => ({
      name,
      args: { n: 1 },
    }));
    const model = new ScriptedModel([
      { calls },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model, tools: [slow, fast] });
    expect(order).toEqual(["fast", "slow"]);
    const ids = run.session.ledger.evidence.map(({ id, key }) => `${id} ${key}`);
    expect(ids.slice(-2)).toEqual(["E5 slow", "E6 fast"]);
  });

  it("keeps for the report what the model refuted, with the evidence it named", async () => {
    const reason = "no new error";
    const args = { key: "service:payment", state: "refuted", because: reason, evidence: ["E3"] };
    const model = new ScriptedModel([
      { calls: [{ name: "record_hypothesis", args }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const { session } = await runDriver({ model });
    expect(session.ledger.refuted()).toEqual([
      { claim: "service:payment is slow", because: reason, findings: ["b1"], isDisputed: true },
    ]);
  });

  it("refuses a reason that nobody could show", async () => {
    const because = "See https://evil.example for the proof.";
    const args = { key: "service:payment", state: "refuted", because, evidence: ["E3"] };
    const model = new ScriptedModel([
      { calls: [{ name: "record_hypothesis", args }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const { session } = await runDriver({ model });
    expect(String(model.shown[1]?.at(-1)?.content)).toContain("The reason was not accepted");
    expect(session.ledger.refuted()).toEqual([]);
  });

  it("drops a note that is not in the language asked for", async () => {
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1"], "checkoutが遅くなった[E1]。"),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(run.end.narrative).toBeUndefined();
    expect(notes(run)).toContain("the model's note was dropped: not in the language asked for");
  });

  it("drops a note with a number that no finding states", async () => {
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E1"], "Checkout slowed to 9000 ms [E1]."),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(run.end.narrative).toBeUndefined();
    expect(notes(run)).toContain("the model's note was dropped: unsupported-number");
  });

  it("refuses a conclusion on evidence that does not exist, and lets the model correct it", async () => {
    const model = new ScriptedModel([
      conclusion("service:checkout", ["E99"]),
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(run.end.model).toBe("scripted:one");
    expect(String(model.shown[1]?.at(-1)?.content)).toContain("Evidence E99 does not exist.");
  });

  it("moves a hypothesis at the model's word, with the evidence it cites", async () => {
    const args = {
      key: "service:payment",
      state: "refuted",
      because: "no new error",
      evidence: ["E3"],
    };
    const model = new ScriptedModel([
      { calls: [{ name: "record_hypothesis", args }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(
      run.session.steps.filter((step) => step.kind === "hypothesis-moved").at(-1),
    ).toMatchObject({
      to: "refuted",
      because: "no new error",
    });
  });

  it("tries again after a rate limit, then goes on", async () => {
    const model = new ScriptedModel([
      { fault: new RateLimit("slow down") },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    expect((await runDriver({ model })).end.model).toBe("scripted:one");
  });

  it("says before the first request whose cost it cannot know, so that no ceiling in dollars holds", async () => {
    const good = [conclusion("service:checkout", ["E1", "E2"]), keep("service:checkout")];
    const priced = await runDriver({ model: new ScriptedModel(good) });
    expect(notes(priced).join()).not.toContain("price");
    const fallbacks = [new ScriptedModel([])];
    const run = await runDriver({ model: new ScriptedModel(good), fallbacks });
    expect(notes(run)[0]).toBe(
      "no price is set for scripted:fallback-1 (model.prices): its cost is not known, and the " +
        "ceiling of 10 USD does not hold; the one of 1,000,000 tokens does",
    );
    const kinds = run.session.steps.map(({ kind }) => kind);
    expect(kinds.indexOf("note")).toBeLessThan(kinds.indexOf("model-message"));
  });

  it("goes on with a fallback model when the first one fails", async () => {
    const model = new ScriptedModel([
      { fault: new RateLimit("slow down") },
      { fault: new RateLimit("slow down") },
      keep("service:checkout"),
    ]);
    const fallback = new ScriptedModel([conclusion("service:checkout", ["E1"])]);
    const run = await runDriver({ model, fallbacks: [fallback] });
    expect(fallback.shown).toHaveLength(1);
    expect(run.end.stoppedBy).toBeNull();
  });

  it("lets the built-in analyst finish when every model fails, and says so", async () => {
    const model = new ScriptedModel([
      { fault: new RateLimit("a") },
      { fault: new RateLimit("secret") },
    ]);
    const run = await runDriver({ model });
    expect(run.end).toEqual({
      stoppedBy: null,
      model:
        "builtin (after scripted:one failed: too many requests, or the quota is used up (429))",
    });
    expect(run.session.ledger.diagnosis).not.toBeNull();
    expect(run.session.steps.some((s) => s.kind === "tool-call" && s.tool === "list_changes")).toBe(
      true,
    );
  });

  it("lets the built-in analyst finish when the model talks without concluding", async () => {
    const model = new ScriptedModel([{ text: "hm" }, { text: "let me think" }, { text: "well" }]);
    const run = await runDriver({ model });
    expect(run.end.model).toBe("builtin (after scripted:one gave no conclusion)");
    expect(model.shown).toHaveLength(3);
  });

  it("answers an unknown tool with the names there are", async () => {
    const model = new ScriptedModel([
      { calls: [{ name: "drop_database", args: {} }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    expect(String(model.shown[1]?.at(-1)?.content)).toContain('There is no tool "drop_database"');
    expect(run.end.model).toBe("scripted:one");
  });

  it("keeps answers apart that a gateway gave the same ids", async () => {
    const model = new ScriptedModel([
      { calls: [{ name: "analyze_traces", args: { n: 1 }, id: "same" }] },
      { calls: [{ name: "analyze_traces", args: { n: 2 }, id: "same" }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ]);
    const run = await runDriver({ model });
    const calls = run.session.steps.filter(
      (s) => s.kind === "tool-call" && s.tool === "analyze_traces",
    );
    expect(new Set(calls.map((step) => step.kind === "tool-call" && step.callId)).size).toBe(2);
    expect(run.end.model).toBe("scripted:one");
  });

  it.each([
    ["model calls", { modelCalls: 10 }],
    ["tokens", { tokens: 11_000 }],
    ["cost", { costUsd: 0.02 }],
    ["tool calls", { toolCalls: 12 }],
    ["bytes scanned", { bytesScanned: 1_200 }],
    ["seconds", { seconds: 160 }],
  ] as const)(
    "nudges, withdraws the tools and stops when the %s run out",
    async (budget, limits) => {
      const look = (n: number) => ({ calls: [{ name: "analyze_traces", args: { n } }] });
      const model = new ScriptedModel(Array.from({ length: 40 }, (_, n) => look(n)));
      const run = await runDriver({ model, limits });
      expect(run.end.stoppedBy).toBe(budget);
      const said = model.shown.map((messages) => String(messages.at(-1)?.content));
      const nudged = said.findIndex((text) => text.includes("Conclude with what you have"));
      const withdrawn = said.findIndex((text) => text.includes("The tools are withdrawn"));
      expect(nudged).toBeGreaterThan(0);
      expect(withdrawn).toBeGreaterThan(nudged);
      expect(model.offered[nudged]?.length).toBeGreaterThan(3);
      expect(model.offered.slice(withdrawn).flat()).toEqual(
        Array(model.offered.length - withdrawn).fill("conclude"),
      );
      expect(run.session.ledger.diagnosis).not.toBeNull();
      expect(run.session.steps.filter((step) => step.kind === "budget-spent")).toMatchObject([
        { budget },
      ]);
    },
  );

  it("ends a model that calls the same two tools in turn", async () => {
    const calls = Array.from({ length: 24 }, (_, n) => ({
      calls: [{ name: "get_trace", args: { n: n % 2 } }],
    }));
    const model = new ScriptedModel(calls);
    await runDriver({ model });
    expect(model.offered.at(-1)).toEqual(["conclude"]);
    expect(model.offered.filter((names) => names.length === 1)).toHaveLength(3);
  });

  it("withdraws the tools from a model whose calls keep failing", async () => {
    const broken = toolNamed("get_trace", () => {
      const message = "The system did not answer.";
      return { kind: "failed", reason: "timed-out", message, next: "Go on.", retryable: true };
    });
    const model = new ScriptedModel(
      Array.from({ length: 24 }, (_, n) => ({ calls: [{ name: "get_trace", args: { n } }] })),
    );
    const run = await runDriver({ model, tools: [broken] });
    const nudged = model.shown.findIndex((messages) =>
      String(messages.at(-1)?.content).includes("brought nothing new"),
    );
    expect(nudged).toBe(3);
    expect(model.offered.findIndex((names) => names.length === 1)).toBe(6);
    expect(run.session.ledger.gaps.some(({ what }) => what === "get trace")).toBe(true);
  });

  it("keeps a long result whole under a handle that can be read on", async () => {
    const long = Array.from({ length: 4000 }, (_, i) => `row-${i}`);
    const tool = toolNamed("get_trace", () => ({
      kind: "data",
      output: { rows: long },
      findings: [],
      gaps: [],
    }));
    const script = [
      { calls: [{ name: "get_trace", args: {} }] },
      { calls: [{ name: "read_result", args: { handle: "result-call-1-0", find: "row-3999" } }] },
      conclusion("service:checkout", ["E1"]),
      keep("service:checkout"),
    ];
    const model = new ScriptedModel(script);
    const run = await runDriver({ model, tools: [tool] });
    expect(String(model.shown[1]?.at(-1)?.content)).toContain(
      "handle for read_result is result-call-1-0",
    );
    const read = String(model.shown[2]?.at(-1)?.content);
    expect(read).toContain("row-3999");
    const { steps } = run.session;
    const kept = steps.find((step) => step.kind === "tool-result" && step.handle !== undefined);
    expect(kept).toMatchObject({ handle: "result-call-1-0", result: { output: { rows: long } } });
    // Killed after the long result was stored: a new process reads on in what the store holds.
    const recorded = JSON.parse(JSON.stringify(steps.slice(0, kept?.number)));
    const later = new ScriptedModel(script.slice(1));
    const gone = toolNamed("get_trace", () => Promise.reject(new Error("asked again")));
    await runDriver({ model: later, tools: [gone], recorded });
    expect(String(later.shown[1]?.at(-1)?.content)).toBe(read);
  });

  it("goes on after a crash at any step without a repeated call, and ends the same", async () => {
    const script = () => [
      { calls: [{ name: "analyze_traces", args: { n: 1 } }] },
      conclusion("service:payment", ["E3", "E4"], "Payment errors rose to 40 % [E3]."),
      keep("service:payment"),
    ];
    const whole = await runDriver({ model: new ScriptedModel(script()) });
    const { steps } = whole.session;
    for (let crash = 1; crash < steps.length; crash += 1) {
      const recorded = JSON.parse(JSON.stringify(steps.slice(0, crash)));
      const asked = recorded.filter(
        (s: { kind: string; job?: string }) => s.kind === "model-message",
      );
      const model = new ScriptedModel(script().slice(asked.length));
      const again = await runDriver({ model, recorded });
      expect(again.end, `crash after step ${crash}`).toEqual(whole.end);
      expect(first(again)).toBe(first(whole));
      const calls = [...recorded, ...again.session.steps].filter((s) => s.kind === "tool-result");
      expect(calls.map((s) => s.tool)).toEqual(
        steps.flatMap((s) => (s.kind === "tool-result" ? [s.tool] : [])),
      );
    }
  });

  it("stops at once when it is told to, with what was found", async () => {
    const stop = new AbortController();
    const model = new ScriptedModel([
      () => {
        stop.abort();
        return { calls: [{ name: "analyze_traces", args: {} }] };
      },
    ]);
    const run = await runDriver({ model, signal: stop.signal });
    expect(run.end.stoppedBy).toBe("stopped on request");
    expect(model.shown).toHaveLength(1);
  });
});
