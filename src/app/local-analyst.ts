import { answerFromReport } from "../agent/answer-from-report.ts";
import type {
  Analyst,
  AskOptions,
  CallOutcome,
  CallRefused,
  CallScope,
  IncidentEvent,
  IncidentFilter,
  RunbookDecision,
} from "../core/analyst.ts";
import type { Ids, Logger } from "../core/clock.ts";
import type { Answer, Incident, InvestigationRequest } from "../core/incident.ts";
import type { Principal } from "../core/principal.ts";
import type { PriorityLevel } from "../core/priority.ts";
import type { Report } from "../core/report.ts";
import type { Step } from "../core/step.ts";
import type { Store } from "../core/store.ts";
import type { ToolResult } from "../core/tool.ts";
import { askWithModel } from "./ask-with-model.ts";
import { Decisions } from "./decisions.ts";
import { EventHub } from "./event-hub.ts";
import { type InvestigationParts, openSubject, runInvestigation } from "./investigations.ts";
import { newIncident } from "./new-incident.ts";
import { isToBegin, takeIncident } from "./take-incident.ts";
import { callTool } from "./tool-calls.ts";

export interface LocalAnalystOptions {
  readonly parts: InvestigationParts;
  readonly store: Store;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** The analyst of this process: runs investigations and keeps everything in the store. */
export class LocalAnalyst implements Analyst {
  readonly tools: Analyst["tools"];
  readonly runbooks: Analyst["runbooks"];
  readonly #options: LocalAnalystOptions;
  readonly #decisions: Decisions;
  readonly #hub = new EventHub();
  readonly #running = new Map<string, { stop: AbortController; done: Promise<Report> }>();

  constructor(options: LocalAnalystOptions) {
    this.#options = options;
    this.tools = options.parts.tools;
    this.runbooks = options.parts.runbooks;
    this.#decisions = new Decisions({
      store: options.store,
      clock: options.parts.clock,
      runbooks: options.parts.runbooks,
      change: (id, change) => this.#change(id, change),
    });
  }

  async start(request: InvestigationRequest): Promise<Incident> {
    const { incident, isOurs } = await this.#open(request);
    if (!isOurs || this.#running.has(incident.id)) return incident;
    if (isToBegin(incident, request)) this.#begin(incident, request);
    return incident;
  }

  async investigate(request: InvestigationRequest, signal?: AbortSignal): Promise<Report> {
    const incident = await this.start(request);
    const run = this.#running.get(incident.id);
    if (!run) {
      const report = await this.report(incident.id);
      if (report) return report;
      throw new Error(`incident ${incident.id} is neither running nor reported`);
    }
    const stop = () => run.stop.abort();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      return await run.done;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async cancel(incident: string, by: Principal): Promise<CallOutcome> {
    const run = this.#running.get(incident);
    if (!run) return refused(`Nothing is running for ${incident}.`);
    await this.#audit("investigation-cancel", by, incident, {});
    run.stop.abort();
    return { kind: "done" };
  }

  async ask(
    incident: string,
    question: string,
    options: AskOptions,
  ): Promise<Answer | CallRefused> {
    const report = await this.report(incident);
    if (!report) return refused(`There is no report for ${incident} yet.`);
    const { parts, store } = this.#options;
    await this.#audit("follow-up-ask", options.principal, incident, { length: question.length });
    const model = options.model ?? parts.config.model.name;
    if (model === "builtin") return answerFromReport(report, question);
    const steps = await this.steps(incident, 0);
    const investigation = (await this.incident(incident))?.investigation ?? "";
    const sink = (step: Step) => store.steps.append(investigation, [step]);
    return askWithModel(this, { report, question, model, options, steps, sink }, parts);
  }

  incident(id: string): Promise<Incident | null> {
    return this.#options.store.incidents.get(id);
  }

  incidents(filter: IncidentFilter): Promise<readonly Incident[]> {
    return this.#options.store.incidents.list(filter);
  }

  report(incident: string): Promise<Report | null> {
    return this.#options.store.reports.get(incident);
  }

  async steps(incident: string, after: number): Promise<readonly Step[]> {
    const found = await this.incident(incident);
    if (!found?.investigation) return [];
    return this.#options.store.steps.read(found.investigation, after);
  }

  subscribe(incident: string | "all", listener: (event: IncidentEvent) => void): () => void {
    return this.#hub.subscribe(incident, listener);
  }

  acknowledge(id: string, by: Principal): Promise<CallOutcome> {
    return this.#decisions.acknowledge(id, by);
  }

  overridePriority(
    id: string,
    level: PriorityLevel,
    reason: string,
    by: Principal,
  ): Promise<CallOutcome> {
    return this.#decisions.overridePriority(id, { level, reason, by });
  }

  decide(decision: RunbookDecision): Promise<CallOutcome> {
    return this.#decisions.decide(decision);
  }

  feedback(
    incident: string,
    verdict: "helpful" | "not-helpful",
    reason: string | null,
    by: Principal,
  ): Promise<CallOutcome> {
    return this.#decisions.feedback(incident, { verdict, reason, by });
  }

  call(tool: string, input: unknown, scope: CallScope): Promise<ToolResult> {
    return callTool(this, tool, input, scope, this.#options.parts);
  }

  /** Tells those who subscribed about a change that was written past this analyst, by intake. */
  tell(incident: Incident): void {
    this.#hub.emit({ kind: "changed", incident });
  }

  /** Stops what runs and waits until every partial report is written. */
  async close(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  /** The incident of a request; `isOurs` when this process is to run its investigation. */
  async #open(request: InvestigationRequest): Promise<{ incident: Incident; isOurs: boolean }> {
    const { ids, store, parts } = this.#options;
    if (request.incident !== undefined) {
      return { incident: await takeIncident(store, ids, request.incident), isOurs: true };
    }
    const id = ids.next("inc");
    if (request.idempotencyKey !== null) {
      const earlier = await store.incidents.claim(request.idempotencyKey, id);
      const incident = earlier === null ? null : await store.incidents.get(earlier);
      if (incident) return { incident, isOurs: false };
    }
    const investigation = ids.next("inv");
    const incident = newIncident(request, { id, investigation, now: parts.clock.now() });
    await store.incidents.put(incident);
    const { principal, question } = request;
    await this.#audit("investigation-start", principal, id, { question: question !== null });
    return { incident, isOurs: true };
  }

  #begin(incident: Incident, request: InvestigationRequest): void {
    const stop = new AbortController();
    const done = this.#run(incident, request, stop.signal);
    this.#running.set(incident.id, { stop, done });
    done
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.#options.logger.error("investigation-fail", { incident: incident.id, why });
      })
      .finally(() => this.#running.delete(incident.id));
  }

  async #run(
    incident: Incident,
    request: InvestigationRequest,
    signal: AbortSignal,
  ): Promise<Report> {
    const { store, parts } = this.#options;
    const investigation = incident.investigation ?? "";
    try {
      const subject = await openSubject(request, parts, signal);
      try {
        const { title, alarm } = subject;
        const service = incident.service ?? alarm?.service ?? null;
        const begun = await this.#change(incident.id, (before) => ({
          ...before,
          title,
          service,
          state: "investigating",
        }));
        const recorded = await store.steps.read(investigation, 0);
        const sink = async (step: Step) => {
          await store.steps.append(investigation, [step]);
          this.#hub.emit({ kind: "step", incident: incident.id, step });
        };
        const similar: Report["similar"] = [];
        const run = {
          incident: begun ?? incident,
          request,
          subject,
          parts,
          recorded,
          sink,
          signal,
        };
        const report = await runInvestigation({ ...run, similar });
        await this.#finish(incident.id, investigation, report, signal);
        return report;
      } finally {
        await subject.close();
      }
    } catch (error) {
      await this.#change(incident.id, (before) => ({ ...before, state: "failed" }));
      throw error;
    }
  }

  async #finish(
    id: string,
    investigation: string,
    report: Report,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#options.store.reports.put(id, investigation, report);
    const { priority, conclusion, summary } = report;
    const state = signal.aborted ? "cancelled" : "reported";
    await this.#change(id, (before) => ({ ...before, state, priority, conclusion, summary }));
    this.#hub.emit({ kind: "report", incident: id, report });
  }

  async #change(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    const { store, parts } = this.#options;
    const updatedAt = parts.clock.now();
    const incident = await store.incidents.update(id, (before) => ({
      ...change(before),
      updatedAt,
    }));
    if (incident) this.#hub.emit({ kind: "changed", incident });
    return incident;
  }

  #audit(...entry: Parameters<Decisions["audit"]>): Promise<void> {
    return this.#decisions.audit(...entry);
  }
}

function refused(message: string): CallRefused {
  return { kind: "refused", message };
}
