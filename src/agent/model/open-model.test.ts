import { afterEach, describe, expect, it } from "vitest";
import { modelSettingsSchema } from "../../core/model-settings.ts";
import { FakeOpenAi, type FakeReply } from "../testing/fake-openai.ts";
import { runDriver } from "../testing/run-driver.ts";
import { openModel } from "./open-model.ts";

const servers: FakeOpenAi[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function investigate(
  replies: readonly FakeReply[],
  options: { wire?: "responses" | "chat"; timeoutSeconds?: number } = {},
) {
  const server = new FakeOpenAi(replies);
  servers.push(server);
  const baseUrl = await server.start();
  const settings = modelSettingsSchema.parse({
    baseUrl,
    wire: options.wire ?? "auto",
    timeoutSeconds: options.timeoutSeconds ?? 20,
  });
  const model = await openModel("openai:fake", { settings, openaiApiKey: "test-key" });
  const run = await runDriver({ model: model.chat });
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

describe.each(["chat", "responses"] as const)("an OpenAI-compatible server over %s", (wire) => {
  it("drives a whole investigation with native tool calls", async () => {
    const { run, server } = await investigate(good, { wire });
    expect(run.end).toEqual({
      stoppedBy: null,
      model: "scripted:one",
      narrative: "Checkout slowed to 2400 ms [E1].",
    });
    expect(run.session.budget.usage).toMatchObject({ modelCalls: 3, inputTokens: 2700 });
    expect(server.requests[0]?.path).toMatch(wire === "chat" ? /chat\/completions$/ : /responses$/);
    expect(server.requests[0]?.authorization).toBe("Bearer test-key");
  });

  const faults: [string, readonly FakeReply[]][] = [
    ["a rate limit", [{ kind: "status", status: 429, retryAfter: "0" }]],
    ["a server fault", [{ kind: "status", status: 500 }]],
    ["a truncated answer", [{ kind: "truncated" }]],
    [
      "arguments that are not JSON",
      [{ kind: "calls", calls: [{ name: "get_trace", args: "{oops" }] }],
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
    const { run } = await investigate([...replies, ...good.slice(1)], { wire });
    expect(run.end.stoppedBy).toBeNull();
    expect(run.end.model).toBe("scripted:one");
  });

  it("ends in the built-in analyst's report when the server hangs", async () => {
    const hang: FakeReply[] = [{ kind: "hang" }, { kind: "hang" }];
    const { run } = await investigate(hang, { wire, timeoutSeconds: 0.2 });
    expect(run.end.model).toMatch(/^builtin \(after scripted:one failed: /);
    expect(run.session.ledger.diagnosis).not.toBeNull();
  });

  it("ends in the built-in analyst's report when a gateway answers HTML", async () => {
    const html: FakeReply[] = [{ kind: "not-json" }, { kind: "not-json" }, { kind: "not-json" }];
    const { run } = await investigate(html, { wire });
    expect(run.end.model).toMatch(/^builtin \(after scripted:one /);
  });
});

describe("a gateway that leaves the role out", () => {
  it("is understood", async () => {
    const replies: FakeReply[] = [
      { kind: "no-role", calls: [look] },
      { kind: "no-role", calls: [conclude] },
      { kind: "no-role", calls: [verdicts] },
    ];
    const { run } = await investigate(replies, { wire: "chat" });
    expect(run.end.model).toBe("scripted:one");
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
