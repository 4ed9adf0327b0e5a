import type { Clock } from "../core/clock.ts";
import type { Spent } from "../core/source.ts";
import type { Usage } from "../core/step.ts";

/** Ceilings of one investigation. Every one of them holds for every driver. */
export interface BudgetLimits {
  readonly toolCalls: number;
  readonly seconds: number;
  readonly bytesScanned: number;
  readonly modelCalls: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** For reading telemetry; without it, any. */
  readonly sourcesUsd?: number;
}

/** The ladder: go on, be nudged, answer without tools, stop with what there is. */
export type BudgetRung = "within" | "nudge" | "answer-now" | "stop";

/** Share of a ceiling at which each rung begins. */
const nudgeShare = 0.7;
const answerShare = 0.9;

/** Counts what a run uses and says which rung of the ladder it stands on. */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #bytes: () => number;
  readonly #spent: () => Spent | null;
  #toolCalls = 0;
  #modelCalls = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #costUsd = 0;
  #bytesBefore = 0;
  #sourcesBefore: Pick<Usage, "sourcesUsd" | "plannedUsd" | "plannedBytes"> = {};

  /** `bytesScanned` reads the running total of the telemetry. */
  constructor(
    limits: BudgetLimits,
    clock: Clock,
    bytesScanned: () => number,
    spent: () => Spent | null = () => null,
  ) {
    this.limits = limits;
    this.#spent = spent;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#bytes = bytesScanned;
  }

  get usage(): Usage {
    return {
      modelCalls: this.#modelCalls,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      costUsd: this.#costUsd,
      toolCalls: this.#toolCalls,
      bytesScanned: this.#bytesBefore + this.#bytes(),
      seconds: (this.#clock.now() - this.#startedAt) / 1000,
      ...this.#sources(),
    };
  }

  /** Absent where nothing that was read is charged for. */
  #sources(): Partial<Usage> {
    const { costUsd, planned } = this.#spent() ?? { costUsd: 0, planned: { costUsd: 0, bytes: 0 } };
    const before = this.#sourcesBefore;
    const sourcesUsd = costUsd + (before.sourcesUsd ?? 0);
    const plannedUsd = planned.costUsd + (before.plannedUsd ?? 0);
    const plannedBytes = planned.bytes + (before.plannedBytes ?? 0);
    return sourcesUsd === 0 && plannedUsd === 0 ? {} : { sourcesUsd, plannedUsd, plannedBytes };
  }

  spendToolCall(): void {
    this.#toolCalls += 1;
  }

  spendModelCall(tokens: { input: number; output: number; costUsd: number }): void {
    this.#modelCalls += 1;
    this.#inputTokens += tokens.input;
    this.#outputTokens += tokens.output;
    this.#costUsd += tokens.costUsd;
  }

  /** Takes over what an interrupted run had used. Its time is not counted again. */
  restore(usage: Usage): void {
    this.#toolCalls = usage.toolCalls;
    this.#modelCalls = usage.modelCalls;
    this.#inputTokens = usage.inputTokens;
    this.#outputTokens = usage.outputTokens;
    this.#costUsd = usage.costUsd;
    this.#bytesBefore = usage.bytesScanned;
    this.#sourcesBefore = usage;
  }

  /** The highest rung that any ceiling has reached, and which ceiling it was. */
  rung(): { readonly rung: BudgetRung; readonly budget: string } {
    const usage = this.usage;
    const spent: [string, number][] = [
      ["tool calls", usage.toolCalls / this.limits.toolCalls],
      ["seconds", usage.seconds / this.limits.seconds],
      ["bytes scanned", usage.bytesScanned / this.limits.bytesScanned],
      ["model calls", usage.modelCalls / this.limits.modelCalls],
      ["tokens", (usage.inputTokens + usage.outputTokens) / this.limits.tokens],
      ["cost", usage.costUsd / this.limits.costUsd],
      ["cost of reads", (usage.sourcesUsd ?? 0) / (this.limits.sourcesUsd ?? Infinity)],
    ];
    const [budget, share] = spent.reduce((most, next) => (next[1] > most[1] ? next : most));
    if (share >= 1) return { rung: "stop", budget };
    if (share >= answerShare) return { rung: "answer-now", budget };
    if (share >= nudgeShare) return { rung: "nudge", budget };
    return { rung: "within", budget };
  }
}
