import { namesService } from "../causes/service-names.ts";
import type { Symptom, Symptoms } from "../causes/symptoms.ts";
import { partsOf, termsOf } from "../causes/terms.ts";
import { netWords } from "./diff.ts";
import type { ChangeUnit } from "./units.ts";

/** A word that stands in a symptom and in a change. */
export interface SharedWord {
  readonly term: string;
  /** As the symptom writes it. */
  readonly text: string;
  readonly isCompound: boolean;
  /** Gone from or come with the code, or merely near it (title, file, moved line). */
  readonly side: "gone" | "come" | "near";
  readonly weight: number;
  /** Where it was seen. */
  readonly symptom: Symptom;
}

/** Sum of word weights is squeezed to this: near proof, but never all. */
export const wordsScoreMax = 4;

/** A compound name quoted by an error is rarely met by chance; a plain word often is. */
const compoundWeight = 1.6;
const plainWeight = 0.35;
/** A value in both places at once is as telling as a name. */
const specialWeight = 1.6;
const sideWeight = { gone: 1, come: 1, near: 0.4 } as const;
/** A plain word needs to be in this share of the changes or fewer. */
const symptomSourceWeight = { log: 1, span: 1, alarm: 0.8, metric: 0.5 } as const;

type Side = SharedWord["side"];

/** Terms of one change with the side they are on. */
export type ChangeTerms = ReadonlyMap<
  string,
  { readonly side: Side; readonly isCompound: boolean }
>;

/** Terms of a change: what really went or came beats what was only moved or named. */
export function changeTerms(unit: ChangeUnit): ChangeTerms {
  const terms = new Map<string, { side: Side; isCompound: boolean }>();
  const add = (text: string, side: Side) => {
    for (const [key, term] of termsOf(text)) {
      if (!terms.has(key)) terms.set(key, { side, isCompound: term.isCompound });
    }
  };
  if (unit.diff) {
    const net = netWords(unit.diff);
    add([...net.gone.keys()].join(" "), "gone");
    add([...net.come.keys()].join(" "), "come");
    add([...unit.diff.removed, ...unit.diff.added].join("\n"), "near");
    add(unit.diff.hunks.map((hunk) => hunk.header).join("\n"), "near");
  }
  const isNamed = unit.kind === "flag" || unit.kind === "config" || unit.kind === "infrastructure";
  add(unit.title, isNamed ? "come" : "near");
  add(unit.files.map((file) => file.replace(/\.\w+$/, "")).join(" "), "near");
  return terms;
}

/** In how many changes each term stands: what everybody writes tells nothing. */
export function documentFrequency(all: readonly ChangeTerms[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const terms of all) {
    for (const key of terms.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

interface WordContext {
  readonly frequency: ReadonlyMap<string, number>;
  readonly total: number;
  /** Terms of service names: every change of a service holds them. */
  readonly names: ReadonlySet<string>;
}

/** Words that a change shares with the symptoms, heaviest first. */
export function sharedWords(
  unit: ChangeUnit,
  terms: ChangeTerms,
  symptoms: Symptoms,
  context: WordContext,
): SharedWord[] {
  const found = new Map<string, SharedWord>();
  for (const symptom of symptoms.texts) {
    for (const [key, term] of termsOf(symptom.text)) {
      const mine = terms.get(key);
      if (!mine || context.names.has(key)) continue;
      const isNamed = term.isCompound || (mine.side !== "near" && isQuoted(term.text, symptom));
      const rarity = rarityOf(context.frequency.get(key) ?? 1, context.total);
      const weight =
        rarity *
        symptom.weight *
        symptomSourceWeight[symptom.source] *
        sideWeight[mine.side] *
        (isNamed ? compoundWeight : plainWeight);
      const known = found.get(key);
      if (known && known.weight >= weight) continue;
      const { text } = term;
      const { side } = mine;
      found.set(key, { term: key, text, isCompound: isNamed, side, weight, symptom });
    }
  }
  const special = [
    ...vanishedWords(terms, symptoms, context),
    ...segmentWords(unit, symptoms),
    ...literalWords(unit, symptoms),
    ...settingWords(unit, symptoms),
    ...versionWords(unit, symptoms),
  ];
  for (const word of special) found.set(word.term, word);
  return [...found.values()].sort((a, b) => b.weight - a.weight || a.term.localeCompare(b.term));
}

/** An error that puts a word in quotes or brackets names a thing by it: `unknown field [title]`. */
function isQuoted(word: string, { isError, text }: Symptom): boolean {
  return isError && new RegExp(`["'\`\\[]${word}["'\`\\]]`, "i").test(text);
}

/**
 * Words that stopped in the telemetry and that the diff took away: as telling as words that came.
 */
function vanishedWords(terms: ChangeTerms, symptoms: Symptoms, context: WordContext): SharedWord[] {
  const words: SharedWord[] = [];
  for (const { service, before } of symptoms.vanished) {
    const now = symptoms.texts.filter((s) => s.service === service && s.source === "span");
    const still = new Set(now.flatMap((s) => rawWordsOf(s.text)));
    for (const raw of rawWordsOf(before).filter((word) => !still.has(word))) {
      const mine = terms.get(raw) ?? terms.get(`${raw}`.slice(0, 5));
      const symptom = now[0];
      if (mine?.side !== "gone" || !symptom) continue;
      const weight = rarityOf(context.frequency.get(raw) ?? 1, context.total) * 1.2;
      words.push({ term: raw, text: raw, isCompound: false, side: "gone", weight, symptom });
    }
  }
  return words;
}

/**
 * The value that all failures share, brought in by the change: `FR` turned on, and only `FR` fails.
 */
function segmentWords(unit: ChangeUnit, symptoms: Symptoms): SharedWord[] {
  const added = unit.diff?.added.join("\n") ?? "";
  const removed = unit.diff?.removed.join("\n") ?? "";
  return symptoms.segments.flatMap((segment) => {
    const whole = wholeWord(segment.value);
    const isCome = whole.test(added) && !whole.test(removed);
    if (segment.value.length < 2 || !(isCome || whole.test(unit.title))) return [];
    const share = segment.failures / segment.allFailures;
    return [
      {
        term: segment.value,
        text: `${segment.key}=${segment.value}`,
        isCompound: true,
        side: "come" as const,
        weight: specialWeight * share * segment.failingShare,
        symptom: {
          source: "span" as const,
          service: segment.service,
          text: `${segment.key}=${segment.value}`,
          weight: 1,
          isError: true,
          count: segment.failures,
          at: Number.NaN,
          effects: [],
        },
      },
    ];
  });
}

/** A number that the change set and that failures quote: "timed out after 260 ms". */
function literalWords(unit: ChangeUnit, symptoms: Symptoms): SharedWord[] {
  return unit.traits.flatMap((trait) => {
    const number = /-> "?(\d{2,})/.exec(trait.quote)?.[1];
    if (!trait.kind.startsWith("literal-") || number === undefined) return [];
    const symptom = symptoms.texts.find(
      (s) => s.isError && s.source !== "metric" && wholeWord(number).test(s.text),
    );
    if (!symptom) return [];
    return [
      {
        term: number,
        text: number,
        isCompound: true,
        side: "come",
        weight: specialWeight,
        symptom,
      },
    ];
  });
}

/**
 * A setting that was turned and that failures speak of in plain words: `maxUploadParts` was
 * lowered, and "too many upload parts" fails. Its name needs two words, since one is met by chance.
 */
function settingWords(unit: ChangeUnit, symptoms: Symptoms): SharedWord[] {
  return unit.traits.flatMap((trait) => {
    if (!/^literal-(lowered|raised|switched)$/.test(trait.kind)) return [];
    const name = trait.quote.split(":")[0]?.trim().split(" ").at(-1) ?? "";
    const parts = partsOf(name).map((part) => part.replace(/s$/, ""));
    if (parts.length < 2) return [];
    const spoken = new RegExp(
      `\\b${parts.map((part) => `${part}(?:e?s)?`).join("[ _.-]")}\\b`,
      "i",
    );
    const symptom = symptoms.texts.find(
      (s) => s.isError && s.source !== "metric" && spoken.test(s.text),
    );
    if (!symptom) return [];
    const term = parts.join("_");
    const side = "come" as const;
    return [{ term, text: name, isCompound: true, side, weight: specialWeight, symptom }];
  });
}

/** The version that went live, quoted by an error: an image that cannot be pulled, a bad build. */
function versionWords(unit: ChangeUnit, symptoms: Symptoms): SharedWord[] {
  const version = /\d+\.\d+(?:\.\d+)?(?:[-+][\w.]+)?/.exec(`${unit.ref} ${unit.title}`)?.[0];
  if (version === undefined) return [];
  const spoken = new RegExp(`(?<![\\w.])v?${version.replace(/[.+]/g, "\\$&")}(?![\\w.])`, "i");
  const symptom = symptoms.texts.find(
    (s) => s.isError && s.source === "log" && spoken.test(s.text) && isAbout(s, unit),
  );
  if (!symptom) return [];
  const side = "come" as const;
  return [{ term: version, text: version, isCompound: true, side, weight: specialWeight, symptom }];
}

/** Versions are short numbers: only the change's own service is taken at its word. */
function isAbout(symptom: Symptom, { service }: ChangeUnit): boolean {
  return service !== null && (symptom.service === service || namesService(symptom.text, service));
}

function wholeWord(text: string): RegExp {
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w.])${escaped}(?![\\w])`);
}

function rawWordsOf(text: string): string[] {
  return (text.match(/[A-Za-z_]{3,}/g) ?? []).map((word) => word.toLowerCase());
}

/** 1 for a term of one change alone, towards 0 for a term of all. */
function rarityOf(frequency: number, total: number): number {
  if (total <= 1) return 1;
  return Math.max(0, Math.log((total + 1) / frequency) / Math.log(total + 1));
}

/** Sum of weights, each further word counting less. */
export function wordsScore(words: readonly SharedWord[]): number {
  const sum = words.reduce((total, word) => total + word.weight, 0);
  return wordsScoreMax * (1 - Math.exp(-sum / 2));
}
