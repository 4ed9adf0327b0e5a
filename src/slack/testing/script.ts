import type { CallRefused } from "../../core/analyst.ts";
import type { Answer, Incident } from "../../core/incident.ts";
import type { Report } from "../../core/report.ts";
import type { StepBody } from "../../core/step.ts";

/** What a scripted analyst does, and how fast. */
export interface Script {
  /** Steps of every run, in order; the last is followed by the report. */
  readonly steps?: (incident: Incident) => readonly StepBody[];
  readonly report?: (incident: Incident, isStopped: boolean) => Report;
  /** `manual` waits for `next`; a number waits so long between steps. */
  readonly pace?: "manual" | number;
  readonly answer?: (question: string) => Answer | CallRefused;
  /** What is told on the way to an answer: a query that is made, or the sentences so far. */
  readonly answering?: readonly (StepBody | string)[];
  /** Waits for `next` before each part of an answer. */
  readonly answerPace?: "manual";
  /** A run that throws, as a bug would. */
  readonly failsAfter?: (incident: Incident) => number | null;
}

export const scriptedAnswer: Answer = {
  text: "About **18%** of checkout requests fail [E1]; orders fell by 38% [E5].",
  evidence: ["E1", "E5"],
  model: "builtin",
  open: [],
};

/** Lets things go on one at a time, when a test says so. */
export class Gates {
  readonly #gates = new Map<string, { credit: number; wake: (() => void) | null }>();

  /** Lets `count` more through. */
  open(name: string, count: number): void {
    const gate = this.#of(name);
    gate.credit += count;
    gate.wake?.();
  }

  /** How many stand before a closed gate. */
  waiting = 0;

  async pass(name: string): Promise<void> {
    const gate = this.#of(name);
    while (gate.credit === 0) {
      this.waiting += 1;
      await new Promise<void>((resolve) => {
        gate.wake = resolve;
      });
      this.waiting -= 1;
    }
    gate.credit -= 1;
  }

  clear(): void {
    this.#gates.clear();
  }

  #of(name: string) {
    const gate = this.#gates.get(name) ?? { credit: 0, wake: null };
    this.#gates.set(name, gate);
    return gate;
  }
}
