import { type Report, unreadable } from "../core/report.ts";
import { capitalised, mechanismIn } from "./cause-words.ts";
import { isNoCause } from "./conclusion.ts";
import { clock, dayAndClock, percent } from "./format.ts";
import type { Words } from "./languages.ts";
import type { ReportInput } from "./report-input.ts";

/** Exactly two sentences: what is broken for whom, and why. */
export function summaryOf(
  input: ReportInput,
  conclusion: Report["conclusion"],
  words: Words,
): string {
  const space = words.code === "ja" ? "" : " ";
  return `${broken(input, conclusion, words)}${space}${why(input, conclusion, words)}`;
}

function broken(input: ReportInput, conclusion: Report["conclusion"], words: Words): string {
  const { window, alarm, diagnosis } = input;
  const from = time(window.from, words);
  const to = words.say("time.utc", { time: clock(window.to, window.from) });
  if (input.stoppedBy === unreadable) {
    return words.say("summary.unreadable", { from, to });
  }
  if (conclusion === "no-incident") return words.say("summary.healthy", { from, to });
  const symptoms = symptomsOf(input, words);
  if (symptoms.length > 0) {
    const text = words.code === "en" ? english(symptoms) : words.list(symptoms);
    const onset = diagnosis?.onset?.at;
    return onset === undefined
      ? capitalised(words.say("summary.broken.no-time", { symptoms: text }), namesIn(input))
      : words.say("summary.broken", { time: time(onset, words), symptoms: text });
  }
  if (input.stoppedBy !== null && input.evidence.length === 0) return words.say("summary.stopped");
  if (!alarm) return words.say("summary.asked-only", { from, to });
  const fired = time(alarm.firedAt, words);
  return words.say("summary.alarm-only", { alarm: alarm.name, time: fired });
}

/** What users and the business feel, worst first; at most three. */
function symptomsOf(input: ReportInput, words: Words): string[] {
  const symptoms: string[] = [];
  for (const factor of input.priority.factors) {
    const { message } = factor;
    if (!message || factor.state === "unknown") continue;
    const { params } = message;
    if (message.id === "priority.users.failing" || message.id === "priority.users.both") {
      symptoms.push(words.say("symptom.failing", params));
    } else if (message.id === "priority.users.slow") {
      symptoms.push(words.say("symptom.slow", params));
    } else if (message.id === "priority.revenue.lost") {
      symptoms.push(words.say("symptom.kpi", params));
    } else if (message.id === "priority.revenue.delayed") {
      symptoms.push(words.say("symptom.kpi", params));
    } else if (isFunctionDown(message.id) && symptoms.length === 0) {
      symptoms.push(words.say("symptom.function", params));
    }
  }
  if (symptoms.length > 0) return symptoms.slice(0, 3);
  const { firstFailing, blastRadius = [] } = input.diagnosis ?? {};
  if (!firstFailing) return [];
  const victims = blastRadius.filter((service) => service !== firstFailing);
  const own = words.say("symptom.service", { service: firstFailing });
  if (victims.length === 0) return [own];
  return [own, words.say("symptom.victims", { victims: words.list(victims, 3) })];
}

function isFunctionDown(id: string): boolean {
  return id === "priority.availability.down" || id === "priority.availability.secondary";
}

function why(input: ReportInput, conclusion: Report["conclusion"], words: Words): string {
  const best = input.diagnosis?.hypotheses[0];
  const gap = input.gaps[0];
  if (!best) {
    if (gap) {
      const reason = gap.why.replace(/[.。]+$/, "");
      return capitalised(
        words.say("summary.unreadable.why", { what: gap.what, why: reason }),
        namesIn(input),
      );
    }
    const mechanism = words.say("cause.unknown");
    return words.say("why.inconclusive.none", { mechanism });
  }
  if (conclusion === "no-incident" && best.causeKind !== "nothing-wrong") {
    return words.say("why.no-incident.plain");
  }
  const lead = isNoCause(best) ? undefined : best;
  const mechanism = mechanismIn(lead ?? best, words, input.evidence);
  const key =
    conclusion === "inconclusive" && !lead
      ? "why.inconclusive.none"
      : (`why.${conclusion}` as const);
  const sentence = words.say(key, { mechanism, percent: percent(best.confidence) });
  return capitalised(sentence, namesIn(input));
}

function time(at: number, words: Words): string {
  return words.say("time.utc", { time: dayAndClock(at) });
}

function english(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Names that keep their spelling at the start of a sentence. */
function namesIn(input: ReportInput): string[] {
  const places = input.diagnosis?.hypotheses.flatMap(({ resource }) => resource?.split("/") ?? []);
  return [...input.evidence.flatMap((item) => item.service ?? []), ...(places ?? [])];
}
