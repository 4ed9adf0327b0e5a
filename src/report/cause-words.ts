import type { Evidence } from "../core/evidence.ts";
import type { Hypothesis } from "../core/hypothesis.ts";
import { cleanLine } from "../core/redaction.ts";
import { statementIn, type Words } from "./languages.ts";

type Place = Pick<Hypothesis, "service" | "resource">;

/** Where it is, as a reader would say it: the service, else the resource. */
export function placeOf(hypothesis: Place | undefined, words: Words): string {
  return hypothesis?.service ?? hypothesis?.resource ?? words.say("place.unknown");
}

/** `deploy 3f2a91c to checkout` */
export function changeName(change: NonNullable<Hypothesis["change"]>, words: Words): string {
  return words.say("change.named", {
    kind: words.sayOr(`change.${change.kind}`, change.kind),
    ref: shortRef(change.ref),
    service: change.service,
  });
}

/** A commit hash by its first ten digits, anything else as it is. */
export function shortRef(ref: string): string {
  return /^[0-9a-f]{16,64}$/i.test(ref) ? ref.slice(0, 10) : cleanLine(ref, 60);
}

/**
 * The mechanism as a clause without its full stop. English is what the evidence engine wrote;
 * another language uses the message's template, else says the kind of cause, the place and what
 * shows it best.
 */
export function mechanismIn(
  hypothesis: Hypothesis,
  words: Words,
  evidence: readonly Evidence[],
): string {
  if (words.code === "en") return withoutEcho(clause(hypothesis.mechanism), hypothesis.service);
  const { message, supporting } = hypothesis;
  if (message) return clause(statementIn(words, { statement: hypothesis.mechanism, message }));
  const general = clause(generalCause(hypothesis, words));
  const cited = supporting.flatMap((key) => evidence.find((item) => item.key === key) ?? []);
  const told = cited.filter((item) => item.message);
  // A line of a log is long and says little by itself: a number tells a reader more.
  const shown = told.find((item) => item.kind !== "log-pattern") ?? told[0];
  return shown
    ? words.say("cause.shown-by", { cause: general, finding: clause(statementIn(words, shown)) })
    : general;
}

/** What kind of cause it is, where, and by which change. */
function generalCause(hypothesis: Hypothesis, words: Words): string {
  const { causeKind, mechanism } = hypothesis;
  const place = placeOf(hypothesis, words);
  if (!hypothesis.change) return words.sayOr(`cause.${causeKind}`, mechanism, { place });
  const change = changeName(hypothesis.change, words);
  if (causeKind === "change" || causeKind === "unknown") {
    return words.say("cause.change", { place, change });
  }
  const effect = words.sayOr(`cause.${causeKind}`, mechanism, { place });
  return words.say("cause.of-change", { change, effect });
}

/** One sentence without its end. */
export function clause(text: string): string {
  return cleanLine(text, 400).replace(/[.。]+$/, "");
}

/** Without the service's name a second time: "checkout is slow: checkout: p95 rose" stutters. */
function withoutEcho(mechanism: string, service: string | null): string {
  if (service === null) return mechanism;
  return mechanism
    .replace(`: ${service}: `, ": ")
    .replace(`: ${service} itself `, ": it ")
    .replace(`: ${service} `, ": it ");
}

/** With its first letter as a sentence begins, unless that is the name of something. */
export function capitalised(sentence: string, names: readonly string[]): string {
  const first = sentence.split(/[\s,;:]/)[0] ?? "";
  if (names.includes(first) || /[-_/.\d]/.test(first.replace(/\.$/, ""))) return sentence;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
