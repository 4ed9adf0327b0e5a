import { AlarmInbox } from "../../agent/alarm-inbox.ts";
import { BusyError, HandedOver } from "../../core/errors.ts";
import type { Ids } from "../../core/ids.ts";
import type { Incident } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { Logger } from "../../core/logger.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import type { Store } from "../../core/store.ts";
import { takeOver } from "../../work/owner.ts";
import type { EventHub } from "./event-hub.ts";
import { failureText } from "./failure-text.ts";
import {
  type InvestigationParts,
  openSubject,
  runInvestigation,
  type Subject,
} from "./investigations.ts";
import { modelWatch } from "./model-watch.ts";
import { seenBefore } from "./seen-before.ts";

/** A run whose process is silent for so long may be taken up by another one. */
const leaseMs = 30_000;
const renewEveryMs = 10_000;

export interface RunsParts {
  readonly parts: InvestigationParts;
  readonly store: Store;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly hub: EventHub;
  /** Name of this process among those that share the store. */
  readonly owner: string;
  readonly change: (id: string, change: (before: Incident) => Incident) => Promise<Incident | null>;
}

export interface Run {
  readonly stop: AbortController;
  readonly inbox: AlarmInbox;
  readonly done: Promise<Report>;
}

/**
 * Investigations that run in this process, each in at most one process of all that share the store.
 */
export class Runs {
  readonly #options: RunsParts;
  readonly #running = new Map<string, Run>();

  constructor(options: RunsParts) {
    this.#options = options;
  }

  get(incident: string): Run | undefined {
    return this.#running.get(incident);
  }

  begin(incident: Incident, request: InvestigationRequest): Run {
    const { logger } = this.#options;
    const stop = new AbortController();
    const inbox = new AlarmInbox();
    const done = this.#lead(incident, request, { stop, inbox });
    const run = { stop, inbox, done };
    this.#running.set(incident.id, run);
    done
      .catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        logger.error("investigation-fail", { incident: incident.id, why });
      })
      .finally(() => this.#running.delete(incident.id));
    return run;
  }

  /** What the store says of an incident: alarms that joined, or that it is to stop. */
  hear(incident: Incident): void {
    const run = this.#running.get(incident.id);
    if (!run) return;
    if (incident.stopAskedAt !== undefined || incident.state === "cancelled") run.stop.abort();
    for (const joined of incident.alarms) run.inbox.put(joined);
  }

  /** True when nobody runs it: then the record alone is to be closed. */
  async isIdle(incident: string): Promise<boolean> {
    const { jobs } = this.#options.store;
    const asker = `${this.#options.owner}/asks`;
    if (!(await jobs.hold(leaseOf(incident), asker, leaseMs))) return false;
    await jobs.letGo(leaseOf(incident), asker);
    return true;
  }

  /** Stops what runs and waits for the end; with `HandedOver` nothing more is written. */
  async close(reason?: HandedOver): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort(reason);
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }

  /** Only one process at a time; the others are told to try later. */
  async #lead(
    incident: Incident,
    request: InvestigationRequest,
    { stop, inbox }: Omit<Run, "done">,
  ): Promise<Report> {
    const { store, owner, logger } = this.#options;
    const name = leaseOf(incident.id);
    if (!(await this.#hold(name))) {
      throw new BusyError("Another process runs this investigation.");
    }
    const renewing = setInterval(() => {
      store.jobs.hold(name, owner, leaseMs).then(
        (isMine) => {
          if (!isMine) stop.abort(new HandedOver("another process took the investigation"));
        },
        (fault: unknown) => logger.warn("run-renew-fail", { fault: String(fault) }),
      );
    }, renewEveryMs);
    try {
      // It may have come to its end elsewhere while we waited for our turn.
      const now = await store.incidents.get(incident.id);
      const isOver = now !== null && now.conclusion !== null && incident.conclusion === null;
      const report = isOver ? await store.reports.get(incident.id) : null;
      return report ?? (await this.#run(incident, request, stop.signal, inbox));
    } finally {
      clearInterval(renewing);
      await store.jobs.letGo(name, owner).catch(() => {});
    }
  }

  /** What a process of this machine held that is gone is free at once. */
  async #hold(name: string): Promise<boolean> {
    const { store, owner, logger } = this.#options;
    if (await store.jobs.hold(name, owner, leaseMs)) return true;
    await takeOver(store.jobs, owner, logger);
    return store.jobs.hold(name, owner, leaseMs);
  }

  async #run(
    incident: Incident,
    request: InvestigationRequest,
    signal: AbortSignal,
    inbox: AlarmInbox,
  ): Promise<Report> {
    const { parts, change } = this.#options;
    try {
      const subject = await openSubject(request, parts, signal);
      try {
        return await this.#investigate(incident, request, subject, { signal, inbox });
      } finally {
        await subject.close();
      }
    } catch (error) {
      const failure = failureText(error);
      if (failure !== null) {
        await change(incident.id, (before) => ({ ...before, state: "failed", failure }));
      }
      throw error;
    }
  }

  async #investigate(
    incident: Incident,
    request: InvestigationRequest,
    subject: Subject,
    { signal, inbox }: { readonly signal: AbortSignal; readonly inbox: AlarmInbox },
  ): Promise<Report> {
    const { store, parts, hub } = this.#options;
    const { id } = incident;
    const investigation = incident.investigation ?? "";
    const begun = await this.#begun(incident, subject);
    const recorded = await store.steps.read(investigation, 0);
    const sink = async (step: Step) => {
      // Whoever has the run now writes its steps.
      if (signal.reason instanceof HandedOver) throw signal.reason;
      await store.steps.append(investigation, [step]);
      hub.emit({ kind: "step", incident: id, step });
    };
    const onDraft = (text: string) => hub.emit({ kind: "draft", incident: id, text });
    const watched = { incident: id, investigation, by: request.principal, onDraft };
    const watch = modelWatch({ store, clock: parts.clock }, watched);
    const run = { incident: begun, request, subject, parts, recorded, sink };
    const found = await runInvestigation({ ...run, inbox, signal, similar: [], watch });
    const report = { ...found, similar: await seenBefore(found, store) };
    await this.#finish(id, investigation, report, signal);
    return report;
  }

  /** The record of a run that begins: what it is about, and nothing of an earlier failure. */
  async #begun(incident: Incident, { title, alarm }: Subject): Promise<Incident> {
    const service = incident.service ?? alarm.service;
    const begun = await this.#options.change(incident.id, ({ failure: _, ...before }) => ({
      ...before,
      title,
      service,
      state: before.state === "cancelled" ? before.state : "investigating",
    }));
    if (begun) this.hear(begun);
    return begun ?? incident;
  }

  async #finish(
    id: string,
    investigation: string,
    report: Report,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.reason instanceof HandedOver) throw signal.reason;
    const { store, change, hub } = this.#options;
    if (!(await store.incidents.get(id))) throw new HandedOver("the incident was forgotten");
    await store.reports.put(id, investigation, report);
    const { priority, conclusion, summary } = report;
    const state = signal.aborted ? "cancelled" : "reported";
    await change(id, (before) => ({ ...before, state, priority, conclusion, summary }));
    hub.emit({ kind: "report", incident: id, report });
  }
}

function leaseOf(incident: string): string {
  return `run:${incident}`;
}
