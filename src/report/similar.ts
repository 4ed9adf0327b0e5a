import type { Report } from "../core/report.ts";
import { type Words, wordsOf } from "./languages.ts";

/** What each likeness counts; together 1. */
const weights = { alarm: 0.3, service: 0.25, kind: 0.15, victims: 0.1, lines: 0.2 } as const;
/** Below this two incidents merely share a system. */
const scoreMin = 0.4;
const similarMax = 3;
const lineCharsMax = 80;

/**
 * Earlier incidents like this one, most alike first: the same alarm, the same service and kind of
 * cause, overlapping victims, the same failing lines. Each says why, and what was advised then.
 */
export function similarTo(
  report: Report,
  past: readonly { readonly incident: string; readonly report: Report }[],
): Report["similar"] {
  const words = wordsOf(report.language);
  return past
    .filter((item) => item.incident !== report.id)
    .map(({ incident, report: earlier }) => ({ incident, ...likeness(report, earlier, words) }))
    .filter((item) => item.score >= scoreMin)
    .sort((a, b) => b.score - a.score || b.incident.localeCompare(a.incident))
    .slice(0, similarMax);
}

function likeness(report: Report, earlier: Report, words: Words): { score: number; why: string } {
  const [cause, before] = [report.rootCauses[0], earlier.rootCauses[0]];
  const service = cause?.service ?? null;
  const reasons: string[] = [];
  let score = 0;
  if (report.title === earlier.title) {
    score += weights.alarm;
    reasons.push(words.say("similar.alarm"));
  }
  if (service !== null && service === before?.service) {
    score += weights.service;
    reasons.push(words.say("similar.service", { service }));
  }
  if (report.conclusion === "no-incident" && earlier.conclusion === "no-incident") {
    score += weights.kind + weights.service;
    reasons.push(words.say("similar.healthy"));
  } else if (cause && before && cause.causeKind === before.causeKind) {
    score += weights.kind;
    if (cause.causeKind !== "unknown") reasons.push(words.say("similar.kind"));
  }
  score += weights.victims * overlap(report.blastRadius, earlier.blastRadius);
  const lines = overlap(linesOf(report), linesOf(earlier));
  score += weights.lines * lines;
  if (lines > 0) reasons.push(words.say("similar.lines"));
  const [advised] = earlier.actions;
  if (advised && earlier.conclusion !== "no-incident") {
    const action = words.sayOr(`similar.then.${advised.kind}`, advised.kind);
    reasons.push(words.say("similar.then", { action }));
  }
  return { score: Math.round(score * 100) / 100, why: reasons.join(words.say("similar.and")) };
}

/** Failing lines with what varies taken out. */
function linesOf({ evidence }: Report): readonly string[] {
  return evidence.flatMap(({ kind, quote }) =>
    kind === "log-pattern" && quote ? [quote.replace(/\d+/g, "0").slice(0, lineCharsMax)] : [],
  );
}

/** Size of the intersection over size of the union; 0 for two empty lists. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [new Set(a), new Set(b)];
  const all = new Set([...left, ...right]);
  return all.size === 0 ? 0 : [...left].filter((item) => right.has(item)).length / all.size;
}
