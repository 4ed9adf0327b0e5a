import type { Message } from "./message.ts";
import type { Change } from "./rows.ts";
import type { EpochMs, Window } from "./window.ts";

/** What can be done about a cause; the words of `truth.json` and of the report's actions. */
export const actionKinds = [
  "rollback",
  "roll-forward",
  "config-revert",
  "scale",
  "failover",
  "restart",
  "rotate-cert",
  "purge-bad-data",
  "reschedule",
  "feature-flag-disable",
  "escalate-upstream",
  "monitor",
] as const;
export type ActionKind = (typeof actionKinds)[number];

/** How a cause works; decides wording, runbooks and remediation. */
export const causeKinds = [
  "change",
  "saturation",
  "latency",
  "errors",
  "crash",
  "network",
  "dependency",
  "external-provider",
  "demand-surge",
  "expiry",
  "throttling",
  "bad-data",
  "node",
  "leak",
  "nothing-wrong",
  "unknown",
] as const;
export type CauseKind = (typeof causeKinds)[number];

/** A ranked explanation. `service: null` with `causeKind: "nothing-wrong"` is an answer too. */
export interface Hypothesis {
  /** `service:checkout`, `change:abc123`, `external:payment-provider`, `none`. */
  readonly key: string;
  readonly causeKind: CauseKind;
  readonly service: string | null;
  /** Finer place: `checkout/cpu`, a table, an instance. */
  readonly resource: string | null;
  readonly change: Pick<Change, "ref" | "kind" | "service" | "title" | "timestamp"> | null;
  /** One sentence of ours: how this produces the symptom. */
  readonly mechanism: string;
  /** The mechanism in parts, for other languages than English. */
  readonly message?: Message;
  /** 0..1, calibrated on held-out cases. */
  readonly confidence: number;
  /** Unscaled score it was ranked by. */
  readonly score: number;
  /** Keys of findings. */
  readonly supporting: readonly string[];
  readonly contradicting: readonly string[];
  readonly remediation: ActionKind;
}

/** A hypothesis that changes its standing, and why. */
export interface HypothesisMove {
  readonly hypothesis: Hypothesis;
  readonly to: "proposed" | "supported" | "refuted";
  readonly because: string;
  /** Ids of the evidence that moved it, where a model named it. */
  readonly evidence?: readonly string[];
}

/** A cause that was considered and set aside. */
export interface RuledOut {
  readonly claim: string;
  readonly because: string;
  /** Both in parts, for other languages than English. */
  readonly said?: { readonly claim: Message; readonly because?: Message };
  /** True when a model set it aside and the computed ranking still lists it. */
  readonly isDisputed?: boolean;
  readonly findings: readonly string[];
}

/** What the evidence engine concludes from everything that could be read. */
export interface Diagnosis {
  /** Best first; never empty: "none of these" is among them. */
  readonly hypotheses: readonly Hypothesis[];
  readonly ruledOut: readonly RuledOut[];
  readonly onset: { readonly at: EpochMs; readonly interval: Window } | null;
  /** When the signal that showed the onset was back to normal; absent while it lasts. */
  readonly recoveredAt?: EpochMs;
  /** Service that failed first, even when the cause lies outside or in a change. */
  readonly firstFailing: string | null;
  /** Victims: services that suffer without being the cause. */
  readonly blastRadius: readonly string[];
  readonly isHealthy: boolean;
}
