import type { Evidence } from "../core/evidence.ts";
import type { HypothesisMove } from "../core/hypothesis.ts";
import { limits } from "../core/limits.ts";
import type { Step } from "../core/step.ts";
import type { Tool, ToolContext, ToolResult } from "../core/tool.ts";
import { type FailedCall, failedCall, parseInput, unknownTool } from "../core/tool-input.ts";
import { type AlarmInbox, isJoined, joinedFinding } from "./alarm-inbox.ts";
import type { Budget } from "./budget.ts";
import type { Ledger } from "./ledger.ts";
import type { Recorder } from "./recorder.ts";
import { handleOf, toolText } from "./tool-text.ts";

/** What a driver gets back from a call. */
export interface ToolCall {
  readonly callId: string;
  readonly result: ToolResult;
  /** Evidence of the result's findings, new or already known. */
  readonly evidence: readonly Evidence[];
}

export interface ToolRunnerOptions {
  readonly tools: readonly Tool[];
  /** Tools of the driver's own: they read nothing, cost no budget and are never refused. */
  readonly own?: readonly Tool[];
  readonly context: Omit<ToolContext, "findings" | "diagnosis">;
  readonly ledger: Ledger;
  readonly budget: Budget;
  readonly recorder: Recorder;
  /** Takes secrets and invisible characters out of every text inside a result. */
  readonly redact: <T>(value: T) => T;
  /** Steps of an interrupted run: their results are given again, not fetched again. */
  readonly recorded: readonly Step[];
}

/**
 * The only way to run a tool in an investigation: checks the input, the budget and repeats, runs
 * the tool, redacts, moves the ledger, records every step. A tool that throws is a bug; it becomes
 * a failed result here so that the report is still written.
 */
export class ToolRunner {
  readonly tools: readonly Tool[];
  readonly #options: ToolRunnerOptions;
  readonly #recorded: Map<string, Recorded[]>;
  readonly #seen = new Set<string>();
  #joined: readonly Evidence[];
  /** Settles when every earlier call is recorded: parallel calls are recorded in their order. */
  #recording: Promise<unknown> = Promise.resolve();

  constructor(options: ToolRunnerOptions) {
    this.tools = options.tools;
    this.#options = options;
    this.#recorded = recordedCalls(options.recorded);
    this.#joined = options.recorded.flatMap((step) =>
      step.kind === "evidence-added" && isJoined(step.evidence) ? [step.evidence] : [],
    );
  }

  /** Alarms that joined meanwhile become evidence; between calls, so that ids keep their order. */
  hear(inbox: AlarmInbox, isLast = false): Promise<readonly Evidence[]> {
    const heard = this.#recording.then(() => this.#hear(inbox, isLast));
    this.#recording = heard.catch(() => {});
    return heard;
  }

  async #hear(inbox: AlarmInbox, isLast: boolean): Promise<readonly Evidence[]> {
    if (!isLast && [...this.#recorded.values()].some((list) => list.length > 0)) return [];
    const { recorder, ledger, redact } = this.#options;
    const heard = this.#rejoin(Number.POSITIVE_INFINITY);
    for (const joined of inbox.take()) {
      const { fingerprint, name } = redact(joined.alarm);
      await recorder.append({ kind: "alarm-joined", fingerprint, name });
      const { added } = ledger.add([redact(joinedFinding(joined))], recorder.number);
      for (const evidence of added) await recorder.append({ kind: "evidence-added", evidence });
      heard.push(...added);
    }
    return heard;
  }

  /** Alarms that an interrupted run had heard of before a step, so that ids come out the same. */
  #rejoin(before: number): Evidence[] {
    const due = this.#joined.filter((evidence) => evidence.step < before);
    this.#joined = this.#joined.filter((evidence) => evidence.step >= before);
    return due.flatMap((each) => this.#options.ledger.add([each], each.step).all);
  }

  /** True when a call would be refused because no budget is left for tools. */
  get isSpent(): boolean {
    const { rung } = this.#options.budget.rung();
    return rung === "answer-now" || rung === "stop" || this.#options.context.signal.aborted;
  }

  /** True when this very call was made and gave something. */
  wasRun(name: string, input: unknown): boolean {
    return this.#seen.has(`${name} ${canonical(input)}`);
  }

  /** Runs a tool. Calls may be made in parallel; their results are recorded in calling order. */
  call(name: string, input: unknown, because: string, id?: string): Promise<ToolCall> {
    const earlier = this.#recording;
    const call = this.#call({ name, input, because, id }, earlier);
    this.#recording = call.catch(() => {});
    return call;
  }

  async #call(asked: Asked, earlier: Promise<unknown>): Promise<ToolCall> {
    const { name, input, because } = asked;
    const key = `${name} ${canonical(input)}`;
    const { recorder, budget } = this.#options;
    const own = this.#options.own?.find((tool) => tool.name === name);
    const replayed = this.#recorded.get(key)?.shift();
    if (replayed) {
      this.#seen.add(key);
      await earlier;
      // The driver's own tools keep state in the driver, which a new process has to build again.
      if (own) await this.#attempt(own, input);
      return this.#replay(replayed);
    }
    const refusal = own ? null : this.#refuse(name, key);
    if (!refusal && !own) this.#seen.add(key);
    const startedAt = budget.usage.seconds;
    const running = own ? this.#attempt(own, input) : (refusal ?? this.#run(name, input));
    await earlier;
    const callId = asked.id ?? `call_${recorder.number + 1}`;
    await recorder.append({ kind: "tool-call", callId, tool: name, input, because });
    const result = await running;
    if (result.kind === "failed" && !refusal) this.#seen.delete(key);
    const tookMs = Math.round((budget.usage.seconds - startedAt) * 1000);
    return this.#record({ callId, tool: name, result, tookMs });
  }

  #refuse(name: string, key: string): ToolResult | null {
    const { rung, budget } = this.#options.budget.rung();
    if (this.isSpent) {
      const why = rung === "within" ? "the investigation was stopped" : `its ${budget} are spent`;
      return failedCall(
        "budget",
        `${name} was not run: ${why}.`,
        "Answer from the evidence so far.",
      );
    }
    if (this.#seen.has(key)) {
      const message = `${name} was already run with exactly this input.`;
      return failedCall("repeated", message, "Use the earlier result, or change the input.");
    }
    return null;
  }

  async #run(name: string, input: unknown): Promise<ToolResult> {
    const { tools, budget } = this.#options;
    const tool = tools.find((candidate) => candidate.name === name);
    budget.spendToolCall();
    return tool ? this.#attempt(tool, input) : unknownTool(name, tools);
  }

  async #attempt(tool: Tool, input: unknown): Promise<ToolResult> {
    const { context, ledger } = this.#options;
    const parsed = parseInput(tool, input);
    if (parsed.kind === "failed") return parsed;
    try {
      const findings = ledger.evidence;
      const full: ToolContext = { ...context, findings, diagnosis: ledger.diagnosis };
      return this.#options.redact(await tool.run(parsed.input, full));
    } catch (error) {
      const what = error instanceof Error ? error.name : "unknown fault";
      return failedCall("unavailable", `${tool.name} broke (${what}).`, "Go on without it.");
    }
  }

  async #record(call: {
    callId: string;
    tool: string;
    result: ToolResult;
    tookMs: number;
  }): Promise<ToolCall> {
    const { recorder, ledger } = this.#options;
    const { callId, tool, result, tookMs } = call;
    const findings = result.kind === "data" ? result.findings : [];
    const { all, added } = ledger.add(findings, recorder.number);
    for (const evidence of added) await recorder.append({ kind: "evidence-added", evidence });
    const gaps = result.kind === "failed" ? [failureGap(tool, result)] : result.gaps;
    for (const gap of ledger.addGaps(gaps.flatMap((g) => g ?? []))) {
      await recorder.append({ kind: "gap-found", gap });
    }
    const ids = all.map((evidence) => evidence.id);
    const isLong = toolText(tool, result, all, limits.toolResultCharsMax).isCut;
    const handle = isLong ? { handle: handleOf(callId) } : {};
    const told = { callId, tool, result, evidence: ids, tookMs, ...handle };
    await recorder.append({ kind: "tool-result", ...told });
    await this.#conclude(result);
    return { callId, result, evidence: all };
  }

  async #conclude(result: ToolResult): Promise<void> {
    for (const move of this.#take(result)) {
      await this.#options.recorder.append({ kind: "hypothesis-moved", ...move });
    }
  }

  /** A ranking moves hypotheses; a priority replaces the one before. */
  #take(result: ToolResult): HypothesisMove[] {
    const { ledger } = this.#options;
    if (result.kind !== "data") return [];
    if (result.priority) ledger.setPriority(result.priority);
    const ranked = result.diagnosis ? ledger.rank(result.diagnosis) : [];
    const asked = (result.moves ?? []).flatMap((move) => ledger.move(move));
    return [...ranked, ...asked];
  }

  #replay({ callId, result, number }: Recorded): ToolCall {
    const { ledger } = this.#options;
    this.#rejoin(number);
    if (result.kind === "failed") return { callId, result, evidence: [] };
    const { all } = ledger.add(result.kind === "data" ? result.findings : [], number);
    ledger.addGaps(result.gaps);
    this.#take(result);
    return { callId, result, evidence: all };
  }
}

interface Asked {
  readonly name: string;
  readonly input: unknown;
  readonly because: string;
  readonly id: string | undefined;
}

interface Recorded {
  readonly callId: string;
  readonly result: ToolResult;
  readonly number: number;
}

/** Results of an interrupted run by tool and input, in their order. */
function recordedCalls(steps: readonly Step[]): Map<string, Recorded[]> {
  const keys = new Map<string, string>();
  const calls = new Map<string, Recorded[]>();
  for (const step of steps) {
    if (step.kind === "tool-call") {
      keys.set(step.callId, `${step.tool} ${canonical(step.input)}`);
    } else if (step.kind === "tool-result") {
      const key = keys.get(step.callId) ?? "";
      const list = calls.get(key) ?? [];
      list.push({ callId: step.callId, result: step.result, number: step.number });
      calls.set(key, list);
    }
  }
  return calls;
}

/** A read that failed is a gap; a refused or mistyped call is not. */
function failureGap(tool: string, result: FailedCall) {
  const ours = ["budget", "repeated", "invalid-input", "unknown-tool"];
  if (ours.includes(result.reason)) return null;
  const effect = "what it would have shown is unknown, and confidence is lower";
  return { what: tool.replaceAll("_", " "), why: result.message, effect };
}

/** JSON with sorted keys, so that equal inputs are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value ?? {}, (_, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
