import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../core/clock.ts";
import { modelSettingsSchema } from "../../core/model-settings.ts";
import type { ModelSend } from "../../core/step.ts";
import type { BudgetLimits } from "../budget.ts";
import type { Watch } from "../session.ts";
import { FakeOpenAi, type FakeReply } from "../testing/fake-openai.ts";
import { runDriver } from "../testing/run-driver.ts";
import { openModel } from "./open-model.ts";

const servers: FakeOpenAi[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

interface Options {
  readonly wire?: "responses" | "chat";
  readonly stream?: boolean;
  readonly timeoutSeconds?: number;
  readonly watch?: Watch;
  readonly limits?: Partial<BudgetLimits>;
  readonly clock?: Clock;
}

async function investigate(replies: readonly FakeReply[], options: Options = {}) {
  const server = new FakeOpenAi(replies);
  servers.push(server);
  const baseUrl = await server.start();
  const { wire = "auto", stream = true, timeoutSeconds = 20, watch = {} } = options;
  const settings = modelSettingsSchema.parse({ baseUrl, wire, stream, timeoutSeconds });
  const model = await openModel("openai:fake", { settings, openaiApiKey: "test-key" });
  const { limits = {}, clock } = options;
  const run = await runDriver({ model: model.chat, watch, limits, ...(clock ? { clock } : {}) });
  return { run, server };
}

const conclude = {
  name: "conclude",
  args: {
    primary: "service:checkout",
    because: "it fits",
    evidence: ["E1", "E2"],
    note: "Checkout slowed to 2400 ms [E1].",
  },
};
const verdicts = {
  name: "verdicts",
  args: { verdicts: [{ key: "service:checkout", verdict: "keep", because: "shown" }] },
};
const look = { name: "analyze_traces", args: { n: 1 } };
const good: readonly FakeReply[] = [
  { kind: "calls", calls: [look] },
  { kind: "calls", calls: [conclude] },
  { kind: "calls", calls: [verdicts] },
];

const note = "Checkout slowed to 2400 ms [E1].";
const wires = (["chat", "responses"] as const).flatMap((wire) => [
  { wire, stream: true, how: "streaming" },
  { wire, stream: false, how: "whole" },
]);

describe.each(wires)("an OpenAI-compatible server over $wire, $how", ({ wire, stream }) => {
  it("drives a whole investigation with native tool calls", async () => {
    const { run, server } = await investigate(good, { wire, stream });
    expect(run.end).toEqual({ stoppedBy: null, model: "scripted:one", narrative: note });
    expect(run.session.budget.usage).toMatchObject({ modelCalls: 3, inputTokens: 2700 });
    expect(server.requests[0]?.path).toMatch(wire === "chat" ? /chat\/completions$/ : /responses$/);
    expect(server.requests[0]?.authorization).toBe("Bearer test-key");
    expect(server.requests.map(({ body }) => body.stream === true)).toEqual(Array(3).fill(stream));
  });

  const looks = [{ name: "get_trace", args: { n: 9, service: "checkout" } }];
  const cut = (by: "break" | "end" | "hang" | "error", part: object) =>
    [{ kind: "truncated", by, ...part }] as readonly FakeReply[];
  const words = { text: "Checkout slowed down because its callee" };
  const faults: [string, readonly FakeReply[]][] = [
    ["a rate limit", [{ kind: "status", status: 429, retryAfter: "0" }]],
    ["a server fault", [{ kind: "status", status: 500 }]],
    ["a connection that breaks in the middle of a word", cut("break", words)],
    ["a connection that breaks in the middle of a tool call", cut("break", { calls: looks })],
    ["an answer that ends in the middle of a word", cut("end", words)],
    ["an answer that ends in the middle of a tool call", cut("end", { calls: looks })],
    ["an answer that stops coming in the middle of a tool call", cut("hang", { calls: looks })],
    ["a fault reported in the middle of an answer", cut("error", { calls: looks })],
    [
      "arguments that are not JSON",
      [{ kind: "calls", calls: [{ name: "get_trace", args: "{oops" }] }],
    ],
    [
      "arguments that end in the middle, in an answer said to be whole",
      [{ kind: "calls", calls: [{ name: "get_trace", args: '{"n": 9, "service": "chec' }] }],
    ],
    ["an unknown tool", [{ kind: "calls", calls: [{ name: "delete_all", args: {} }] }]],
    ["an empty answer", [{ kind: "text", text: "" }]],
    [
      "answers that share their ids",
      [
        { kind: "calls", id: "same", calls: [{ ...look, id: "same" }] },
        { kind: "calls", id: "same", calls: [{ name: "get_trace", args: { n: 7 }, id: "same" }] },
      ],
    ],
  ];
  it.each(faults)("goes on after %s", async (_, replies) => {
    const options = { wire, stream, timeoutSeconds: 0.4 };
    const { run } = await investigate([...replies, ...good.slice(1)], options);
    expect(run.end).toEqual({ stoppedBy: null, model: "scripted:one", narrative: note });
    const looked = run.session.steps.filter(
      (s) => s.kind === "tool-call" && s.tool === "get_trace",
    );
    // What did not come to its end is asked for again; it is no answer, and nothing is corrected.
    const isCut = replies.some((r) => "kind" in r && r.kind === "truncated");
    if (isCut) expect(run.session.budget.usage.modelCalls).toBe(2);
    const whole = replies.filter((r) => "kind" in r && r.kind === "calls" && r.id === "same");
    expect(looked).toHaveLength(whole.length > 0 ? 1 : 0);
  });

  const lasting: [string, FakeReply][] = [
    ["hangs", { kind: "hang" }],
    ["hangs in the middle of every answer", { kind: "truncated", by: "hang", calls: looks }],
    ["breaks every answer off", { kind: "truncated", by: "break", calls: looks }],
    ["answers HTML", { kind: "not-json" }],
    ["is always busy", { kind: "status", status: 429 }],
    ["asks for an hour of patience", { kind: "status", status: 429, retryAfter: "3600" }],
    ["only says nothing", { kind: "text", text: "" }],
  ];
  it.each(lasting)("ends in the built-in analyst's report when it %s", async (_, reply) => {
    const options = { wire, stream, timeoutSeconds: 0.2 };
    const { run } = await investigate(Array(12).fill(reply), options);
    expect(run.end.model).toMatch(/^builtin \(after scripted:one /);
    expect(run.end.stoppedBy).toBeNull();
    expect(run.session.ledger.diagnosis).not.toBeNull();
  });
});

describe("a server that hangs for longer than the run may take", () => {
  it("is left at the last second, with what was found", async () => {
    const clock = { now: () => performance.now() };
    const limits = { seconds: 0.5 };
    const { run } = await investigate([{ kind: "hang" }], { timeoutSeconds: 60, clock, limits });
    expect(run.end).toEqual({ stoppedBy: "seconds" });
    expect(run.session.ledger.diagnosis).not.toBeNull();
  });
});

describe("a streamed answer", () => {
  const twoSentences = `${note} Payment errors rose to 40 % [E3]. And 9000 users left [E1]. Really [E1].`;
  const writes = (text: string): readonly FakeReply[] => [
    { kind: "calls", calls: [{ ...conclude, args: { ...conclude.args, note: text } }] },
    { kind: "calls", calls: [verdicts] },
  ];

  it.each(["chat", "responses"] as const)("over %s is told sentence by sentence", async (wire) => {
    const drafts: string[] = [];
    const watch = { onDraft: (text: string) => drafts.push(text) };
    await investigate(writes(`${note} Payment errors rose to 40 % [E3].`), { wire, watch });
    expect(drafts).toEqual([note, `${note} Payment errors rose to 40 % [E3].`]);
  });

  it("is told only as far as it holds", async () => {
    const drafts: string[] = [];
    await investigate(writes(twoSentences), { watch: { onDraft: (text) => drafts.push(text) } });
    expect(drafts.at(-1)).toBe(`${note} Payment errors rose to 40 % [E3].`);
  });

  it("without token counts is counted by its length, and the run says so", async () => {
    const uncounted = good.map((reply) => ({ ...reply, isUncounted: true }) as FakeReply);
    const { run } = await investigate(uncounted, { wire: "chat" });
    expect(run.session.budget.usage.inputTokens).toBeGreaterThan(300);
    const notes = run.session.steps.filter((s) => s.kind === "note");
    expect(notes).toMatchObject([
      { text: expect.stringContaining("does not say how many tokens") },
    ]);
  });

  it("is understood from a server that does not stream", async () => {
    const replies = good.map((reply) => ({ ...reply, kind: "unstreamed" }) as FakeReply);
    const { run, server } = await investigate(replies, { wire: "chat" });
    expect(run.end.narrative).toBe(note);
    expect(server.requests).toHaveLength(3);
  });
});

describe("what is sent to a model", () => {
  it("is told before it leaves, by size and hash, every attempt alike", async () => {
    const sent: ModelSend[] = [];
    const watch = { onModelSend: async (each: ModelSend) => void sent.push(each) };
    const busy: FakeReply = { kind: "status", status: 500 };
    const { server } = await investigate([busy, ...good], { wire: "chat", watch });
    expect(sent.map(({ job }) => job)).toEqual([
      "investigate",
      "investigate",
      "investigate",
      "verify",
    ]);
    expect(sent).toHaveLength(server.requests.length);
    expect(sent[0]).toEqual(sent[1]);
    expect(sent[1]?.sha256).not.toBe(sent[2]?.sha256);
    expect(sent[2]?.bytes).toBeGreaterThan(sent[1]?.bytes ?? 0);
    expect(sent[0]).toMatchObject({
      model: "scripted:one",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("does not leave when it cannot be told", async () => {
    const onModelSend = () => Promise.reject(new Error("the audit log is full"));
    const { run, server } = await investigate(good, { wire: "chat", watch: { onModelSend } });
    expect(server.requests).toEqual([]);
    expect(run.end.model).toMatch(/^builtin \(after scripted:one failed/);
  });
});

describe.each([true, false])("a gateway (streaming: %s)", (stream) => {
  it.each(["no-role", "no-ids"] as const)("with %s in its answers is understood", async (kind) => {
    const replies: FakeReply[] = [
      { kind, calls: [look, { name: "get_trace", args: { n: 2 } }] },
      { kind, calls: [conclude] },
      { kind, calls: [verdicts] },
    ];
    const { run } = await investigate(replies, { wire: "chat", stream });
    expect(run.end.model).toBe("scripted:one");
    const inputs = run.session.steps.flatMap((s) =>
      s.kind === "tool-call" && s.because === "asked by the model" ? [s.input] : [],
    );
    expect(inputs).toEqual([{ n: 1 }, { n: 2 }, conclude.args]);
  });

  it.each([
    ["more tokens than there were bytes", { input: 1e12, output: 9 }],
    ["less than nothing", { input: -1e12, output: -9 }],
  ])("that counts %s is counted by length instead", async (_, counts) => {
    const replies = good.map((reply) => ({ ...reply, counts }) as FakeReply);
    const { run } = await investigate(replies, { wire: "chat", stream });
    const { inputTokens, outputTokens } = run.session.budget.usage;
    expect(run.end).toMatchObject({ stoppedBy: null, model: "scripted:one" });
    expect(inputTokens).toBeGreaterThan(300);
    expect(inputTokens).toBeLessThan(20_000);
    expect(outputTokens).toBeGreaterThan(30);
  });
});

describe("an answer that is far too long", () => {
  const long = "x".repeat(200_000);
  const longCall = { ...conclude, args: { ...conclude.args, note: long } };
  const replies: FakeReply[] = [
    { kind: "text", text: long },
    { kind: "calls", calls: [longCall] },
    ...good.slice(1),
  ];

  it("is no answer: the model is told to call a tool, and nothing of it is kept", async () => {
    const { run, server } = await investigate(replies, { wire: "chat", stream: false });
    expect(run.end).toEqual({ stoppedBy: null, model: "scripted:one", narrative: note });
    expect(server.requests).toHaveLength(4);
    expect(JSON.stringify(run.session.steps).length).toBeLessThan(100_000);
  });

  it.each(wires.filter(({ stream }) => stream))("is left while it streams ($wire)", async (how) => {
    for (const reply of replies.slice(0, 2)) {
      const { run, server } = await investigate([reply], how);
      expect(run.end.model).toMatch(/^builtin .* its answer did not come to an end\)$/);
      expect(server.requests).toHaveLength(1);
    }
  });
});

describe("an answer without an end", () => {
  it.each(["words", "pings"] as const)("of %s gives way to the built-in analyst", async (what) => {
    const reply: FakeReply = { kind: "endless", with: what };
    const { run, server } = await investigate([reply], { wire: "chat", timeoutSeconds: 0.2 });
    expect(run.end.model).toBe(
      "builtin (after scripted:one failed: its answer did not come to an end)",
    );
    expect(server.requests).toHaveLength(1);
  });
});

describe("opening a model", () => {
  const access = { settings: modelSettingsSchema.parse({}), openaiApiKey: null };

  it("asks for a key where one is needed", async () => {
    await expect(openModel("openai:gpt-x", access)).rejects.toThrowError(
      'The model "openai:gpt-x" needs OPENAI_API_KEY in the environment.',
    );
  });

  it("names the package of a provider that is not installed", async () => {
    await expect(openModel("anthropic:claude-x", access)).rejects.toThrowError(
      'Models of "anthropic" need a package: npm install @langchain/anthropic',
    );
  });

  it("names the providers it knows", async () => {
    await expect(openModel("acme:one", access)).rejects.toThrowError(
      'The provider "acme" is not known. Use one of: openai, anthropic,',
    );
    await expect(openModel("gpt-5", access)).rejects.toThrowError("Use builtin, openai:<model>");
  });
});
