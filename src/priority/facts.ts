/** One thing the assessment needs: known with its evidence, taken from a rule, or not known. */
export type Fact<T> =
  | { readonly state: "measured"; readonly value: T; readonly evidence: readonly string[] }
  | { readonly state: "assumed"; readonly value: T; readonly because: string }
  | { readonly state: "unknown"; readonly because: string };

/** Everything that decides a priority, and nothing else. */
export interface PriorityFacts {
  /** True when the analysis found no fault. */
  readonly isHealthy: boolean;
  /** 0..1: requests of user-facing services that fail beyond what is normal. */
  readonly failingShare: Fact<number>;
  /** Duration of slow requests of user-facing services divided by what is normal. */
  readonly slowdown: Fact<number>;
  /** Services that users feel and that fail or are slow, worst first. */
  readonly affected: readonly string[];
  readonly kpis: Fact<readonly KpiShare[]>;
  /** The core function that is worst off: what share of its requests fail. */
  readonly unavailable: Fact<FunctionLoss>;
  /** True when traffic is at its highest of the day. */
  readonly isPeakHour: Fact<boolean>;
  /** Services that suffer, of those known. */
  readonly spread: { readonly affected: number; readonly known: number };
  /** Regulated services among those that fail. */
  readonly regulated: readonly string[];
  readonly dataLoss: Fact<boolean>;
  readonly securityBreach: Fact<boolean>;
  readonly regulatedBreach: Fact<boolean>;
}

export interface KpiShare {
  readonly kpi: string;
  /** 0..1 of what was expected; at most 0 when nothing is lost. */
  readonly lostShare: number;
  /** The same by the lower end of its interval: what is lost beyond doubt. */
  readonly surelyLostShare: number;
  /** True when the loss shows as a rise, as of abandoned carts: a sign, not a loss itself. */
  readonly isExcess: boolean;
  /** True when its service works off the user's path: what it does is late rather than lost. */
  readonly isDelayed: boolean;
  /** "−1,240 EUR", already written out. */
  readonly lostText: string | null;
  readonly evidence: readonly string[];
}

export interface FunctionLoss {
  readonly service: string;
  /** 0..1 */
  readonly failedShare: number;
  readonly slowdown: number;
  /** A function that users can do without for a while. */
  readonly isSecondary: boolean;
}
