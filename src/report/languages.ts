import { fill, type Message } from "../core/message.ts";
import { en, type MessageKey, type Messages } from "./messages/en.ts";
import { ja } from "./messages/ja.ts";
import { jaPhrases } from "./messages/ja-causes.ts";
import { jaGaps } from "./messages/ja-gaps.ts";
import { jaRefusals } from "./messages/ja-refusals.ts";

/** Languages a report can be written in. A language is one file of messages and one line here. */
const languages: Readonly<Record<string, Messages>> = { en, ja };

const allPhrases = [...jaPhrases, ...jaGaps, ...jaRefusals];

/** Codes that `--language` takes. */
export const languageCodes: readonly string[] = Object.keys(languages);

/** What a renderer needs of a language. */
export interface Words {
  readonly code: string;
  /** A message with its places filled. */
  say(key: MessageKey, params?: Message["params"]): string;
  /** A message whose key is put together; the fallback when the language has none of that name. */
  sayOr(key: string, fallback: string, params?: Message["params"]): string;
  /** `a, b` with at most `max` names and a count of the rest. */
  list(names: readonly string[], max?: number): string;
  /** Clauses by the English one that they stand for. */
  readonly phrases: readonly (readonly [RegExp, string])[];
}

/** The words of a language by its code (`ja`, `ja-JP`); English where there is none. */
export function wordsOf(language: string): Words {
  const code = language.toLowerCase().split(/[-_]/)[0] ?? "en";
  const messages = languages[code] ?? en;
  const byName: Readonly<Record<string, string>> = messages;
  return {
    code: code in languages ? code : "en",
    say: (key, params = {}) => fill(messages[key] ?? en[key], params),
    sayOr: (key, fallback, params = {}) => fill(byName[key] ?? fallback, params),
    phrases: messages === ja ? allPhrases : [],
    list: (names, max = 6) => {
      const shown = names.slice(0, max).join(messages["list.and"]);
      const rest = names.length - max;
      return rest > 0 ? `${shown} +${rest}` : shown;
    },
  };
}

/** A statement in the reader's language where it has a template, else as written in English. */
export function statementIn(
  words: Words,
  item: { readonly statement: string; readonly message?: Message | undefined },
): string {
  if (words.code === "en" || !item.message) return item.statement;
  const { id, params } = item.message;
  const said = Object.entries(params).map(([name, value]) => [name, valueIn(words, value)]);
  return words.sayOr(id, item.statement, Object.fromEntries(said));
}

/**
 * A text of ours that has no parts, such as what a gap does: in the reader's language where known.
 */
export function phraseIn(words: Words, text: string): string {
  for (const [pattern, said] of words.phrases) {
    const found = pattern.exec(text);
    if (!found) continue;
    // `{=1}` is a phrase of its own, `{1}` stays as it is.
    return said.replace(/\{(=?)(\d)\}/g, (_, own: string, at: string) => {
      const part = found[Number(at)] ?? "";
      return own ? phraseIn(words, part) : part;
    });
  }
  const parts = text.split("; ");
  if (parts.length < 2) return text;
  const said = parts.map((part) => phraseIn(words, part));
  // Words of others keep their own punctuation.
  return said.every((part, i) => part === parts[i]) ? text : said.join(words.say("list.and"));
}

/** A value inside a sentence: a known phrase, or ` at <time>`, in the reader's language. */
function valueIn(words: Words, value: string | number): string | number {
  if (typeof value === "number") return value;
  const time = /^ ?at (.+)$/.exec(value)?.[1];
  if (time !== undefined) return words.say("phrase.at", { time });
  const slower = /^, and take (.+) times as long$/.exec(value)?.[1];
  if (slower !== undefined) return words.say("phrase.slower", { times: slower });
  const rate = /^(.+) per (companion line|call|second|minute|hour|day)$/.exec(value);
  if (rate) return words.sayOr(`phrase.per ${rate[2]}`, value, { count: rate[1] ?? "" });
  return words.sayOr(`phrase.${value}`, phraseIn(words, value));
}
