import type { Alarm } from "../core/alarm.ts";
import type { Evidence } from "../core/evidence.ts";

/** What is wrong with a text that a model wrote; empty means that it may be shown. */
export type ClaimFault =
  | { readonly kind: "unknown-evidence"; readonly id: string }
  | { readonly kind: "unsupported-number"; readonly number: string }
  | { readonly kind: "uncited"; readonly sentence: string }
  /** A sentence that somebody outside wrote, passed on as the model's own. */
  | { readonly kind: "parroted"; readonly sentence: string }
  /** A link, a command or a mention: nothing a note may carry. */
  | { readonly kind: "forbidden"; readonly text: string };

const citation = /\bE\d+\b/g;
/** Links, addresses, commands, code, chat mentions and markup; a note is plain sentences. */
const forbidden =
  /\b[a-z][a-z+.-]*:\/\/\S+|\bwww\.\S+|`[^`]*`|[<>]|(?<!\w)@\w+|!\[|\]\(|\b(?:sudo|curl|kubectl|rm -rf|DROP TABLE)\b|(?:^|\s)\$ \S+/iu;
/** Numbers in words, above the small ones of prose. */
const spelledOut =
  /\b(?:dozens?|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|(?:thir|four|fif|six|seven|eigh|nine)teen|eleven|twelve|(?:hundred|thousand|[mb]illion)s?)\b|(?!十分)[二三四五六七八九十百千万億兆]+(?=[%割倍件人秒分円台回行個時名社]|パーセント|ミリ|ドル)/giu;
/** Numbers a sentence may hold without evidence: counting words of prose. */
const smallest = 3;
/** Shorter wordings may well be met by chance. */
const parrotCharsMin = 15;

/**
 * Checks a model's prose against the evidence: every id exists, every sentence cites, every number
 * is one that a cited finding states, and there are no links, commands or markup. Fails closed: a
 * text with a fault is not shown.
 */
export function checkClaims(
  text: string,
  evidence: readonly Evidence[],
  alarm?: Pick<Alarm, "name" | "summary">,
): ClaimFault[] {
  const found = forbidden.exec(text);
  if (found) return [{ kind: "forbidden", text: found[0] }];
  const foreign = foreignIn(evidence, alarm);
  const byId = new Map<string, Evidence>(evidence.map((item) => [item.id, item]));
  return sentencesOf(text).flatMap((sentence): ClaimFault[] => {
    const ids = sentence.match(citation) ?? [];
    const unknown = ids.filter((id) => !byId.has(id));
    if (unknown.length > 0) return unknown.map((id) => ({ kind: "unknown-evidence", id }));
    const numbers = numbersOf(sentence.replace(citation, ""));
    if (ids.length === 0) return [{ kind: "uncited", sentence }];
    const own = bare(sentence);
    if (own.length >= parrotCharsMin && foreign.some((each) => each.includes(own))) {
      return [{ kind: "parroted", sentence }];
    }
    const stated = new Set(ids.flatMap((id) => numbersIn(byId.get(id))));
    return numbers
      .filter((number) => !(Math.abs(Number(number)) <= smallest) || number.includes("."))
      .filter((number) => !stated.has(normal(number)))
      .map((number) => ({ kind: "unsupported-number", number }));
  });
}

/**
 * Checks a reason that people see as it is. What it cites stands beside it, so that its sentences
 * need no citation of their own.
 */
export function checkReason(
  because: string,
  cited: readonly string[],
  evidence: readonly Evidence[],
  alarm?: Pick<Alarm, "name" | "summary">,
): ClaimFault[] {
  const sentence = because.replace(/[.!?]+\s+|[。！？]+|\n+/g, "; ").replace(/[.!?;\s]+$/, "");
  return sentence === "" ? [] : checkClaims(`${sentence} [${cited.join(" ")}].`, evidence, alarm);
}

/**
 * The sentences at the beginning of a text that hold, up to the first that does not. The last one
 * counts only when the text `isWhole`: until then its citation may still come.
 */
export function soundBeginning(
  text: string,
  { evidence, alarm }: { readonly evidence: readonly Evidence[]; readonly alarm?: Alarm },
  isWhole: boolean,
): string {
  const sentences = sentencesOf(text);
  const complete = isWhole ? sentences : sentences.slice(0, -1);
  const faulty = complete.findIndex(
    (sentence) => checkClaims(sentence, evidence, alarm).length > 0,
  );
  return complete.slice(0, faulty < 0 ? complete.length : faulty).join(" ");
}

/** What people and machines outside wrote, as far as it is known here. */
function foreignIn(
  evidence: readonly Evidence[],
  alarm: Pick<Alarm, "name" | "summary"> | undefined,
): string[] {
  return [
    ...(alarm ? [alarm.name, alarm.summary] : []),
    ...evidence.flatMap(({ quote, facts }) => [quote ?? [], facts?.change?.title ?? []].flat()),
  ].map(bare);
}

/** Words alone: without citations, signs and capitals. */
function bare(text: string): string {
  return text
    .replace(citation, " ")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

/** Sentences in Latin and Japanese punctuation; a bracketed citation stays with its sentence. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/([.!?。！？])\s*((?:\[[^\]]*\]\s*)+)/g, " $2$1 ")
    .split(/(?<=[.!?])\s+(?=\S)|(?<=[。！？])|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}

function numbersIn(item: Evidence | undefined): string[] {
  if (!item) return [];
  return numbersOf(`${item.statement} ${item.quote ?? ""}`).map(normal);
}

/**
 * Numbers as written, thousands separators removed; parts of words such as `p95` do not count, but
 * in Japanese a number follows a word without a space. Numbers in words count as numbers.
 */
function numbersOf(text: string): string[] {
  const plain = text.normalize("NFKC").replace(/(\d),(?=\d{3}(?!\d))/g, "$1");
  const digits = plain.match(/(?<![\p{Script=Latin}\d._-])\d+(?:\.\d+)?/gu) ?? [];
  return [...digits, ...(plain.match(spelledOut) ?? [])];
}

function normal(number: string): string {
  const value = Number(number);
  return Number.isNaN(value) ? number.toLowerCase() : String(value);
}
