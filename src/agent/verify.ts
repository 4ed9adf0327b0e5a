import type { Evidence } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../core/hypothesis.ts";
import type { Gap } from "../core/outcome.ts";

/** What the verify step made of a ranking. */
export interface Verified {
  readonly diagnosis: Diagnosis;
  /** Each lowered confidence with its reason. */
  readonly lowered: readonly {
    readonly key: string;
    readonly before: number;
    readonly after: number;
    readonly because: string;
  }[];
}

/** A claim with one finding only cannot be more than likely. */
const singleFindingMax = 0.75;
/** Each signal that could not be read takes this share of the confidence. */
const gapShare = 0.06;

/**
 * Checks a ranking in code: every finding it cites must exist, one finding is not proof, and what
 * could not be read lowers confidence. It never raises any.
 */
export function verify(
  diagnosis: Diagnosis,
  evidence: readonly Evidence[],
  gaps: readonly Gap[],
): Verified {
  const known = new Set(evidence.map((item) => item.key));
  const unread = new Set(gaps.flatMap((gap) => gap.signal ?? [])).size;
  const lowered: Verified["lowered"][number][] = [];
  const hypotheses = diagnosis.hypotheses.map((hypothesis) => {
    const { after, because, supporting } = check(hypothesis, known, unread);
    if (after < hypothesis.confidence) {
      lowered.push({ key: hypothesis.key, before: hypothesis.confidence, after, because });
    }
    const contradicting = hypothesis.contradicting.filter((key) => known.has(key));
    return { ...hypothesis, confidence: after, supporting, contradicting };
  });
  const ranked = hypotheses.sort((a, b) => b.confidence - a.confidence);
  return { diagnosis: { ...diagnosis, hypotheses: ranked }, lowered };
}

function check(hypothesis: Hypothesis, known: ReadonlySet<string>, unread: number) {
  const supporting = hypothesis.supporting.filter((key) => known.has(key));
  const reasons: string[] = [];
  let after = hypothesis.confidence;
  if (supporting.length === 0 && hypothesis.causeKind !== "nothing-wrong") {
    after = Math.min(after, 0.2);
    reasons.push("no finding supports it");
  } else if (supporting.length === 1 && after > singleFindingMax) {
    after = singleFindingMax;
    reasons.push("only one finding supports it");
  }
  if (unread > 0) {
    after *= (1 - gapShare) ** Math.min(unread, 4);
    reasons.push(unread === 1 ? "one signal could not be read" : `${unread} signals unread`);
  }
  return { after, because: reasons.join("; "), supporting };
}
