import { z } from "zod";
import type { Alarm } from "../../core/alarm.ts";
import type { Clock } from "../../core/clock.ts";
import type { Finding } from "../../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../../core/hypothesis.ts";
import type { Telemetry } from "../../core/source.ts";
import type { Step } from "../../core/step.ts";
import { defineTool, readOnly, type Tool, type ToolResult } from "../../core/tool.ts";
import { AlarmInbox } from "../alarm-inbox.ts";
import { Budget, type BudgetLimits } from "../budget.ts";
import { Ledger } from "../ledger.ts";
import { Recorder } from "../recorder.ts";
import type { Session, Watch } from "../session.ts";
import { ToolRunner } from "../tool-runner.ts";

const window = { from: Date.UTC(2026, 0, 1, 10), to: Date.UTC(2026, 0, 1, 11) };
const baseline = { from: Date.UTC(2026, 0, 1, 9), to: window.from };

const alarm: Alarm = {
  fingerprint: "test",
  sender: "test",
  name: "test alarm",
  service: null,
  resource: null,
  metric: null,
  threshold: null,
  observed: null,
  severity: null,
  state: "firing",
  firedAt: window.from,
  summary: "something is wrong",
  labels: {},
  link: null,
  raw: null,
};

/** Telemetry that holds nothing: tools of these tests answer by themselves. */
const nothing: Telemetry = {
  sources: [],
  read: () => Promise.reject(new Error("no telemetry in this test")),
  native: () => Promise.reject(new Error("no telemetry in this test")),
  gaps: () => [],
  bytesScanned: () => 0,
};

/** A clock that moves one second with every look. */
export function tickingClock(): { now(): number } {
  let now = window.to;
  return {
    now: () => {
      now += 1000;
      return now;
    },
  };
}

/** A real session over tools of the test's own; `steps` collects what is recorded. */
export function testSession(options: {
  tools: readonly Tool[];
  limits?: Partial<BudgetLimits>;
  recorded?: readonly Step[];
  signal?: AbortSignal;
  redact?: <T>(value: T) => T;
  own?: readonly Tool[];
  inbox?: AlarmInbox;
  watch?: Watch;
  bytesScanned?: () => number;
  clock?: Clock;
}): Session & { readonly steps: Step[] } {
  const clock = options.clock ?? tickingClock();
  const steps: Step[] = [];
  const ledger = new Ledger();
  const limits: BudgetLimits = {
    toolCalls: 40,
    seconds: 1e6,
    bytesScanned: 1e12,
    modelCalls: 30,
    tokens: 1e6,
    costUsd: 10,
    ...options.limits,
  };
  const budget = new Budget(limits, clock, options.bytesScanned ?? (() => 0));
  const recorder = new Recorder({
    clock,
    usage: () => budget.usage,
    sink: async (step) => {
      steps.push(step);
    },
    after: options.recorded?.at(-1)?.number ?? 0,
  });
  const signal = options.signal ?? new AbortController().signal;
  const runner = new ToolRunner({
    tools: options.tools,
    own: options.own ?? [],
    context: {
      telemetry: nothing,
      alarm,
      window,
      baseline,
      kpis: [],
      slos: [],
      runbooks: [],
      priority: {} as never,
      now: window.to,
      signal,
    },
    ledger,
    budget,
    recorder,
    redact: options.redact ?? ((value) => value),
    recorded: options.recorded ?? [],
  });
  const brief = { title: "test", question: null, alarm, window, baseline, language: "en" };
  const recorded = options.recorded ?? [];
  const { inbox = new AlarmInbox() } = options;
  const hear = (isLast = false) => runner.hear(inbox, isLast);
  return {
    brief,
    runner,
    ledger,
    budget,
    recorder,
    recorded,
    signal,
    watch: options.watch ?? {},
    steps,
    hear,
  };
}

/** A tool that answers what the test says. */
export function toolNamed(
  name: string,
  answer: (input: Record<string, unknown>) => ToolResult | Promise<ToolResult>,
): Tool {
  // A typed tool is no Tool of any input, though the runner parses before it calls.
  return defineTool({
    name,
    title: name,
    description: `Test tool ${name}.`,
    input: z.looseObject({}),
    output: z.looseObject({}),
    annotations: readOnly,
    costly: false,
    async run(input) {
      return (await answer(input)) as ToolResult<Record<string, unknown>>;
    },
  }) as unknown as Tool;
}

/** What a tool returns that had data to look at, with nothing missing. */
export function dataResult(
  findings: readonly Finding[],
  more: { diagnosis?: Diagnosis } = {},
): ToolResult {
  return { kind: "data", output: {}, findings, gaps: [], ...more };
}

/** About no service and without numbers, unless `more` says otherwise. */
export function finding(key: string, more: Partial<Finding> = {}): Finding {
  return {
    key,
    layer: "application",
    kind: "anomaly",
    statement: `something about ${key}`,
    window,
    provenance: [],
    ...more,
  };
}

/** `key` reads `service:NAME`; the service is taken from it. */
export function hypothesis(key: string, more: Partial<Hypothesis> = {}): Hypothesis {
  return {
    key,
    causeKind: "latency",
    service: key.replace("service:", ""),
    resource: null,
    change: null,
    mechanism: `${key} is slow`,
    confidence: 0.6,
    score: 1,
    supporting: [],
    contradicting: [],
    remediation: "monitor",
    ...more,
  };
}

/** Best first: the first one's service also counts as the first that failed. */
export function diagnosisOf(...hypotheses: Hypothesis[]): Diagnosis {
  return {
    hypotheses,
    ruledOut: [],
    onset: null,
    firstFailing: hypotheses[0]?.service ?? null,
    blastRadius: [],
    isHealthy: false,
  };
}
