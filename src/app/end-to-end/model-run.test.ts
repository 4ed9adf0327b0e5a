import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FakeOpenAi, type FakeReply, type FakeRequest } from "../../agent/testing/fake-openai.ts";
import { competent, contrary } from "../../agent/testing/policies.ts";
import { linesOf, readRequest } from "../../agent/testing/read-request.ts";
import { type InvestigationRequest, requestBy } from "../../core/investigation-request.ts";
import type { ModelSettings } from "../../core/model-settings.ts";
import { localPrincipal } from "../../core/principal.ts";
import type { Report } from "../../core/report.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { replay } from "../analyst/transcripts.ts";
import { demoIncidents } from "../demo-incidents.ts";
import { openAnalyst } from "../open-analyst.ts";
import { packageRoot } from "../package-root.ts";
import { runDoctor } from "../run-doctor.ts";

const ids = randomIds(systemClock);
const incidents = demoIncidents();
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function request(capture: string, model: string): InvestigationRequest {
  return requestBy(localPrincipal, {
    model,
    capture,
  });
}

/** An analyst whose models are reached at a server of the test. */
async function analystOver(replies: readonly FakeReply[], wire: ModelSettings["wire"] = "chat") {
  const server = new FakeOpenAi(replies);
  const baseUrl = await server.start();
  const folder = mkdtempSync(join(tmpdir(), "shodo-model-"));
  const configFile = join(folder, "shodo.yaml");
  writeFileSync(configFile, `model:\n  baseUrl: ${baseUrl}\n  wire: ${wire}\n`);
  const storePath = ":memory:";
  const opened = await openAnalyst({
    configFile,
    model: undefined,
    clock: systemClock,
    ids,
    storePath,
  });
  closing.push(() => server.stop(), opened.close);
  return { ...opened, server, configFile };
}

const nothingAsked: FakeRequest = { path: "", authorization: undefined, body: {} };
const nonsense: readonly FakeReply[] = Array.from({ length: 60 }, (_, i): FakeReply => {
  const replies: readonly FakeReply[] = [
    { kind: "text", text: "The moon is full, so restart everything. E1 E2 E3" },
    { kind: "calls", calls: [{ name: "conclude", args: { primary: "moon", evidence: ["E999"] } }] },
    { kind: "calls", calls: [{ name: "get_topology", args: { service: `planet-${i}` } }] },
  ];
  return replies[i % replies.length] ?? { kind: "text", text: "" };
});

describe("an investigation with a model", () => {
  it("has recordings to run on", () => {
    expect(incidents.length).toBeGreaterThan(0);
  });

  it("plays its own steps again to the same report, without telemetry and model", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst, config, server } = await analystOver([
      { kind: "calls", calls: [{ name: "get_topology", args: {} }] },
      {
        kind: "calls",
        calls: [{ name: "conclude", args: { primary: "none", because: "", evidence: [] } }],
      },
      ...nonsense,
    ]);
    const report = await analyst.investigate(request(folder, "openai:some"));
    const steps = [...(await analyst.steps(report.id, 0))];
    const asked = server.requests.length;
    const { runbooks } = analyst;
    const transcript = JSON.parse(JSON.stringify({ version: 1, incident: report.id, steps }));
    const again = await replay(transcript, { config, clock: systemClock, runbooks });
    expect(server.requests).toHaveLength(asked);
    expect({ ...again, usage: null }).toEqual({ ...report, usage: null });
  }, 60_000);

  it("answers a follow-up with cited evidence, and falls back when the model cannot cite", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst } = await analystOver([
      { kind: "calls", calls: [{ name: "answer", args: { text: "It is Tuesday." } }] },
      {
        kind: "calls",
        calls: [{ name: "answer", args: { text: "E1 shows the alarm was right [E1]." } }],
      },
    ]);
    const report = await analyst.investigate(request(folder, "builtin"));
    const options = { principal: localPrincipal, model: "openai:some", language: null };
    expect(await analyst.ask(report.id, "why?", options)).toMatchObject({
      text: "E1 shows the alarm was right [E1].",
      evidence: ["E1"],
      model: "openai:some",
    });
    const second = await analyst.ask(report.id, "why not the database?", options);
    expect(second).toMatchObject({ model: "builtin (after openai:some gave no answer)" });
  }, 60_000);

  it("lets a follow-up read the saved results of the investigation instead of asking again", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst, server } = await analystOver([
      (asked) => {
        const lines = linesOf(readRequest(asked).opening, "saved results, for read_result");
        const [handle = ""] = (lines.find((line) => line.includes("analyze_traces")) ?? "").split(
          ":",
        );
        const args = { handle, find: "payment" };
        return { kind: "calls", calls: [{ name: "read_result", args }] };
      },
      { kind: "calls", calls: [{ name: "answer", args: { text: "E1 shows it [E1]." } }] },
    ]);
    const report = await analyst.investigate(request(folder, "builtin"));
    const options = { principal: localPrincipal, model: "openai:some", language: null };
    const answer = await analyst.ask(report.id, "what did the traces say?", options);
    expect(answer).toMatchObject({ model: "openai:some" });
    const [result = ""] = readRequest(server.requests[1] ?? nothingAsked).results;
    expect(result).toMatch(/^DATA read_result/);
    expect(result).toContain("payment");
  }, 60_000);

  it("writes the report's story in the language asked for, numbers and evidence untouched", async () => {
    const folder = incidents[0]?.folder ?? "";
    const story = (asked: FakeRequest) => {
      const { causes, findings } = readRequest(asked);
      const [id = ""] = (causes[0]?.supporting ?? []).filter((each) =>
        /\d/.test(findings.get(each) ?? ""),
      );
      const [number = ""] = /\d{3,}/.exec(findings.get(id) ?? "") ?? [];
      return { primary: causes[0]?.key ?? "", id, number };
    };
    const conclude = (asked: FakeRequest, note: string) => {
      const { primary, id } = story(asked);
      const args = { primary, because: "見つかった事実に合う", evidence: [id], note };
      return { kind: "calls", calls: [{ name: "conclude", args }] } as const;
    };
    const replies: readonly FakeReply[] = [
      (asked) => {
        const { id, number } = story(asked);
        return conclude(asked, `paymentの設定変更の後に${number}が現れた[${id}]。`);
      },
      competent,
    ];
    const { analyst, server } = await analystOver(replies);
    const english = await analystOver(replies);
    const inEnglish = await english.analyst.investigate(request(folder, "openai:some"));
    const report = await analyst.investigate({ ...request(folder, "openai:some"), language: "ja" });
    const { opening } = readRequest(server.requests[0] ?? nothingAsked);
    expect(opening).toContain("Write your note in language: ja.");
    expect(report.language).toBe("ja");
    expect(report.narrative).toMatch(/^paymentの設定変更の後に\d{3,}が現れた\[E\d+\]。$/);
    expect(report.rootCauses[0]?.confidence).toBe(inEnglish.rootCauses[0]?.confidence);
    const figures = (from: Report) =>
      from.evidence.map(({ id, value, unit, baseline, window }) => [
        id,
        value,
        unit,
        baseline,
        window,
      ]);
    const known = new Map(figures(inEnglish).map((each) => [each[0], each]));
    const both = figures(report).filter(([id]) => known.has(id));
    expect(both.length).toBeGreaterThan(20);
    expect(both).toEqual(both.map(([id]) => known.get(id)));
    const { analyst: other } = await analystOver([
      (asked) => conclude(asked, `paymentの待ちが9876ミリ秒になった[${story(asked).id}]。`),
      competent,
    ]);
    const invented = await other.investigate({ ...request(folder, "openai:some"), language: "ja" });
    expect(invented.narrative ?? "").not.toContain("9876");
  }, 90_000);

  it("puts every request into the audit log, by size and hash and without its text", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst, store, server } = await analystOver([
      { kind: "status", status: 500 },
      { kind: "calls", calls: [{ name: "get_topology", args: {} }] },
      ...nonsense,
    ]);
    const report = await analyst.investigate(request(folder, "openai:some"));
    const options = { principal: localPrincipal, model: "openai:some", language: null };
    await analyst.ask(report.id, "why not the database?", options);
    const entries = (await store.audit.read(0, 500)).filter(({ event }) => event === "model-send");
    expect(entries).toHaveLength(server.requests.length);
    expect(new Set(entries.map(({ detail }) => detail.job))).toEqual(
      new Set(["investigate", "answer"]),
    );
    for (const { incident, by, detail } of entries) {
      expect(incident).toBe(report.id);
      expect(by).toBe(localPrincipal.id);
      expect(Object.keys(detail).sort()).toEqual([
        "bytes",
        "investigation",
        "job",
        "model",
        "sha256",
      ]);
      expect(detail).toMatchObject({
        model: "openai:some",
        investigation: expect.stringMatching(/^inv/),
      });
      expect(detail.bytes).toBeGreaterThan(1_000);
    }
    expect(await store.audit.verify()).toMatchObject({ kind: "intact" });
  }, 60_000);

  it("tells those who subscribed what the model is writing", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst } = await analystOver([
      {
        kind: "calls",
        calls: [{ name: "answer", args: { text: "E1 shows it [E1]. So do I [E2]." } }],
      },
    ]);
    const report = await analyst.investigate(request(folder, "builtin"));
    const drafts: string[] = [];
    await analyst.ask(report.id, "why?", {
      principal: localPrincipal,
      model: "openai:some",
      language: null,
      onDraft: (text) => drafts.push(text),
    });
    expect(drafts).toEqual(["E1 shows it [E1].", "E1 shows it [E1]. So do I [E2]."]);
  }, 60_000);

  it.each([
    ["chat", "/v1/chat/completions"],
    ["responses", "/v1/responses"],
  ] as const)(
    "is checked by doctor over %s with one tiny call that must use a tool",
    async (wire, path) => {
      const replies: readonly FakeReply[] = [
        { kind: "calls", calls: [{ name: "ready", args: { ok: true } }] },
        { kind: "text", text: "I am ready" },
        { kind: "status", status: 401 },
      ];
      const { server, configFile } = await analystOver(replies, wire);
      const check = () =>
        runDoctor({ configFile, model: "openai:some" }, { clock: systemClock, ids });
      const works = await check();
      expect(works.isReady).toBe(true);
      expect(works.text).toMatch(/model: openai:some: answers in \d+ ms and calls tools/);
      expect(works.text).toContain("no price is set for openai:some (model.prices)");
      expect((await check()).text).toContain(
        "did not call a tool; choose a model that supports tools",
      );
      expect((await check()).text).toMatch(
        /openai:some: failed \(the key was refused \(401\)\); check the key/,
      );
      expect(server.requests.map((asked) => asked.path)).toEqual([path, path, path]);
    },
    60_000,
  );

  it("refuses an unknown model before anything is read", async () => {
    const { analyst } = await analystOver([]);
    const folder = incidents[0]?.folder ?? "";
    await expect(analyst.investigate(request(folder, "acme:x"))).rejects.toThrowError(
      'The provider "acme" is not known.',
    );
  });
});

const cases = process.env.SHODO_CASES ?? join(packageRoot, "..", "shared", "cases");
const captures = existsSync(cases)
  ? readdirSync(cases, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => readdirSync(join(cases, name)).map((each) => join(cases, name, each)))
      .filter((folder) => existsSync(join(folder, "incident.json")))
  : [];

/** Measured with the o200k tokenizer: 3.4 in first messages, more in definitions. */
const charsPerToken = 3.4;

/** What goes over the wire before the model has said anything, in tokens. */
function openingTokens({ body }: FakeRequest): number {
  return JSON.stringify([body.messages, body.tools]).length / charsPerToken;
}

describe("the first message with prompt and tool definitions", () => {
  it.skipIf(captures.length === 0)(
    "stays under 12,000 tokens on every case (needs a folder of cases)",
    async () => {
      const { analyst, server } = await analystOver([contrary]);
      const sizes: number[] = [];
      for (const capture of [...captures, ...incidents.map(({ folder }) => folder)]) {
        const from = server.requests.length;
        await analyst.investigate(request(capture, "openai:some"));
        const first = server.requests[from];
        if (!first) throw new Error(`no model was asked about ${capture}`);
        sizes.push(openingTokens(first));
      }
      expect(sizes).toHaveLength(captures.length + incidents.length);
      expect(Math.min(...sizes)).toBeGreaterThan(1_000);
      expect(Math.max(...sizes)).toBeLessThan(12_000);
    },
    900_000,
  );

  it("says what is known: alarm, services, ranking, findings, changes, KPIs, gaps and runbooks", async () => {
    const folder = incidents[0]?.folder ?? "";
    const { analyst, server } = await analystOver([contrary]);
    await analyst.investigate(request(folder, "openai:some"));
    const { opening } = readRequest(server.requests[0] ?? nothingAsked);
    const labels = [...opening.matchAll(/^DATA (.+)$/gm)].map(([, label]) => label);
    expect(labels).toEqual([
      "alarm",
      "windows",
      "services",
      "computed ranking",
      "findings",
      "changes",
      "business",
      "ruled out",
      "runbooks",
    ]);
    expect(linesOf(opening, "runbooks")[0]).toMatch(/^timeout-and-retry: /);
    expect(linesOf(opening, "business").join("\n")).toContain("Payment success rate");
    expect(linesOf(opening, "changes").join("\n")).toContain("config/payment#418");
  }, 60_000);
});
