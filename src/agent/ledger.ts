import type { Evidence, EvidenceId, Finding } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis, HypothesisMove, RuledOut } from "../core/hypothesis.ts";
import type { Gap } from "../core/outcome.ts";
import type { Priority } from "../core/priority.ts";
import type { Step } from "../core/step.ts";

/** Where a hypothesis stands, and what moved it there. */
export interface LedgerEntry {
  readonly hypothesis: Hypothesis;
  readonly state: HypothesisMove["to"];
  readonly because: string;
  /** Ids that a model named for the move; empty where code moved it. */
  readonly evidence: readonly string[];
}

/**
 * Everything an investigation has established. Findings become evidence here, once each: the same
 * key met again keeps its id, with what was said last. Hypotheses move as rankings arrive and are
 * never dropped.
 */
export class Ledger {
  readonly #evidence = new Map<string, Evidence>();
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #gaps = new Map<string, Gap>();
  #diagnosis: Diagnosis | null = null;
  #priority: Priority | null = null;

  /** The ledger as the steps of a finished run left it, evidence ids included. */
  static fromSteps(steps: readonly Step[]): Ledger {
    const ledger = new Ledger();
    for (const step of steps) {
      if (step.kind === "evidence-added") ledger.#evidence.set(step.evidence.key, step.evidence);
      if (step.kind === "gap-found") ledger.addGaps([step.gap]);
      if (step.kind === "tool-result" && step.result.kind === "data" && step.result.diagnosis) {
        ledger.rank(step.result.diagnosis);
      }
    }
    return ledger;
  }

  get evidence(): readonly Evidence[] {
    return [...this.#evidence.values()];
  }
  get entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }
  get gaps(): readonly Gap[] {
    return [...this.#gaps.values()];
  }
  get diagnosis(): Diagnosis | null {
    return this.#diagnosis;
  }
  get priority(): Priority | null {
    return this.#priority;
  }

  /**
   * Gives each new finding the next id; a finding that says something else than before, because
   * more was read, replaces the earlier one under its id. Returns all, and those that are new or
   * changed.
   */
  add(findings: readonly Finding[], step: number): { all: Evidence[]; added: Evidence[] } {
    const all: Evidence[] = [];
    const added: Evidence[] = [];
    for (const finding of findings) {
      const known = this.#evidence.get(finding.key);
      if (known?.statement === finding.statement) {
        all.push(known);
        continue;
      }
      const id: EvidenceId = known?.id ?? `E${this.#evidence.size + 1}`;
      const evidence: Evidence = { ...finding, id, step };
      this.#evidence.set(finding.key, evidence);
      all.push(evidence);
      added.push(evidence);
    }
    return { all, added };
  }

  /** Ids of findings by their keys; unknown keys are left out. */
  idsOf(keys: readonly string[]): EvidenceId[] {
    return keys.flatMap((key) => this.#evidence.get(key)?.id ?? []);
  }

  addGaps(gaps: readonly Gap[]): Gap[] {
    const added = gaps.filter((gap) => !this.#gaps.has(gapKey(gap)));
    for (const gap of added) this.#gaps.set(gapKey(gap), gap);
    return added;
  }

  setPriority(priority: Priority): void {
    this.#priority = priority;
  }

  /** What a model has refuted and the ranking does not hold first, for the report. */
  refuted(): RuledOut[] {
    const listed = this.#diagnosis?.hypotheses ?? [];
    const first = listed[0]?.key;
    const keyOf = new Map<string, string>(this.evidence.map(({ id, key }) => [id, key]));
    return this.entries
      .filter(({ state, evidence, hypothesis }) => {
        return state === "refuted" && evidence.length > 0 && hypothesis.key !== first;
      })
      .map(({ hypothesis, because, evidence }) => ({
        claim: hypothesis.mechanism,
        because,
        ...(hypothesis.message ? { said: { claim: hypothesis.message } } : {}),
        isDisputed: listed.some(({ key }) => key === hypothesis.key),
        findings: evidence.flatMap((id) => keyOf.get(id) ?? []),
      }));
  }

  /** Takes a new ranking and returns the hypotheses that it moved. A model's word on one stays. */
  rank(diagnosis: Diagnosis): HypothesisMove[] {
    this.#diagnosis = diagnosis;
    const moves: HypothesisMove[] = [];
    for (const [place, hypothesis] of diagnosis.hypotheses.entries()) {
      const before = this.#entries.get(hypothesis.key);
      if (before && before.evidence.length > 0) continue;
      const [to, because] = standing(hypothesis, place);
      moves.push(...this.move({ hypothesis, to, because }));
    }
    const ranked = new Set(diagnosis.hypotheses.map((h) => h.key));
    for (const { hypothesis, state } of this.entries) {
      if (ranked.has(hypothesis.key) || state === "refuted") continue;
      const because = "no longer among the explanations";
      moves.push(...this.move({ hypothesis, to: "refuted", because }));
    }
    return moves;
  }

  /** Proposes or moves one hypothesis; empty when it already stands there. */
  move(move: HypothesisMove): HypothesisMove[] {
    const { hypothesis, to, because, evidence = [] } = move;
    const before = this.#entries.get(hypothesis.key);
    this.#entries.set(hypothesis.key, { hypothesis, state: to, because, evidence });
    return before?.state === to ? [] : [move];
  }
}

function gapKey(gap: Gap): string {
  return `${gap.what}|${gap.why}`;
}

function standing(hypothesis: Hypothesis, place: number): [LedgerEntry["state"], string] {
  if (hypothesis.contradicting.length > hypothesis.supporting.length) {
    return ["refuted", "more findings speak against it than for it"];
  }
  if (place === 0 && hypothesis.confidence >= 0.5) {
    return ["supported", "explains the findings best"];
  }
  return ["proposed", place === 0 ? "best so far, not yet convincing" : "possible"];
}
