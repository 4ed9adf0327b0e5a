import type {
  Analyst,
  AskOptions,
  CallOutcome,
  CallRefused,
  CallScope,
  IncidentEvent,
  IncidentFilter,
  RunbookDecision,
} from "../../core/analyst.ts";
import { HandedOver } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Answer, Incident } from "../../core/incident.ts";
import { type InvestigationRequest, requestOf } from "../../core/investigation-request.ts";
import type { Language } from "../../core/language.ts";
import type { Logger } from "../../core/logger.ts";
import type { Principal } from "../../core/principal.ts";
import type { PriorityLevel } from "../../core/priority.ts";
import { cleanLine } from "../../core/redaction.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import type { Store } from "../../core/store.ts";
import type { ToolResult } from "../../core/tool.ts";
import { answerQuestion } from "./answer-question.ts";
import { Decisions } from "./decisions.ts";
import { EventHub } from "./event-hub.ts";
import type { InvestigationParts } from "./investigations.ts";
import { newIncident } from "./new-incident.ts";
import { Runs } from "./runs.ts";
import { type StoreWatch, storeWatch } from "./store-watch.ts";
import { isOngoing, isToBegin, takeIncident } from "./take-incident.ts";
import { callTool } from "./tool-calls.ts";

const toldMax = 500;

export interface LocalAnalystOptions {
  readonly parts: InvestigationParts;
  readonly store: Store;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Name of this process among those that share the store. */
  readonly owner: string;
}

/** The analyst of this process: runs investigations and keeps everything in the store. */
export class LocalAnalyst implements Analyst {
  readonly tools: Analyst["tools"];
  readonly runbooks: Analyst["runbooks"];
  readonly #options: LocalAnalystOptions;
  readonly #decisions: Decisions;
  readonly #hub = new EventHub();
  readonly #runs: Runs;
  readonly #watch: StoreWatch;
  /** Last state of an incident that was told, so that the store's echo of our own write is not. */
  readonly #told = new Map<string, string>();

  constructor(options: LocalAnalystOptions) {
    this.#options = options;
    this.tools = options.parts.tools;
    this.runbooks = options.parts.runbooks;
    this.#decisions = new Decisions({
      store: options.store,
      clock: options.parts.clock,
      runbooks: options.parts.runbooks,
      respondWithin: options.parts.priority.respondWithin,
      change: (id, change) => this.#change(id, change),
    });
    const { store, logger } = options;
    this.#runs = new Runs({
      ...options,
      hub: this.#hub,
      change: (id, change) => this.#change(id, change),
    });
    this.#watch = storeWatch({
      store,
      logger,
      isOurs: (id) => this.#runs.get(id) !== undefined,
      hasEars: () => this.#hub.hasListeners,
      onStep: (incident, step) => this.#hub.emit({ kind: "step", incident, step }),
      onIncident: async (incident, hasEnded) => {
        this.tell(incident);
        const report = hasEnded ? await store.reports.get(incident.id) : null;
        if (report) this.#hub.emit({ kind: "report", incident: incident.id, report });
      },
    });
  }

  /** Hears of what other processes do with the same store, and obeys when they ask to stop. */
  watch(signal: AbortSignal): Promise<void> {
    return this.#watch.run(signal);
  }

  /** Looks once at what others did; for tests. */
  look(): Promise<void> {
    return this.#watch.look();
  }

  async start(request: InvestigationRequest): Promise<Incident> {
    const { incident, isOurs } = await this.#open(request);
    if (!isOurs || this.#runs.get(incident.id)) return incident;
    if (isToBegin(incident, request)) this.#runs.begin(incident, request);
    return incident;
  }

  async resume(id: string, language: Language | null): Promise<void> {
    const incident = await this.incident(id);
    if (!incident || this.#runs.get(id) || !isOngoing(incident.state)) return;
    const isIdle = await this.#runs.isIdle(id);
    if (isIdle && !this.#runs.get(id))
      this.#runs.begin(incident, requestOf(incident, { language }));
  }

  async investigate(request: InvestigationRequest, signal?: AbortSignal): Promise<Report> {
    const incident = await this.start(request);
    const run = this.#runs.get(incident.id);
    if (!run) {
      const report = await this.report(incident.id);
      if (report) return report;
      throw new Error(`incident ${incident.id} is neither running nor reported`);
    }
    const stop = () => run.stop.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    try {
      return await run.done;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** Also stops what runs in another process: the wish stands in the store, which all watch. */
  async cancel(id: string, by: Principal): Promise<CallOutcome> {
    const found = await this.incident(id);
    const run = this.#runs.get(id);
    if (!run && (!found || !isOngoing(found.state))) {
      return refused(`Nothing is running for ${id}.`);
    }
    await this.#audit("investigation-cancel", by, id, {});
    if (run) {
      run.stop.abort();
      return { kind: "done" };
    }
    const isIdle = await this.#runs.isIdle(id);
    const stopAskedAt = this.#options.parts.clock.now();
    await this.#change(id, (before) => {
      const isOver = before.state === "queued" || (before.state === "investigating" && isIdle);
      return { ...before, stopAskedAt, ...(isOver ? { state: "cancelled" as const } : {}) };
    });
    return { kind: "done" };
  }

  async ask(
    incident: string,
    question: string,
    options: AskOptions,
  ): Promise<Answer | CallRefused> {
    const report = await this.report(incident);
    if (!report) return refused(`There is no report for ${incident} yet.`);
    await this.#audit("follow-up-ask", options.principal, incident, { length: question.length });
    return answerQuestion(this, { report, question, options }, this.#options);
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

  /**
   * Tells those who subscribed, and the run if it is here, of a change that was written past us.
   */
  tell(incident: Incident): void {
    this.#runs.hear(incident);
    const state = JSON.stringify(incident);
    if (this.#told.get(incident.id) === state) return;
    this.#told.delete(incident.id);
    this.#told.set(incident.id, state);
    if (this.#told.size > toldMax) this.#told.delete(this.#told.keys().next().value ?? "");
    this.#hub.emit({ kind: "changed", incident });
  }

  /** Nobody will investigate any more, unless a person asks again. */
  async giveUp(id: string, why: string): Promise<void> {
    const found = await this.incident(id);
    if (!found || !isOngoing(found.state)) return;
    const failure = cleanLine(why, 300);
    await this.#change(id, (before) => ({ ...before, state: "failed", failure }));
  }

  /** Stops what runs and waits until every partial report is written. */
  close(): Promise<void> {
    return this.#runs.close();
  }

  /** Leaves what runs to another process: nothing more is written, and it may begin at once. */
  handOver(): Promise<void> {
    return this.#runs.close(new HandedOver("this process was asked to end"));
  }

  /** The incident of a request; `isOurs` when this process is to run its investigation. */
  async #open(request: InvestigationRequest): Promise<{ incident: Incident; isOurs: boolean }> {
    const { ids, store, parts } = this.#options;
    if (request.incident !== undefined) {
      const incident = await takeIncident(store, ids, request.incident);
      const isNew = incident.state === "queued";
      if (isNew) await this.#audit("investigation-start", request.principal, incident.id, {});
      return { incident, isOurs: true };
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

  async #change(id: string, change: (incident: Incident) => Incident): Promise<Incident | null> {
    const { store, parts } = this.#options;
    const updatedAt = parts.clock.now();
    const incident = await store.incidents.update(id, (before) => ({
      ...change(before),
      updatedAt,
    }));
    if (incident) this.tell(incident);
    return incident;
  }

  #audit(...entry: Parameters<Decisions["audit"]>): Promise<void> {
    return this.#decisions.audit(...entry);
  }
}

function refused(message: string): CallRefused {
  return { kind: "refused", message };
}
