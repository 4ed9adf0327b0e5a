import type { Answer } from "../core/incident.ts";
import type { Report } from "../core/report.ts";

const itemsMax = 5;
/** Words that say nothing about what is asked. */
const stopWords = new Set(
  "a an and are about at be because been but by can could did do does for from had has have how i if in is it its not of on or so than that the then there this to was were what when where which who why will with would you".split(
    " ",
  ),
);

/**
 * Answers a follow-up without a model: the evidence, causes and ruled-out claims of the report that
 * share the question's words, best match first, cited. Says so when nothing does.
 */
export function answerFromReport(report: Report, question: string): Answer {
  const words = wordsOf(question);
  const ruledOut = report.ruledOut
    .map((item) => ({ item, score: overlap(words, `${item.claim} ${item.because}`) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  const found = report.evidence
    .map((item) => ({
      item,
      score: overlap(words, `${item.service ?? ""} ${item.kind} ${item.layer} ${item.statement}`),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, itemsMax);
  const lines = [
    ...ruledOut.slice(0, 2).map(({ item }) => `Ruled out: ${item.claim}: ${item.because}`),
    ...found.map(({ item }) => `- ${item.statement} [${item.id}]`),
  ];
  const evidence = [
    ...ruledOut.slice(0, 2).flatMap(({ item }) => item.evidence),
    ...found.map(({ item }) => item.id),
  ];
  if (lines.length === 0) {
    const text = `The saved evidence says nothing about that. The verdict stands: ${report.summary}`;
    return { text, evidence: [], model: "builtin", open: [question] };
  }
  return { text: lines.join("\n"), evidence: [...new Set(evidence)], model: "builtin", open: [] };
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1 && !stopWords.has(word));
}

/** How many of the words occur in the text, whole or as its beginning. */
function overlap(words: readonly string[], text: string): number {
  const there = wordsOf(text);
  return words.filter((word) =>
    there.some((t) => t === word || (word.length > 3 && t.startsWith(word))),
  ).length;
}
