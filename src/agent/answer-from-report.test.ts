import { describe, expect, it } from "vitest";
import { reportSchema } from "../core/report.ts";
import { answerFromReport } from "./answer-from-report.ts";

const window = { from: "2026-11-20T12:00:00Z", to: "2026-11-20T12:45:00Z" };
const evidence = (id: string, statement: string) => ({
  ...{ id, layer: "application", kind: "anomaly", statement, window, provenance: [] },
});

const report = reportSchema.parse({
  id: "inc_1",
  title: "checkout 5xx",
  language: "en",
  status: "complete",
  conclusion: "confirmed",
  confidence: 0.9,
  model: "builtin",
  priority: {
    ...{ level: "P1", impact: "high", severity: "high", respondWithin: "1 hour" },
    factors: [
      { name: "users", rating: "high", state: "measured", statement: "s", evidence: ["E1"] },
    ],
  },
  window,
  baseline: window,
  onset: "2026-11-20T12:14:00Z",
  detectedAt: "2026-11-20T12:19:00Z",
  summary: "31% of requests to storefront fail.",
  rootCauses: [
    {
      ...{ rank: 1, service: "checkout", resource: null, change: null, causeKind: "leak" },
      ...{ mechanism: "checkout leaks connections", confidence: 0.9 },
      ...{ supporting: ["E2"], contradicting: [] },
    },
  ],
  ruledOut: [
    { claim: "flag new-banner caused it", because: "no request passes it", evidence: ["E4"] },
  ],
  firstFailing: "checkout",
  blastRadius: ["storefront"],
  impact: {
    users: "31% of requests to storefront fail",
    business: [
      {
        ...{ kpi: "Orders", expected: 498, actual: 112, lost: 386, lostInterval: [341, 430] },
        ...{ lostValue: 16212, currency: "EUR", unit: "orders", evidence: ["E3"] },
      },
      {
        ...{ kpi: "Visits", expected: 100, actual: 99, lost: 1, lostInterval: [-20, 21] },
        ...{ unit: "visits", evidence: [] },
      },
    ],
    slos: [],
  },
  timeline: [
    { at: "2026-11-20T12:14:00Z", kind: "onset", text: "checkout left normal", evidence: ["E2"] },
  ],
  actions: [{ kind: "rollback", text: "Roll back 3f2a91c", risk: "none", evidence: ["E2"] }],
  evidence: [
    evidence("E1", "storefront: the share of failing requests rose to 31%"),
    evidence("E2", "checkout: 接続待ちのリクエストが 0 から 41 に上昇"),
    evidence("E3", "Orders: 112 instead of 498"),
    evidence("E4", "new-banner guards code that no failing request passes"),
  ],
  gaps: [],
  similar: [],
  topology: [],
  usage: {
    ...{ modelCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 },
    ...{ toolCalls: 1, bytesScanned: 1, seconds: 1 },
  },
});

describe("the answer without a model", () => {
  it.each([
    [
      "en",
      "How many users are affected and what does it cost?",
      "- 31% of requests to storefront fail [E1]\n- Orders: 112 instead of 498 expected, about 16,212 EUR lost [E3]",
    ],
    ["en", "What should I do first?", "- Roll back 3f2a91c [E2]"],
    [
      "en",
      "What was ruled out and why?",
      "- Ruled out: flag new-banner caused it: no request passes it [E4]",
    ],
    ["en", "Why is it broken?", "- checkout leaks connections (90%) [E2]"],
    [
      "ja",
      "利用者への影響は?",
      "- 31% of requests to storefront fail [E1]\n- Orders: 想定 498 に対し実績 112、損失は約 16,212 EUR [E3]",
    ],
    ["ja", "何をすればいいですか", "- Roll back 3f2a91c [E2]"],
  ])("says in %s to “%s” what the report says", (language, question, text) => {
    expect(answerFromReport(report, question, language).text).toContain(text);
  });

  it("finds the findings that share the question's words, in Japanese as well", () => {
    expect(answerFromReport(report, "接続待ちはどうなった", "ja")).toMatchObject({
      text: "- checkout: 接続待ちのリクエストが 0 から 41 に上昇 [E2]",
      evidence: ["E2"],
    });
  });

  it("says why something is not the cause, and leaves open what the report never speaks of", () => {
    const banner = answerFromReport(report, "Why not the new banner?", "en");
    expect(banner.text).toContain(
      "- Ruled out: flag new-banner caused it: no request passes it [E4]",
    );
    expect(banner.open).toEqual([]);
    const database = answerFromReport(report, "Why not the database?", "en");
    expect(database.text).toContain("Ruled out");
    expect(database.open).toEqual(["Why not the database?"]);
    const seen = { ...report, topology: [{ from: "checkout", to: "postgres-main", kind: "db" }] };
    const spared = answerFromReport(seen, "Why not the database?", "en");
    expect(spared.text).toMatch(/^- No finding speaks against postgres-main\n/);
    expect(spared.open).toEqual([]);
  });

  it("says so when nothing in the evidence answers, in the reader's language", () => {
    const open = ["Did the moon do it?"];
    expect(answerFromReport(report, "Did the moon do it?", "en")).toMatchObject({
      text: expect.stringContaining("The saved evidence says nothing about that."),
      open,
    });
    expect(answerFromReport(report, "月のせい?", "ja").text).toContain("保存された証拠からは");
  });
});
