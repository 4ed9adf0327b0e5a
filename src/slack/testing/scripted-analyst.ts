import { tools } from "../../../tools/index.ts";
import type {
  Analyst,
  AskOptions,
  CallOutcome,
  IncidentEvent,
  IncidentFilter,
  RunbookDecision,
} from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { Feedback, Incident } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { Principal } from "../../core/principal.ts";
import { withOverride } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Step, StepBody } from "../../core/step.ts";
import type { Tool, ToolResult } from "../../core/tool.ts";
import { respondWithin } from "../../priority/matrix.ts";
import { sampleRunbook } from "./sample-case.ts";
import { sampleReport } from "./sample-report.ts";
import { noUsage, sampleSteps } from "./sample-steps.ts";
import { Gates, type Script, scriptedAnswer } from "./script.ts";
import { scriptedIncident, withAlarm } from "./scripted-incident.ts";

/**
 * An analyst that follows a script: real states, real grouping by fingerprint, real cancellation,
 * no telemetry. It outlives the face, as a store would, so that restarts can be tried.
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
  readonly #gates = new Gates();
  #sequence = 0;

  constructor(clock: Clock, script: Script = {}) {
    this.#clock = clock;
    this.#script = script;
  }

  /** Lets the run of an incident take `count` more steps. */
  next(incident: string, count = 1): void {
    this.#gates.open(incident, count);
  }

  /** Lets every run end. */
  finishAll(): void {
    for (const id of this.#incidents.keys()) {
      this.next(id, 1_000);
      this.nextOfAnswer(id, 1_000);
    }
  }

  /** Lets go of everything that has ended, for long runs. */
  forget(): void {
    for (const one of [this.#incidents, this.#byKey, this.#steps, this.#reports, this.#gates]) {
      one.clear();
    }
    this.requests.length = 0;
  }

  /** How many runs and answers wait for the test. */
  get waiting(): number {
    return this.#gates.waiting;
  }

  /** An incident becomes part of another, as intake or a person finds. */
  merge(id: string, into: string): void {
    this.#stopped.add(id);
    this.#set({ ...this.#get(id), mergedInto: into });
    this.next(id, 1_000);
  }

  get all(): Incident[] {
    return [...this.#incidents.values()];
  }

  async start(request: InvestigationRequest): Promise<Incident> {
    this.requests.push(request);
    if (request.incident !== undefined) return this.#again(request.incident);
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
    const made = { id, investigation: `run_${id}`, now: this.#clock.now() };
    const incident = scriptedIncident(request, made);
    if (key) this.#byKey.set(key, id);
    this.#steps.set(id, []);
    this.#set(incident);
    void this.#run(id);
    return incident;
  }

  /** A failed run goes on where its steps end. */
  #again(id: string): Incident {
    const { failure: _, ...before } = this.#get(id);
    const incident = this.#set({ ...before, state: "investigating" });
    void this.#run(id);
    return incident;
  }

  async investigate(): Promise<Report> {
    throw new Error("faces start investigations and hear of the report");
  }

  async cancel(incident: string, _by: Principal): Promise<CallOutcome> {
    this.#stopped.add(incident);
    this.next(incident, 1_000);
    return { kind: "done" };
  }

  async ask(incident: string, question: string, options: AskOptions) {
    this.questions.push(question);
    let number = this.#steps.get(incident)?.length ?? 0;
    for (const part of this.#script.answering ?? []) {
      if (this.#script.answerPace === "manual") await this.#gates.pass(`ask:${incident}`);
      if (options.signal?.aborted) return { ...scriptedAnswer, text: "Stopped.", evidence: [] };
      if (typeof part === "string") options.onDraft?.(part);
      else {
        number += 1;
        options.onStep?.({ ...part, number, at: this.#clock.now(), usage: noUsage });
      }
    }
    if (this.#script.answerPace === "manual") await this.#gates.pass(`ask:${incident}`);
    return this.#script.answer?.(question) ?? scriptedAnswer;
  }

  /** Lets the answer that is being found in an incident take `count` more parts. */
  nextOfAnswer(incident: string, count = 1): void {
    this.#gates.open(`ask:${incident}`, count);
  }

  async incident(id: string): Promise<Incident | null> {
    return this.#incidents.get(id) ?? null;
  }

  async incidents({ states, limit }: IncidentFilter): Promise<readonly Incident[]> {
    const found = this.all.filter((one) => !states || states.includes(one.state));
    return found.reverse().slice(0, limit);
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
    const acknowledgedBy = { by: by.name, id: by.id, at: this.#clock.now() };
    this.#set({ ...found, acknowledgedBy });
    return { kind: "done" };
  }

  async overridePriority(...given: Parameters<Analyst["overridePriority"]>): Promise<CallOutcome> {
    const [incident, level, reason, by] = given;
    const at = new Date(this.#clock.now()).toISOString();
    const override = { level, by: by.name, id: by.id, at, reason };
    this.#set({ ...this.#get(incident), override });
    const report = this.#reports.get(incident);
    if (report) {
      const priority = withOverride(report.priority, override, respondWithin);
      this.#reports.set(incident, { ...report, priority });
    }
    return { kind: "done" };
  }

  async decide(decision: RunbookDecision): Promise<CallOutcome> {
    this.decisions.push(decision);
    return { kind: "done" };
  }

  async feedback(...given: Parameters<Analyst["feedback"]>): Promise<CallOutcome> {
    const [incident, verdict, reason, by] = given;
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
    return this.#set(withAlarm(open, alarm));
  }

  async #run(id: string): Promise<void> {
    const bodies = this.#script.steps?.(this.#get(id)) ?? sampleSteps;
    const done = this.#steps.get(id)?.length ?? 0;
    for (const [i, body] of [...bodies.entries()].slice(done)) {
      await this.#pause(id);
      if (this.#stopped.has(id)) break;
      if (this.#script.failsAfter?.(this.#get(id)) === i) {
        const failure = "metrics could not be read: connection refused";
        this.#set({ ...this.#get(id), state: "failed", failure });
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
    const toolCalls = steps.length;
    const usage = { ...noUsage, toolCalls, seconds: toolCalls };
    const step: Step = { ...body, number: toolCalls + 1, at: this.#clock.now(), usage };
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
    await this.#gates.pass(id);
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
