import type { Incident } from "../core/incident.ts";
import type { Step } from "../core/step.ts";
import type { CaseRecord } from "./cases.ts";
import { type Shown, showInMessage, showInStream } from "./live-renderers.ts";
import { wordsOf } from "./messages/words.ts";
import type { Parts } from "./parts.ts";
import { advance, failed, noProgress, type Progress } from "./views/progress.ts";

export const liveLimits = {
  /** At most one append per stream and second. */
  streamEveryMs: 1_000,
  /** Editing collapses a plan that a reader opened, so not too often. */
  messageEveryMs: 3_000,
  /** Slack forgets a thread's status after two minutes. */
  statusEveryMs: 100_000,
} as const;

/**
 * One running investigation on screen. Steps fold into a state; the screen is brought up to that
 * state at its own pace, one call at a time, and the last state is always shown.
 */
export class LiveCase {
  readonly #parts: Parts;
  readonly #incident: string;
  #progress: Progress;
  #shown: Shown = { progress: null, mode: "stream" };
  #cancelTimer: (() => void) | null = null;
  #cancelStatus: (() => void) | null = null;
  #lastFlush = Number.NEGATIVE_INFINITY;
  #chain: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(parts: Parts, record: CaseRecord) {
    this.#parts = parts;
    this.#incident = record.incident;
    this.#progress = noProgress(wordsOf(record.language), parts.clock.now());
    const isHuman = record.recipient !== null && record.headline === null;
    this.#shown = { progress: null, mode: isHuman ? "stream" : "message" };
    if (isHuman) this.#keepStatus(record);
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Folds steps in; repeated and late ones are harmless. */
  take(record: CaseRecord, steps: readonly Step[]): void {
    const context = {
      words: wordsOf(record.language),
      titleOf: (name: string) =>
        this.#parts.analyst.tools.find((tool) => tool.name === name)?.title ?? name,
      linkHosts: this.#parts.settings.linkHosts,
    };
    const before = this.#progress;
    this.#progress = steps.reduce((state, step) => advance(state, step, context), before);
    if (this.#progress !== before) this.touch();
  }

  /** Something to show: now if the last time is long enough ago, else when it is. */
  touch(): void {
    if (this.#isClosed || this.#cancelTimer) return;
    const every =
      this.#shown.mode === "stream" ? liveLimits.streamEveryMs : liveLimits.messageEveryMs;
    const wait = Math.max(0, this.#lastFlush + every - this.#parts.clock.now());
    this.#cancelTimer = this.#parts.timers.after(wait, () => {
      this.#cancelTimer = null;
      void this.#flush(false);
    });
  }

  /** Shows the last state and lets go; a run without a last step failed. */
  async close(record: CaseRecord, hasFailed: boolean): Promise<void> {
    if (this.#isClosed) return this.#chain;
    this.#isClosed = true;
    if (hasFailed) this.#progress = failed(this.#progress, wordsOf(record.language));
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#cancelStatus?.();
    await this.#flush(true);
  }

  /** Leaves everything as it is, for another process to go on with. */
  abandon(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelStatus?.();
  }

  #flush(isLast: boolean): Promise<void> {
    this.#chain = this.#chain
      .then(async () => {
        this.#lastFlush = this.#parts.clock.now();
        const record = await this.#parts.cases.get(this.#incident);
        const incident = await this.#parts.analyst.incident(this.#incident);
        if (record && incident) await this.#show(record, incident, isLast);
      })
      .catch((error: unknown) => {
        const fields = { incident: this.#incident, error: String(error) };
        this.#parts.logger.error("slack-progress-failed", fields);
      });
    return this.#chain;
  }

  async #show(record: CaseRecord, incident: Incident, isLast: boolean): Promise<void> {
    const scene = { parts: this.#parts, record, incident, progress: this.#progress, isLast };
    if (this.#shown.mode === "stream") this.#shown = await showInStream(scene, this.#shown);
    if (this.#shown.mode === "message") this.#shown = await showInMessage(scene, this.#shown);
  }

  #keepStatus(record: CaseRecord): void {
    const words = wordsOf(record.language);
    const set = () => {
      if (!this.#parts.poster.hasRoomFor("assistant.threads.setStatus")) return;
      void this.#parts.poster.setStatus(record, words.investigating, words.loading);
      this.#cancelStatus = this.#parts.timers.after(liveLimits.statusEveryMs, set);
    };
    set();
  }
}
