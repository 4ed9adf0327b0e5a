import type { Answer } from "../../core/incident.ts";
import type { Language } from "../../core/language.ts";
import type { ReportEvidence } from "../../core/report.ts";
import { context } from "../blocks/blocks.ts";
import { fitBlocks } from "../blocks/fit-blocks.ts";
import { escapeMrkdwn, mrkdwn, plain, prose, safeUrl } from "../blocks/foreign-text.ts";
import type { Block, MessageView } from "../blocks/types.ts";
import { wordsOf } from "../messages/words.ts";

/** An answer in two halves, so that its words can be streamed and its sources put under them. */
export interface AnswerView extends MessageView {
  /** The words alone, as a `markdown` block shows them. */
  readonly prose: string;
  /** What stands under the words. */
  readonly tail: readonly Block[];
}

export const answerCharsMax = 1_500;

/** S7: an answer of at most 1,500 characters with the evidence it stands on. */
export function answerView(options: {
  readonly answer: Answer;
  readonly evidence: readonly ReportEvidence[];
  readonly isRunning: boolean;
  readonly language: Language;
  readonly linkHosts: readonly string[];
}): AnswerView {
  const words = wordsOf(options.language);
  const cited = options.evidence.filter((item) => options.answer.evidence.includes(item.id));
  const sources = cited.slice(0, 6).map((item) => {
    const url = item.provenance
      .map((origin) => safeUrl(origin.link, options.linkHosts))
      .find((link) => link !== null);
    const link = url ? ` (<${escapeMrkdwn(url)}|${words.source}>)` : "";
    return `\`${item.id}\` ${mrkdwn(item.statement, 160)}${link}`;
  });
  const open = options.answer.open.slice(0, 3).map((item) => mrkdwn(item, 160));
  const text = prose(options.answer.text, answerCharsMax) || "–";
  const tail: Block[] = [
    ...(options.isRunning ? [context(`⏳ ${words.stillWorking}`)] : []),
    ...(sources.length > 0 ? [context(`*${words.answerSources}*\n${sources.join("\n")}`)] : []),
    ...(open.length > 0 ? [context(`*${words.answerOpen}*\n${open.join("\n")}`)] : []),
  ];
  const fitted = fitBlocks([{ type: "markdown", text }, ...tail], "message", words.more).blocks;
  return {
    text: escapeMrkdwn(plain(options.answer.text, answerCharsMax)),
    blocks: fitted,
    prose: text,
    tail: fitted.slice(1),
  };
}
