import type { Hypothesis } from "../core/hypothesis.ts";

/** Findings that make a claim more than a single observation. */
const supportMin = 2;

/**
 * True when nothing computed speaks against a claim and enough speaks for it. An opinion alone does
 * not undo such a claim: a review can doubt it but not reject it, and no choice goes before it.
 */
export function isUndisputed({ supporting, contradicting }: Hypothesis): boolean {
  return contradicting.length === 0 && supporting.length >= supportMin;
}
