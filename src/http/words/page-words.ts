import { fill, type Message } from "../../core/message.ts";
import { type ReasonId, readReason } from "../../core/reasons.ts";
import { en, type PageKey, type PageMessages } from "./en.ts";
import { ja } from "./ja.ts";
import { jaReasons } from "./ja-reasons.ts";

/** Languages of the pages. One more is one file of messages and one line here. */
const languages: Readonly<Record<string, PageMessages>> = { en, ja };
/** English reasons stay as they were said. */
const reasonsIn: Readonly<Record<string, Readonly<Record<ReasonId, string>>>> = { ja: jaReasons };

/** What a page needs of a language. */
export interface PageWords {
  readonly code: string;
  /** A message with its places filled. */
  say(key: PageKey, params?: Message["params"]): string;
  /** The name of a state, role or kind; the name itself where the language has none for it. */
  name(group: string, name: string): string;
  /** Why code of ours did something; what a model or a person said stays as it is. */
  reason(said: string): string;
}

/** The words of a language by its code (`ja`, `ja-JP`); English where there is none. */
export function pageWordsOf(language: string): PageWords {
  const code = codeOf(language);
  const messages = languages[code] ?? en;
  const byName: Readonly<Record<string, string>> = messages;
  return {
    code: code in languages ? code : "en",
    say: (key, params = {}) => fill(messages[key], params),
    name: (group, name) => byName[`${group}.${name}`] ?? name,
    reason: (said) => reasonIn(reasonsIn[code], said),
  };
}

/** A reason within a reason is said as well. */
function reasonIn(words: Readonly<Record<ReasonId, string>> | undefined, said: string): string {
  const read = words && readReason(said);
  if (!read) return said;
  const { reason: inner, ...params } = read.params;
  const more = inner === undefined ? {} : { reason: reasonIn(words, String(inner)) };
  return fill(words[read.id], { ...params, ...more });
}

/**
 * The language that was set, else the one the browser likes best among ours (RFC 9110, 12.5.4:
 * `ja,en;q=0.8`), else English.
 */
export function chosenLanguage(
  set: string | undefined,
  acceptLanguage: string | undefined,
): string {
  if (set !== undefined) return set;
  const liked = (acceptLanguage ?? "").slice(0, 500).split(",");
  const ours = liked
    .map((part) => {
      const [range = "", ...rest] = part.trim().split(";");
      const quality = /^\s*q=([\d.]+)\s*$/.exec(rest.join(";"))?.[1] ?? "1";
      return { code: codeOf(range), quality: Number(quality) };
    })
    .filter(({ code, quality }) => code in languages && quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return ours[0]?.code ?? "en";
}

function codeOf(language: string): string {
  return language.trim().toLowerCase().split(/[-_]/)[0] ?? "en";
}
