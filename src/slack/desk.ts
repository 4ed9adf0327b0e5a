import type { IncidentEvent } from "../core/analyst.ts";
import type { Incident } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import { finishOpening, incidentsMissed, openAlarmCase, openingsLeft } from "./alarm-case.ts";
import { caseState } from "./case-view.ts";
import type { CaseRecord } from "./cases.ts";
import { findPosted } from "./find-posted.ts";
import { LiveCase } from "./live-case.ts";
import { noteMerge } from "./merged-case.ts";
import type { Parts } from "./parts.ts";
import { deliverReport } from "./report-delivery.ts";
import { mayWorkLater } from "./sending/failures.ts";
import { headlineView, isRunning } from "./views/headline.ts";
import { errorView } from "./views/notes.ts";

/** Edits of one headline within this time become one. */
const repaintEveryMs = 1_000;
/** About the time after which a dead process's run may be taken. */
const takeUpEveryMs = 20_000;
/** With a longer wait than this, a channel has no room for headlines in others' threads. */
const headlineWithinMs = 10_000;

/**
 * Watches the analyst and keeps Slack in step: opens a thread for an alarm's incident, shows
 * progress, posts the report, edits headlines. Everything it does follows from stored state, so it
 * may be killed at any point and carry on.
 */
export class Desk {
  readonly #parts: Parts;
  readonly #live = new Map<string, LiveCase>();
  readonly #chains = new Map<string, Promise<void>>();
  readonly #repaints = new Map<string, () => void>();
  #unsubscribe: (() => void) | null = null;
  #isStopped = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes up what another process left, then listens. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#parts.analyst.subscribe("all", (event) => this.#hear(event));
    for (const record of await this.#parts.cases.unfinished()) this.resume(record.incident);
    this.#takeUp();
    const running = await this.#parts.analyst.incidents({
      states: ["queued", "investigating"],
      limit: 200,
    });
    for (const incident of running) void this.#in(incident.id, () => this.#changed(incident));
    for (const incident of await incidentsMissed(this.#parts)) {
      void this.#in(incident.id, () => this.#open(incident));
    }
  }

  /**
   * Goes on with what was left: runs that a person started and whose process died (the queue has
   * the others), and what could not be posted while Slack was away.
   */
  #takeUp(): void {
    if (this.#isStopped) return;
    this.#takeUpOnce().catch((error: unknown) => {
      this.#parts.logger.error("slack-take-up-failed", { error: String(error) });
    });
    this.#cancelTakeUp = this.#parts.timers.after(takeUpEveryMs, () => this.#takeUp());
  }

  async #takeUpOnce(): Promise<void> {
    const { analyst, cases } = this.#parts;
    for (const id of await openingsLeft(this.#parts)) {
      void this.#in(id, async () => {
        if (await finishOpening(this.#parts, id)) await this.#catchUp(id);
      });
    }
    for (const { incident: id, language } of await cases.unfinished()) {
      const incident = await analyst.incident(id);
      if (!incident || this.#isStopped) continue;
      if (!isRunning(incident)) this.resume(id);
      else if (incident.openedBy.door === "slack") await analyst.resume?.(id, language);
    }
  }

  #cancelTakeUp: (() => void) | null = null;

  /** Lets go without closing anything, so that the next process finds it as it is. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#cancelTakeUp?.();
    for (const cancel of this.#repaints.values()) cancel();
    for (const live of this.#live.values()) live.abandon();
    await Promise.allSettled(this.#chains.values());
  }

  /** Follows an incident whose thread is known: catches up with its steps and its report. */
  resume(incident: string): void {
    void this.#in(incident, () => this.#catchUp(incident));
  }

  /** Brings headline and report up to stored state. */
  repaint(incident: string): void {
    if (this.#repaints.has(incident) || this.#isStopped) return;
    const cancel = this.#parts.timers.after(repaintEveryMs, () => {
      this.#repaints.delete(incident);
      void this.#in(incident, () => this.#paint(incident, 1));
    });
    this.#repaints.set(incident, cancel);
  }

  /** The same at once, for whoever just pressed something. */
  repaintNow(incident: string): Promise<void> {
    return this.#in(incident, () => this.#paint(incident, 0));
  }

  #hear(event: IncidentEvent): void {
    switch (event.kind) {
      case "step": {
        const live = this.#live.get(event.incident);
        if (!live) return;
        void this.#in(event.incident, async () => {
          const record = await this.#parts.cases.get(event.incident);
          if (record) live.take(record, [event.step]);
        });
        return;
      }
      case "changed":
        void this.#in(event.incident.id, () => this.#changed(event.incident));
        return;
      case "report":
        void this.#in(event.incident, () => this.#catchUp(event.incident));
        return;
    }
  }

  async #changed(incident: Incident): Promise<void> {
    const record = await this.#parts.cases.get(incident.id);
    if (!record) {
      if (isRunning(incident) && incident.openedBy.door === "alarm") await this.#open(incident);
      return;
    }
    if (incident.mergedInto) {
      await noteMerge(this.#parts, record, incident, () => {
        if (!this.#isStopped) void this.#in(incident.id, () => this.#changed(incident));
      });
    }
    if (!isRunning(incident) && !record.isFinished) await this.#catchUp(incident.id);
    else if (isRunning(incident) && record.isFinished) await this.#reopen(record);
    else this.repaint(incident.id);
  }

  async #open(incident: Incident): Promise<void> {
    if (await openAlarmCase(this.#parts, incident)) await this.#catchUp(incident.id);
  }

  /** A headline in someone else's thread; left out when the channel is crowded, for the report. */
  async #headlineFirst(record: CaseRecord, incident: Incident): Promise<void> {
    const { poster, cases } = this.#parts;
    const isCrowded = poster.outbox.waitMs("chat.postMessage", record.channel) > headlineWithinMs;
    const view = headlineView(
      caseState(this.#parts, record, { incident, report: null, progress: null }),
    );
    const mark = { type: "shodo_headline", id: incident.id } as const;
    const known = this.#mayHavePosted(record) ? await findPosted(this.#parts, record, mark) : null;
    const posted = known || isCrowded ? null : await poster.post(record, view, { mark });
    const headline = known ?? (posted?.kind === "posted" ? posted.ts : null);
    await cases.change(record.incident, { headline, wantsHeadline: false });
    await this.#catchUp(record.incident);
  }

  async #reopen(record: CaseRecord): Promise<void> {
    await this.#parts.cases.change(record.incident, { isFinished: false, live: null });
    await this.#catchUp(record.incident);
  }

  /** Steps so far, then the end if it has come. */
  async #catchUp(id: string): Promise<void> {
    const { analyst, cases } = this.#parts;
    const incident = await analyst.incident(id);
    const record = await cases.get(id);
    if (!record || !incident || record.isFinished) {
      if (record && incident) await this.#paint(id, 1);
      return;
    }
    if (record.wantsHeadline) return this.#headlineFirst(record, incident);
    const live = this.#live.get(id) ?? new LiveCase(this.#parts, record);
    this.#live.set(id, live);
    live.take(record, await analyst.steps(id, live.progress.lastStep));
    if (isRunning(incident)) {
      live.touch();
      return;
    }
    await this.#finish(record, incident, live);
  }

  async #finish(record: CaseRecord, incident: Incident, live: LiveCase): Promise<void> {
    const parts = this.#parts;
    // What was found of an incident that became part of another is told in that one's thread.
    const isPart = incident.mergedInto !== null && record.report === null;
    const report = isPart ? null : await parts.analyst.report(incident.id);
    const isNew = report !== null && record.report?.id !== report.id;
    // The report does not wait for the last progress, whose edit may have to wait for its turn.
    const closing = live.close(record, incident.state === "failed" && report === null);
    this.#live.delete(incident.id);
    const current = (await parts.cases.get(incident.id)) ?? record;
    const error = report ? await this.#deliver(current, incident, report, isNew) : null;
    if (error !== null && mayWorkLater(error)) {
      parts.logger.warn("slack-report-waits", { incident: incident.id, error });
      await closing;
      return;
    }
    if (error !== null) {
      parts.logger.error("slack-report-not-posted", { incident: incident.id, error });
    } else if (report) parts.logger.info("slack-report-posted", { incident: incident.id });
    else if (incident.state === "failed") await this.#apologise(current, incident, live);
    await closing;
    await parts.cases.change(incident.id, { isFinished: true, live: null });
    if (current.hasSession) void parts.poster.setSession(current, "active");
    if (current.marked) {
      void parts.poster.react(current.channel, current.marked, "eyes", false);
      const mark = incident.state === "failed" ? "warning" : "white_check_mark";
      void parts.poster.react(current.channel, current.marked, mark, true);
    }
    await this.#paintHeadline(current, incident, report, 0);
  }

  /** S9: once per run, with what was found before it failed. */
  async #apologise(record: CaseRecord, incident: Incident, live: LiveCase): Promise<void> {
    const run = incident.investigation ?? incident.id;
    const attempt = `slack:error:${run}:${record.retries}`;
    if (!(await this.#parts.face.once(attempt, 86_400_000))) return;
    const found = live.progress.tasks
      .filter((task) => task.status === "complete" && task.output !== null)
      .map((task) => task.output ?? "");
    const { failure: why = null, id } = incident;
    const view = errorView({ run, why, incident: id, found, language: record.language });
    await this.#parts.poster.post(record, view);
  }

  async #deliver(
    record: CaseRecord,
    incident: Incident,
    report: Report,
    isNew: boolean,
  ): Promise<string | null> {
    const mark = { type: "shodo_report", id: report.id } as const;
    const ts =
      isNew && this.#mayHavePosted(record) ? await findPosted(this.#parts, record, mark) : null;
    const known = ts
      ? await this.#parts.cases.change(record.incident, { report: { ts, id: report.id } })
      : record;
    return deliverReport(this.#parts, known ?? record, incident, report);
  }

  /** Only a case taken over from another process can have a message that was not written down. */
  #mayHavePosted(record: CaseRecord): boolean {
    return this.#inherited.has(record.incident);
  }

  readonly #inherited = new Set<string>();

  /** Marks the cases of an earlier process; called once, before `start`. */
  async inherit(): Promise<void> {
    for (const record of await this.#parts.cases.unfinished()) this.#inherited.add(record.incident);
  }

  async #paint(id: string, rank: 0 | 1): Promise<void> {
    const parts = this.#parts;
    const record = await parts.cases.get(id);
    const incident = await parts.analyst.incident(id);
    if (!record || !incident) return;
    const report = await parts.analyst.report(id);
    await this.#paintHeadline(record, incident, report, rank);
    if (report && record.report) await deliverReport(parts, record, incident, report);
  }

  async #paintHeadline(
    record: CaseRecord,
    incident: Incident,
    report: Report | null,
    rank: 0 | 1,
  ): Promise<void> {
    if (!record.headline) return;
    const progress = this.#live.get(incident.id)?.progress ?? null;
    const view = headlineView(caseState(this.#parts, record, { incident, report, progress }));
    void this.#parts.poster.update(record.channel, record.headline, view, rank);
  }

  /** One thing at a time per incident; a fault is logged and the next thing goes on. */
  #in(incident: string, work: () => Promise<void>): Promise<void> {
    const before = this.#chains.get(incident) ?? Promise.resolve();
    const after = before.then(work).catch((error: unknown) => {
      this.#parts.logger.error("slack-desk-failed", { incident, error: String(error) });
    });
    this.#chains.set(incident, after);
    void after.then(() => {
      if (this.#chains.get(incident) === after) this.#chains.delete(incident);
    });
    return after;
  }
}
