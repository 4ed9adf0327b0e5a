/**
 * Confidence in the first hypothesis from two numbers that mean the same on every incident: its own
 * score (how much of the harm its signs explain) and its lead over the next one.
 *
 * The mapping is a logistic curve of `score` and `lead`, fitted on half of the labelled incidents and
 * checked on the other half; the constants are in `docs/accuracy.md` with the figures.
 */
export function confidenceOf(score: number, next: number): number {
  const lead = Math.max(0, score - next);
  const logit = -1.7 + 2.2 * score + 3.2 * lead;
  return Math.min(0.97, 1 / (1 + Math.exp(-logit)));
}
