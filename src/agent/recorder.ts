import type { Clock } from "../core/clock.ts";
import type { Step, StepBody, Usage } from "../core/step.ts";

/** Where steps go: the store, and whoever watches. */
export type StepSink = (step: Step) => Promise<void>;

/** Numbers steps and hands each on before the run goes further, so that a crash loses none. */
export class Recorder {
  readonly #clock: Clock;
  readonly #usage: () => Usage;
  readonly #sink: StepSink;
  #number: number;

  constructor(options: { clock: Clock; usage: () => Usage; sink: StepSink; after: number }) {
    this.#clock = options.clock;
    this.#usage = options.usage;
    this.#sink = options.sink;
    this.#number = options.after;
  }

  /** Number of the newest step. */
  get number(): number {
    return this.#number;
  }

  async append(body: StepBody): Promise<Step> {
    this.#number += 1;
    const step: Step = {
      ...body,
      number: this.#number,
      at: this.#clock.now(),
      usage: this.#usage(),
    };
    await this.#sink(step);
    return step;
  }
}
