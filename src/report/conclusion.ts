import type { Diagnosis, Hypothesis } from "../core/hypothesis.ts";
import { limits } from "../core/limits.ts";
import type { Report } from "../core/report.ts";

/**
 * Confidence from which a cause is called confirmed; 0.7 is also where a wrong one would be bad.
 */
const confirmedFrom = 0.7;

/** The verdict in a word, from the verified ranking. */
export function concludes(diagnosis: Diagnosis | null): Report["conclusion"] {
  const best = diagnosis?.hypotheses[0];
  if (!diagnosis || !best) return "inconclusive";
  if (diagnosis.isHealthy || best.causeKind === "nothing-wrong") return "no-incident";
  if (isNoCause(best)) return "inconclusive";
  if (best.confidence >= confirmedFrom && best.supporting.length > 0) return "confirmed";
  return best.confidence >= limits.likelyConfidenceMin ? "likely" : "inconclusive";
}

/** True for "none of these". */
export function isNoCause(hypothesis: Hypothesis): boolean {
  return hypothesis.causeKind === "unknown" && hypothesis.service === null;
}
