import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Clock } from "../../core/clock.ts";
import type { Finding } from "../../core/evidence.ts";
import type { Diagnosis } from "../../core/hypothesis.ts";
import type { Prompts } from "../../core/prompts.ts";
import type { Step } from "../../core/step.ts";
import type { Tool } from "../../core/tool.ts";
import type { AlarmInbox } from "../alarm-inbox.ts";
import type { BudgetLimits } from "../budget.ts";
import { reactDriver } from "../model/react-driver.ts";
import type { Watch } from "../session.ts";
import type { ScriptedModel } from "./scripted-model.ts";
import { dataResult, diagnosisOf, finding, hypothesis, testSession, toolNamed } from "./session.ts";

const prompts: Prompts = {
  investigate: "Investigate.",
  verify: "Verify.",
  "answer-follow-up": "Answer.",
  "write-narrative": "Write.",
};

const findings: readonly Finding[] = [
  finding("a1", { service: "checkout", statement: "checkout p95 rose to 2400 ms", weight: 0.9 }),
  finding("a2", { service: "checkout", statement: "checkout self time rose 13-fold", weight: 0.8 }),
  finding("b1", { service: "payment", statement: "payment errors rose to 40 %", weight: 0.7 }),
  finding("b2", { service: "payment", statement: "payment logs a new error", weight: 0.6 }),
];

const bytesPerRead = 100;

/** Two causes that the computed ranking cannot tell apart; something speaks against the first. */
export const unsettled = diagnosisOf(
  hypothesis("service:checkout", {
    confidence: 0.35,
    supporting: ["a1", "a2"],
    contradicting: ["b1"],
  }),
  hypothesis("service:payment", { confidence: 0.3, supporting: ["b1", "b2"] }),
);

/** A computed first cause that is sure. */
export const settled = diagnosisOf(
  hypothesis("service:checkout", { confidence: 0.9, supporting: ["a1", "a2"] }),
  hypothesis("service:payment", { confidence: 0.2, supporting: ["b1", "b2"] }),
);

/** Runs the ReAct driver over tools with fixed answers; `model` and others are scripted. */
export async function runDriver(options: {
  model: BaseChatModel;
  fallbacks?: readonly ScriptedModel[];
  diagnosis?: Diagnosis;
  tools?: readonly Tool[];
  limits?: Partial<BudgetLimits>;
  recorded?: readonly Step[];
  signal?: AbortSignal;
  inbox?: AlarmInbox;
  watch?: Watch;
  clock?: Clock;
}) {
  const { model, fallbacks = [], diagnosis = unsettled, tools = [] } = options;
  let reads = 0;
  const fixed = (name: string, more: { diagnosis?: Diagnosis } = {}) =>
    toolNamed(name, () => {
      reads += 1;
      return dataResult(findings, more);
    });
  const driver = reactDriver({
    models: [
      { name: "scripted:one", chat: model },
      ...fallbacks.map((chat, i) => ({ name: `scripted:fallback-${i + 1}`, chat })),
    ],
    verifier: null,
    prompts,
    runbooks: [],
    prices: { "scripted:one": { input: 1, output: 10 } },
    retry: { maxRetries: 1, initialDelayMs: 0 },
  });
  const builtin = [
    "measure_business_impact",
    "get_slo_status",
    "analyze_traces",
    "compare_log_patterns",
    "list_changes",
    "assess_priority",
    "search_runbooks",
    "get_topology",
    "get_trace",
  ];
  const session = testSession({
    tools: [
      fixed("find_anomalies"),
      fixed("rank_root_causes", { diagnosis }),
      ...builtin.filter((name) => !tools.some((t) => t.name === name)).map((name) => fixed(name)),
      ...tools,
    ],
    own: driver.tools ?? [],
    bytesScanned: () => reads * bytesPerRead,
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.recorded ? { recorded: options.recorded } : {}),
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.watch ? { watch: options.watch } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.inbox ? { inbox: options.inbox } : {}),
  });
  const end = await driver.run(session);
  return { end, session, reads: () => reads };
}

/** The key of the cause that leads after a run. */
export function first({ session }: Awaited<ReturnType<typeof runDriver>>): string | undefined {
  return session.ledger.diagnosis?.hypotheses[0]?.key;
}

/** What a run wrote down about itself. */
export function notes({ session }: Awaited<ReturnType<typeof runDriver>>): string[] {
  return session.steps.flatMap((step) => (step.kind === "note" ? [step.text] : []));
}

/** The call of `conclude` that a competent model would make. */
export function conclusion(primary: string, evidence: readonly string[], note = "") {
  return { calls: [{ name: "conclude", args: { primary, because: "it fits", evidence, note } }] };
}

/** A verify pass that keeps the first cause. */
export function keep(...keys: string[]) {
  const verdicts = keys.map((key) => ({ key, verdict: "keep", because: "shown" }));
  return { calls: [{ name: "verdicts", args: { verdicts } }] };
}
