import type { Answer } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import { isWhyNot, namesFor, phrasesOf, topicsOf } from "./answer-words.ts";

const itemsMax = 5;

/** One line of an answer and the evidence it stands on. */
interface Line {
  readonly text: string;
  readonly evidence: readonly string[];
}

/**
 * Answers a follow-up without a model. What the question is about (impact, cause, what to do, what
 * was ruled out, the course of events) is answered from that part of the report; then come the
 * findings that share the question's words, best match first, cited. Says so when nothing does.
 */
export function answerFromReport(report: Report, question: string, language: string): Answer {
  const words = wordsOf(question).flatMap(namesFor);
  const about = topicsOf(question).flatMap((topic) => linesOf[topic](report, language));
  const spared = isWhyNot(question) ? unsuspected(report, words, language) : [];
  const lines = [
    ...spared,
    ...about,
    ...sharedRuledOut(report, words, language),
    ...shared(report, words),
  ];
  const unique = [...new Map(lines.map((line) => [line.text, line])).values()];
  const told = unique.slice(0, about.length > 0 ? Math.max(itemsMax, about.length) : itemsMax + 2);
  if (told.length === 0) {
    const text = phrasesOf(language).nothing(report.summary);
    return { text, evidence: [], model: "builtin", open: [question] };
  }
  const text = told.map((line) => `- ${line.text}${cite(line.evidence)}`).join("\n");
  const evidence = [...new Set(told.flatMap((line) => line.evidence))];
  // "Why not the database?": what else was ruled out does not say so of the database.
  const isUnnamed = isWhyNot(question) && !told.some(({ text }) => overlap(words, text) > 0);
  return { text, evidence, model: "builtin", open: isUnnamed ? [question] : [] };
}

const linesOf: Readonly<
  Record<ReturnType<typeof topicsOf>[number], (report: Report, language: string) => Line[]>
> = {
  impact: ({ impact, priority }, language) => {
    const said = phrasesOf(language);
    const users = priority.factors.find((factor) => factor.name === "users");
    const items: Line[] = impact.users
      ? [{ text: impact.users, evidence: users?.evidence ?? [] }]
      : [];
    for (const item of impact.business.filter((one) => isLoss(one)).slice(0, 3)) {
      const { lostValue, currency } = item;
      const money =
        lostValue === undefined ? null : `${figure(lostValue)} ${currency ?? ""}`.trim();
      const [expected, actual] = [figure(item.expected), figure(item.actual)];
      const text = said.kpi({ kpi: item.kpi, expected, actual, money });
      items.push({ text, evidence: item.evidence });
    }
    for (const slo of impact.slos.filter(({ burnRate }) => burnRate > 1).slice(0, 2)) {
      const { name, burnRate, budgetLeft, evidence } = slo;
      const left = `${figure(budgetLeft * 100)}%`;
      items.push({ text: said.slo({ name, burn: figure(burnRate), left }), evidence });
    }
    return items;
  },
  cause: ({ rootCauses, summary }) =>
    rootCauses.length === 0
      ? [{ text: summary, evidence: [] }]
      : rootCauses.slice(0, 2).map((cause) => ({
          text: `${cause.mechanism} (${Math.round(cause.confidence * 100)}%)`,
          evidence: cause.supporting.slice(0, 4),
        })),
  action: ({ actions }) =>
    actions.slice(0, 4).map(({ text, evidence }) => ({ text, evidence: evidence.slice(0, 4) })),
  ruledOut: ({ ruledOut }, language) =>
    ruledOut.slice(0, itemsMax).map((item) => ({
      text: phrasesOf(language).ruledOut(item.claim, item.because),
      evidence: item.evidence,
    })),
  timeline: ({ timeline }) =>
    timeline
      .filter((item) => item.kind !== "symptom")
      .slice(0, 6)
      .map(({ at, text, evidence }) => ({ text: `${at.slice(11, 19)} ${text}`, evidence })),
};

type Business = Report["impact"]["business"][number];

/** Further from what was expected than the expectation is sure of itself. */
function isLoss({ lost, lostInterval }: Business): boolean {
  return lostInterval === undefined ? lost > 0 : lost > 0 && lostInterval[0] > 0;
}

function shared({ evidence }: Report, words: readonly string[]): Line[] {
  return evidence
    .map((item) => ({
      item,
      score: overlap(words, `${item.service ?? ""} ${item.kind} ${item.layer} ${item.statement}`),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, itemsMax)
    .map(({ item }) => ({ text: item.statement, evidence: [item.id] }));
}

function sharedRuledOut({ ruledOut }: Report, words: readonly string[], language: string): Line[] {
  return ruledOut
    .map((item) => ({ item, score: overlap(words, `${item.claim} ${item.because}`) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 2)
    .map(({ item }) => ({
      text: phrasesOf(language).ruledOut(item.claim, item.because),
      evidence: item.evidence,
    }));
}

/** Services of the map that the words name, and that neither a cause nor a finding is about. */
function unsuspected(report: Report, words: readonly string[], language: string): Line[] {
  const seen = new Set(report.topology.flatMap(({ from, to }) => [from, to]));
  const suspected = new Set([
    ...report.rootCauses.map((cause) => cause.service),
    ...report.evidence.map((item) => item.service),
  ]);
  return [...seen]
    .filter((service) => !suspected.has(service) && overlap(words, service) > 0)
    .map((service) => ({ text: phrasesOf(language).unsuspected(service), evidence: [] }));
}

function cite(evidence: readonly string[]): string {
  return evidence.map((id) => ` [${id}]`).join("");
}

function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** Words that say nothing about what is asked. */
const stopWords = new Set(
  "a an and are about at be because been but by can could did do does for from had has have how i if in is it its me not of on or please should so tell than that the then there this to us was we were what when where which who why will with would you your".split(
    " ",
  ),
);

/** Words by the segmenter, since Japanese has no spaces; kana alone is grammar. */
function wordsOf(text: string): string[] {
  return [...segmenter.segment(text.toLowerCase())]
    .filter((part) => part.isWordLike === true)
    .map((part) => part.segment)
    .filter((word) => word.length > 1 && !stopWords.has(word) && !/^\p{sc=Hira}+$/u.test(word));
}

const segmenter = new Intl.Segmenter("ja", { granularity: "word" });

/** How many of the words occur in the text, whole or as its beginning. */
function overlap(words: readonly string[], text: string): number {
  const there = wordsOf(text);
  return words.filter((word) =>
    there.some((t) => t === word || (word.length > 3 && t.startsWith(word))),
  ).length;
}
