import type { CauseKind } from "./hypothesis.ts";
import type { Runbook } from "./runbook.ts";

/** What is known when a runbook is looked for. */
export interface RunbookSituation {
  readonly causeKind: CauseKind | null;
  /** Sentences of the findings, the alarm, the mechanism: where keywords are looked up. */
  readonly texts: readonly string[];
  readonly service: string | null;
}

export interface RunbookMatch {
  readonly runbook: Runbook;
  /** 0..1 */
  readonly score: number;
  /** What spoke for it, in one clause. */
  readonly why: string;
}

/**
 * Below this a runbook is not worth a reader's time: with a known cause, and in a search by words.
 */
const scoreMin = 0.5;
const scoreMinByWords = 0.25;

/** Kinds that say how it looks rather than what it is; words must speak for the runbook as well. */
const vague: ReadonlySet<CauseKind> = new Set([
  "change",
  "latency",
  "errors",
  "dependency",
  "saturation",
  "unknown",
]);

/**
 * Runbooks that fit, best first. The kind of cause counts 0.5 (0.3 when vague), the service 0.1,
 * and keywords up to 0.5: each one found closes half of what is left, so the third says less than
 * the first.
 */
export function matchRunbooks(
  runbooks: readonly Runbook[],
  situation: RunbookSituation,
): RunbookMatch[] {
  const text = situation.texts.join("\n").toLowerCase();
  const { service, causeKind } = situation;
  return runbooks
    .filter((runbook) => isForService(runbook, service))
    .map((runbook) => {
      const isCause = causeKind !== null && runbook.causes.includes(causeKind);
      const found = runbook.keywords.filter((keyword) => hasWords(text, keyword.toLowerCase()));
      const keywords = 0.5 * (1 - 0.5 ** found.length);
      const own = runbook.services.length > 0 ? 0.1 : 0;
      const byCause = isCause ? (vague.has(causeKind) ? 0.3 : 0.5) : 0;
      const score = Math.min(1, byCause + keywords + own);
      return { runbook, score, why: whyOf(isCause ? causeKind : null, found, own > 0 && service) };
    })
    .filter((match) => match.score >= (causeKind === null ? scoreMinByWords : scoreMin))
    .sort((a, b) => b.score - a.score || a.runbook.name.localeCompare(b.runbook.name));
}

function isForService(runbook: Runbook, service: string | null): boolean {
  return runbook.services.length === 0 || (service !== null && runbook.services.includes(service));
}

/** True when the words occur whole: `pool` is not in `spooler`. */
function hasWords(text: string, words: string): boolean {
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const before = text[at - 1] ?? " ";
    const after = text[at + words.length] ?? " ";
    if (!/[a-z0-9]/.test(before) && !/[a-rt-z0-9]/.test(after)) return true;
  }
  return false;
}

function whyOf(cause: CauseKind | null, found: readonly string[], service: string | false | null) {
  const parts = [
    cause === null ? "" : `cause is ${cause}`,
    found.length === 0 ? "" : `found “${found.slice(0, 3).join("”, “")}”`,
    service ? `written for ${service}` : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}
