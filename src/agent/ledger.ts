import type { Evidence, EvidenceId, Finding } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis, HypothesisMove } from "../core/hypothesis.ts";
import type { Gap } from "../core/outcome.ts";
import type { Priority } from "../core/priority.ts";
import type { Step } from "../core/step.ts";

/** Where a hypothesis stands, and what moved it there. */
export interface LedgerEntry {
  readonly hypothesis: Hypothesis;
  readonly state: "proposed" | "supported" | "refuted";
  readonly because: string;
}

/**
 * Everything an investigation has established. Findings become evidence here, once each: the same
 * key met again keeps its id, with what was said last. Hypotheses move as rankings arrive and are never dropped.
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
   * Gives each new finding the next id; a finding that says something else than before, because more
   * was read, replaces the earlier one under its id. Returns all, and those that are new or changed.
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

  /** Takes a new ranking and returns the hypotheses that it moved. */
  rank(diagnosis: Diagnosis): HypothesisMove[] {
    this.#diagnosis = diagnosis;
    const moves: HypothesisMove[] = [];
    for (const [place, hypothesis] of diagnosis.hypotheses.entries()) {
      moves.push(...this.move(hypothesis, ...standing(hypothesis, place)));
    }
    const ranked = new Set(diagnosis.hypotheses.map((h) => h.key));
    for (const entry of this.entries) {
      if (ranked.has(entry.hypothesis.key) || entry.state === "refuted") continue;
      moves.push(...this.move(entry.hypothesis, "refuted", "no longer among the explanations"));
    }
    return moves;
  }

  /** Proposes or moves one hypothesis; empty when it already stands there. */
  move(hypothesis: Hypothesis, to: LedgerEntry["state"], because: string): HypothesisMove[] {
    const before = this.#entries.get(hypothesis.key);
    this.#entries.set(hypothesis.key, { hypothesis, state: to, because });
    return before?.state === to ? [] : [{ hypothesis, to, because }];
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
