import { tools } from "../../../tools/index.ts";
import type {
  Analyst,
  AskOptions,
  CallOutcome,
  CallRefused,
  IncidentEvent,
  IncidentFilter,
  RunbookDecision,
} from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { Answer, Feedback, Incident, InvestigationRequest } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Step, StepBody } from "../../core/step.ts";
import type { Tool, ToolResult } from "../../core/tool.ts";
import { sampleReport, sampleRunbook } from "./sample-report.ts";
import { sampleSteps } from "./sample-steps.ts";

export interface Script {
  /** Steps of every run, in order; the last is followed by the report. */
  readonly steps?: readonly StepBody[];
  readonly report?: (incident: Incident, isStopped: boolean) => Report;
  /** `manual` waits for `next`; a number waits so long between steps. */
  readonly pace?: "manual" | number;
  readonly answer?: (question: string) => Answer | CallRefused;
  /** A run that throws, as a bug would. */
  readonly failsAfter?: (incident: Incident) => number | null;
}

/**
 * An analyst that follows a script: real states, real grouping by fingerprint, real cancellation, no
 * telemetry. It outlives the face, as a store would, so that restarts can be tried.
 */
export class ScriptedAnalyst implements Analyst {
  readonly tools: readonly Tool[] = tools;
  readonly runbooks: readonly Runbook[] = [sampleRunbook];
  readonly decisions: RunbookDecision[] = [];
  readonly feedbacks: Feedback[] = [];
  readonly requests: InvestigationRequest[] = [];
  readonly questions: string[] = [];
  readonly #script: Script;
  readonly #clock: Clock;
  readonly #incidents = new Map<string, Incident>();
  readonly #byKey = new Map<string, string>();
  readonly #steps = new Map<string, Step[]>();
  readonly #reports = new Map<string, Report>();
  readonly #listeners = new Set<(event: IncidentEvent) => void>();
  readonly #stopped = new Set<string>();
  readonly #gates = new Map<string, { credit: number; wake: (() => void) | null }>();
  #sequence = 0;

  constructor(clock: Clock, script: Script = {}) {
    this.#clock = clock;
    this.#script = script;
  }

  /** Lets the run of an incident take `count` more steps. */
  next(incident: string, count = 1): void {
    const gate = this.#gate(incident);
    gate.credit += count;
    gate.wake?.();
  }

  /** Lets every run end. */
  finishAll(): void {
    for (const id of this.#incidents.keys()) this.next(id, 1_000);
  }

  /** Lets go of everything that has ended, for long runs. */
  forget(): void {
    for (const held of [this.#incidents, this.#byKey, this.#steps, this.#reports, this.#gates]) {
      held.clear();
    }
    this.requests.length = 0;
  }

  get all(): Incident[] {
    return [...this.#incidents.values()];
  }

  async start(request: InvestigationRequest): Promise<Incident> {
    this.requests.push(request);
    const key = request.idempotencyKey;
    const known = key ? this.#byKey.get(key) : undefined;
    if (known) return this.#get(known);
    const joined = request.alarm ? this.#join(request) : null;
    if (joined) {
      if (key) this.#byKey.set(key, joined.id);
      return joined;
    }
    this.#sequence += 1;
    const id = `inc_${String(this.#sequence).padStart(6, "0")}`;
    const now = this.#clock.now();
    const { alarm } = request;
    const incident: Incident = {
      id,
      title: alarm?.name ?? request.question ?? "incident",
      state: "investigating",
      service: alarm?.service ?? request.service,
      openedAt: now,
      updatedAt: now,
      resolvedAt: null,
      alarms: alarm
        ? [{ alarm, count: 1, firstAt: alarm.firedAt, lastAt: alarm.firedAt, reasons: [] }]
        : [],
      openedBy: request.principal,
      acknowledgedBy: null,
      priority: null,
      override: null,
      conclusion: null,
      summary: null,
      investigation: `run_${id}`,
      mergedInto: null,
    };
    if (key) this.#byKey.set(key, id);
    this.#steps.set(id, []);
    this.#set(incident);
    void this.#run(id);
    return incident;
  }

  async investigate(request: InvestigationRequest): Promise<Report> {
    const incident = await this.start(request);
    return new Promise((resolve) => {
      const stop = this.subscribe(incident.id, (event) => {
        if (event.kind !== "report") return;
        stop();
        resolve(event.report);
      });
    });
  }

  async cancel(incident: string, _by: Principal): Promise<CallOutcome> {
    this.#stopped.add(incident);
    this.next(incident, 1_000);
    return { kind: "done" };
  }

  async ask(_incident: string, question: string, _options: AskOptions) {
    this.questions.push(question);
    return (
      this.#script.answer?.(question) ?? {
        text: "About **18%** of checkout requests fail [E1]; orders fell by 38% [E5].",
        evidence: ["E1", "E5"],
        model: "builtin",
        open: [],
      }
    );
  }

  async incident(id: string): Promise<Incident | null> {
    return this.#incidents.get(id) ?? null;
  }

  async incidents(filter: IncidentFilter): Promise<readonly Incident[]> {
    return this.all
      .filter((one) => !filter.states || filter.states.includes(one.state))
      .reverse()
      .slice(0, filter.limit);
  }

  async report(incident: string): Promise<Report | null> {
    return this.#reports.get(incident) ?? null;
  }

  async steps(incident: string, after: number): Promise<readonly Step[]> {
    return (this.#steps.get(incident) ?? []).filter((step) => step.number > after);
  }

  subscribe(incident: string | "all", listener: (event: IncidentEvent) => void): () => void {
    const own = (event: IncidentEvent) => {
      const id = event.kind === "changed" ? event.incident.id : event.incident;
      if (incident === "all" || incident === id) listener(event);
    };
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async acknowledge(incident: string, by: Principal): Promise<CallOutcome> {
    const found = this.#get(incident);
    if (found.acknowledgedBy) return { kind: "refused", message: "already acknowledged" };
    this.#set({ ...found, acknowledgedBy: { by: by.id, at: this.#clock.now() } });
    return { kind: "done" };
  }

  async overridePriority(
    incident: string,
    level: PriorityLevel,
    reason: string,
    by: Principal,
  ): Promise<CallOutcome> {
    const at = new Date(this.#clock.now()).toISOString();
    this.#set({ ...this.#get(incident), override: { level, by: by.id, at, reason } });
    return { kind: "done" };
  }

  async decide(decision: RunbookDecision): Promise<CallOutcome> {
    this.decisions.push(decision);
    return { kind: "done" };
  }

  async feedback(
    incident: string,
    verdict: "helpful" | "not-helpful",
    reason: string | null,
    by: Principal,
  ): Promise<CallOutcome> {
    this.feedbacks.push({ incident, verdict, reason, by, at: this.#clock.now() });
    return { kind: "done" };
  }

  async call(): Promise<ToolResult> {
    throw new Error("the script has no tools");
  }

  /** The same fingerprint joins its open incident; `resolved` closes it. */
  #join(request: InvestigationRequest): Incident | null {
    const { alarm } = request;
    if (!alarm) return null;
    const open = this.all.find(
      (one) =>
        one.resolvedAt === null &&
        one.alarms.some((member) => member.alarm.fingerprint === alarm.fingerprint),
    );
    if (!open) return null;
    if (alarm.state === "resolved") return this.#set({ ...open, resolvedAt: alarm.firedAt });
    const alarms = open.alarms.map((one) =>
      one.alarm.fingerprint === alarm.fingerprint
        ? { ...one, count: one.count + 1, lastAt: alarm.firedAt }
        : one,
    );
    return this.#set({ ...open, alarms });
  }

  async #run(id: string): Promise<void> {
    const bodies = this.#script.steps ?? sampleSteps;
    for (const [i, body] of bodies.entries()) {
      await this.#pause(id);
      if (this.#stopped.has(id)) break;
      if (this.#script.failsAfter?.(this.#get(id)) === i) {
        this.#set({ ...this.#get(id), state: "failed" });
        return;
      }
      this.#append(id, body);
    }
    await this.#pause(id);
    const isStopped = this.#stopped.has(id);
    this.#append(id, {
      kind: "final",
      status: isStopped ? "partial" : "complete",
      stoppedBy: isStopped ? "cancelled" : null,
    });
    const incident = this.#get(id);
    const report =
      this.#script.report?.(incident, isStopped) ??
      sampleReport({ id: `rep_${id}`, status: isStopped ? "partial" : "complete" });
    this.#reports.set(id, report);
    this.#set({
      ...incident,
      state: isStopped ? "cancelled" : "reported",
      conclusion: report.conclusion,
      summary: report.summary,
      priority: report.priority,
    });
    this.#emit({ kind: "report", incident: id, report });
  }

  #append(id: string, body: StepBody): void {
    const steps = this.#steps.get(id) ?? [];
    const step: Step = {
      ...body,
      number: steps.length + 1,
      at: this.#clock.now(),
      usage: {
        modelCalls: 0,
        inputTokens: 0,
        outputTokens: 0,
        costUsd: 0,
        toolCalls: steps.length,
        bytesScanned: 0,
        seconds: steps.length,
      },
    };
    steps.push(step);
    this.#emit({ kind: "step", incident: id, step });
  }

  async #pause(id: string): Promise<void> {
    const { pace } = this.#script;
    if (typeof pace === "number") {
      await new Promise((resolve) => setTimeout(resolve, pace));
      return;
    }
    if (pace !== "manual") {
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    const gate = this.#gate(id);
    while (gate.credit === 0) {
      await new Promise<void>((resolve) => {
        gate.wake = resolve;
      });
    }
    gate.credit -= 1;
  }

  #gate(id: string) {
    const gate = this.#gates.get(id) ?? { credit: 0, wake: null };
    this.#gates.set(id, gate);
    return gate;
  }

  #get(id: string): Incident {
    const incident = this.#incidents.get(id);
    if (!incident) throw new Error(`no incident ${id}`);
    return incident;
  }

  #set(incident: Incident): Incident {
    const next = { ...incident, updatedAt: this.#clock.now() };
    this.#incidents.set(incident.id, next);
    this.#emit({ kind: "changed", incident: next });
    return next;
  }

  #emit(event: IncidentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
