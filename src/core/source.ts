import type { z } from "zod";
import type { Kpi } from "./objectives.ts";
import type {
  DataOutcome,
  EmptyOutcome,
  FailedOutcome,
  Gap,
  Outcome,
  Planned,
  Signal,
} from "./outcome.ts";
import type { NativeQuery, QueryKind, SignalQuery } from "./query.ts";
import type { Window } from "./window.ts";

/** US dollars that the reads of one investigation may cost, those under way at the same time too. */
export interface Purse {
  /** Neither spent nor set aside. */
  left(): number;
  /** Sets so much aside before it is spent; a negative number gives back what was not needed. */
  claim(usd: number): void;
}

/** What a source is handed with each query. */
export interface SourceContext {
  readonly signal: AbortSignal;
  /** Epoch ms after which the answer is of no use; reaching it is `failed: timed-out`. */
  readonly deadline: number;
  /** Largest number of bytes this read may scan; beyond it `failed: too-big`. */
  readonly bytesMax: number;
  /** What reads may still cost together; beyond it `failed: too-big`. Without it, anything. */
  readonly purse?: Purse;
  /** Prices that replace those a source knows. */
  readonly prices?: Readonly<Record<string, number>>;
}

/** What a source can see when asked before an incident. */
export interface Probe {
  readonly state: "ready" | "limited" | "unreachable";
  /** One line per finding: what it can and cannot see, and the way out. */
  readonly lines: readonly string[];
  /** Rights that the probe was refused, and those it used: `logs:StartQuery`. */
  readonly rights?: { readonly refused: readonly string[]; readonly granted: readonly string[] };
}

/** A telemetry system, opened with its settings. */
export interface Source {
  /** Unique among the open sources, e.g. `capture`, `cloudwatch-metrics:prod`. */
  readonly name: string;
  readonly signals: readonly Signal[];
  readonly answers: readonly QueryKind[];
  /** At most ten lines on its own query language, for a model. */
  readonly guide: string;
  probe(context: SourceContext): Promise<Probe>;
  /** Never throws for an expected fault: denial, throttling, time-out and bad data are outcomes. */
  run(query: SignalQuery, window: Window, context: SourceContext): Promise<Outcome>;
  close(): Promise<void>;
}

/** What the rest of the configuration says that a source may need. */
export interface SourceHouse {
  /** Business metrics: what carries one belongs to the business layer. */
  readonly kpis: readonly Kpi[];
}

/** One kind of source: what a file in `src/sources/` exports as its definition. */
export interface SourceDefinition<Settings extends z.ZodType = z.ZodType> {
  readonly kind: string;
  readonly title: string;
  readonly settings: Settings;
  /** IAM actions or rights it needs; `infra/iam-policy.json` is generated from them. */
  readonly permissions: readonly string[];
  open(name: string, settings: z.infer<Settings>, house?: SourceHouse): Promise<Source>;
}

/** A read over every source that can answer, joined. Parts that failed are gaps. */
export type Reading = (DataOutcome | EmptyOutcome | FailedOutcome) & {
  readonly parts: readonly Outcome[];
};

/** All open sources behind one question. Answers are kept for the length of an investigation. */
export interface Telemetry {
  readonly sources: readonly Source[];
  read(query: SignalQuery, window: Window): Promise<Reading>;
  native(query: NativeQuery, window: Window): Promise<Reading>;
  /** Everything that could not be read so far. */
  gaps(): readonly Gap[];
  /**
   * Whether metrics, logs, traces or changes gave a row so far; alarms and topology are no proof.
   */
  hasData?(): boolean;
  bytesScanned(): number;
  /** US dollars that reads have cost, and what was expected of them. */
  spent?(): Spent;
}

/** What the reads of an investigation cost, where their systems charge for reads. */
export interface Spent {
  readonly costUsd: number;
  readonly planned: Planned;
}
