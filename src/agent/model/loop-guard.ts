/** What a loop guard asks for after a call. */
export type LoopAdvice = "go-on" | "nudge" | "withdraw";

const window = 6;
const failuresInARow = 3;

/**
 * Watches the calls of a run for going in circles: the same two calls in turn (A B A B), the same
 * call again and again, failures in a row. First a nudge, at the next sign the tools are withdrawn.
 */
export class LoopGuard {
  readonly #keys: string[] = [];
  #failures = 0;
  #signs = 0;

  /** `key` is the tool with its input; `isFailed` whether the call gave nothing. */
  observe(key: string, isFailed: boolean): LoopAdvice {
    this.#keys.push(key);
    if (this.#keys.length > window) this.#keys.shift();
    this.#failures = isFailed ? this.#failures + 1 : 0;
    if (!this.#isLooping()) return "go-on";
    this.#signs += 1;
    this.#failures = 0;
    this.#keys.length = 0;
    return this.#signs > 1 ? "withdraw" : "nudge";
  }

  #isLooping(): boolean {
    if (this.#failures >= failuresInARow) return true;
    const [a, b, c, d] = this.#keys.slice(-4);
    return this.#keys.length >= 4 && a === c && b === d;
  }
}
