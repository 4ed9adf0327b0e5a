import type { ExternalCause } from "../causes/external-causes.ts";
import type { ChangeCandidate } from "./correlation.ts";

/** Which change is guilty. "None" and "undecided" are answers, and good ones. */
export type ChangeVerdict =
  | {
      readonly kind: "guilty";
      readonly candidate: ChangeCandidate;
      readonly confidence: number;
      /** Innocent ones that were close enough to be named. */
      readonly runnersUp: readonly ChangeCandidate[];
    }
  | {
      readonly kind: "none";
      /** What did it instead; null when nothing is known, only that no change explains it. */
      readonly external: ExternalCause | null;
      readonly confidence: number;
      readonly runnersUp: readonly ChangeCandidate[];
    }
  | {
      readonly kind: "undecided";
      readonly candidates: readonly ChangeCandidate[];
      readonly confidence: number;
    };

/** A change needs this much mechanism or words; timing and place alone blame the bystander. */
const explainedMin = 1;
const guiltyMin = 0;
/** Closer than this, two changes cannot be told apart. */
const marginMin = 0.5;
/** What a fully shown external cause with a full veto takes off a change's score. */
const vetoWeight = 4;
const shortListMax = 3;

/** Weighs the best change against the causes outside, and against its rivals. */
export function judgeChanges(
  candidates: readonly ChangeCandidate[],
  externals: readonly ExternalCause[],
): ChangeVerdict {
  const judged = candidates
    .map((candidate) => ({ candidate, net: candidate.score - vetoOf(candidate, externals) }))
    .sort((a, b) => b.net - a.net);
  const [best, second] = judged;
  const runnersUp = judged.slice(1, 1 + shortListMax).map((j) => j.candidate);
  const external = externals[0] ?? null;
  if (!best || best.net < guiltyMin || best.candidate.explained < explainedMin) {
    const near = judged.slice(0, shortListMax).map((j) => j.candidate);
    return {
      kind: "none",
      external,
      confidence: noneConfidence(external, best?.net),
      runnersUp: near,
    };
  }
  const margin = best.net - (second?.net ?? Number.NEGATIVE_INFINITY);
  const rival = second && second.candidate.explained >= explainedMin ? margin : Infinity;
  if (rival < marginMin) {
    const close = judged.filter((j) => best.net - j.net < marginMin).map((j) => j.candidate);
    return { kind: "undecided", candidates: close.slice(0, shortListMax), confidence: 0.4 };
  }
  const confidence = guiltyConfidence(best.net, best.candidate.explained);
  return { kind: "guilty", candidate: best.candidate, confidence, runnersUp };
}

/** The strongest veto that this change does not escape by touching the very thing that fails. */
export function vetoOf(candidate: ChangeCandidate, externals: readonly ExternalCause[]): number {
  let most = 0;
  for (const external of externals) {
    if (isOwnDoing(candidate, external)) continue;
    most = Math.max(most, external.strength * external.veto * vetoWeight);
  }
  return most;
}

/**
 * True when the change could have made the cause look external: it adds or removes the very name
 * that fails, or it multiplies the calls that hit a quota or fill a disk.
 */
function isOwnDoing(candidate: ChangeCandidate, external: ExternalCause): boolean {
  if (external.subject && touches(candidate, external.subject)) return true;
  const effects = candidate.trait?.effects ?? [];
  switch (external.causeKind) {
    case "throttling":
      return effects.includes("amplification");
    case "saturation":
      return effects.includes("disk") || effects.includes("amplification");
    case "external-provider":
      // A wait cut short makes a slow partner look like a dead one.
      return (
        external.isAnswered !== true &&
        candidate.trait?.kind === "literal-lowered" &&
        effects.includes("timeout")
      );
    case "bad-data":
      return candidate.parts.words >= 2 && external.subject === null;
    default:
      return false;
  }
}

/** The name stands on one side of the diff only: it was brought in or taken out. */
function touches(candidate: ChangeCandidate, name: string): boolean {
  const { diff } = candidate.unit;
  if (!diff) return false;
  const holds = (lines: readonly string[]) => lines.some((line) => line.includes(name));
  return holds(diff.added) !== holds(diff.removed);
}

/** Logistic curves; fitted on held-out incidents only where the comment in accuracy.md says so. */
function guiltyConfidence(net: number, explained: number): number {
  return clamp(1 / (1 + Math.exp(-(0.9 * net + 0.5 * (explained - 1.5)))), 0.35, 0.95);
}

function noneConfidence(external: ExternalCause | null, best: number | undefined): number {
  const shown = external ? external.strength * 0.9 : 0.35;
  return clamp(shown - Math.max(0, (best ?? -3) + 1) * 0.1, 0.2, 0.95);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
