import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeOpenAi } from "../../agent/testing/fake-openai.ts";
import {
  competent,
  contrary,
  denying,
  nonsense,
  type Policy,
} from "../../agent/testing/policies.ts";
import type { Evaluation } from "../../eval/evaluate.ts";
import { systemClock } from "../../platform/clock.ts";
import { randomIds } from "../../platform/ids.ts";
import { packageRoot } from "../package-root.ts";
import { runEvaluation } from "../run-evaluation.ts";

const suite = join(packageRoot, "examples/incidents");
const folder = mkdtempSync(join(tmpdir(), "shodo-eval-"));
let builtin: Evaluation;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  builtin = await evaluated("builtin");
}, 300_000);

/** All recorded incidents, as `shodo eval` runs them. */
async function evaluated(model: string, baseUrl?: string): Promise<Evaluation> {
  const configFile = join(folder, `${model.replace(":", "-")}.yaml`);
  const served = baseUrl ? `model:\n  baseUrl: ${baseUrl}\n  wire: chat\n` : "language: en\n";
  writeFileSync(configFile, served);
  const { signal } = new AbortController();
  const how = { repeat: 1, only: "all", alarmAtVictim: false, progress: () => {}, signal } as const;
  const ids = randomIds(systemClock);
  const options = { suite, model, configFile, ...how };
  const { json } = await runEvaluation(options, { clock: systemClock, ids });
  return json as Evaluation;
}

async function withPolicy(name: string, policy: Policy): Promise<Evaluation> {
  const server = new FakeOpenAi([policy]);
  try {
    return await evaluated(`openai:${name}`, await server.start());
  } finally {
    await server.stop();
  }
}

/** What a case is scored by; confidence has its own figure. */
function scores({ cases }: Evaluation) {
  return cases.map(({ name, runs, failures }) => {
    expect(failures, name).toEqual([]);
    const { confidence: _, isConfidentlyWrong: __, ...score } = runs[0]?.score ?? { confidence: 0 };
    return { name, conclusion: runs[0]?.conclusion, score };
  });
}

const nonsensical: [string, Policy][] = [
  ["prose, inventions and broken calls", nonsense()],
  ["well-formed and always of another opinion", contrary],
];

describe("the recorded incidents", () => {
  it.each(nonsensical)(
    "score the same with a model whose answers are %s",
    async (name, policy) => {
      const evaluation = await withPolicy(name.slice(0, 5), policy);
      expect(evaluation.cases.length).toBeGreaterThanOrEqual(13);
      expect(scores(evaluation)).toEqual(scores(builtin));
      // A review can only lower confidence, of a right cause too; hardly so where it approves of
      // all.
      expect(evaluation.summary.brier).toBeLessThanOrEqual(builtin.summary.brier + 0.002);
      expect(evaluation.summary.confidentlyWrong).toBe(builtin.summary.confidentlyWrong);
    },
    300_000,
  );

  it("lose a bounded share of confidence, and nothing else, to a review that denies everything", async () => {
    const { cases, summary } = await withPolicy("denying", denying);
    const stated = (all: Evaluation["cases"]) =>
      all.map(({ runs }) => runs[0]?.score.confidence ?? 0);
    const before = stated(builtin.cases);
    expect(cases.map(({ runs }) => runs[0]?.score.serviceRank)).toEqual(
      builtin.cases.map(({ runs }) => runs[0]?.score.serviceRank),
    );
    expect(summary).toMatchObject({
      right: builtin.summary.right,
      changeExact: builtin.summary.changeExact,
      priority: builtin.summary.priority,
      remediation: builtin.summary.remediation,
    });
    for (const [i, after] of stated(cases).entries()) {
      expect(after).toBeLessThanOrEqual((before[i] ?? 0) + 0.001);
      expect(after).toBeGreaterThanOrEqual((before[i] ?? 0) * 0.79);
    }
    expect(summary.brier).toBeLessThan(builtin.summary.brier + 0.1);
  }, 300_000);

  it("take a competent model fewer than ten tool calls each, in the median", async () => {
    const { summary, cases } = await withPolicy("competent", competent);
    expect(summary.failed).toBe(0);
    expect(summary.toolCallsMedian).toBeLessThan(10);
    expect(summary.toolCallsMedian).toBeGreaterThan(3);
    expect(summary.right).toBeGreaterThanOrEqual(builtin.summary.right);
    expect(cases.every(({ runs }) => runs.every(({ tokens }) => tokens > 0))).toBe(true);
  }, 300_000);
});
