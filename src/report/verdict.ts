import type { Report } from "../core/report.ts";
import { percent } from "./format.ts";
import type { Words } from "./languages.ts";

/** The first line of every rendering, in parts. */
export interface Verdict {
  /** `P0`, or the level a person set. */
  readonly level: string;
  /** `Confirmed` */
  readonly conclusion: string;
  /** Confidence, respond-within, partial, override: what follows, in order. */
  readonly rest: readonly string[];
}

/** The verdict in words: what is concluded, how surely, and how soon to act. */
export function verdictOf(report: Report, words: Words): Verdict {
  const { priority, status, conclusion, usage } = report;
  const override = priority.overriddenBy;
  const level = override?.level ?? priority.level;
  const within = words.sayOr(`respond.${priority.respondWithin}`, priority.respondWithin);
  const isCalm = conclusion === "no-incident" || priority.respondWithin === "planned";
  const rest = [
    words.say("verdict.confidence", { percent: percent(report.confidence) }),
    isCalm ? words.say("verdict.planned") : words.say("verdict.respond", { time: within }),
  ];
  if (status === "partial") {
    const why = usage.stoppedBy ?? words.say("stopped.unknown");
    rest.push(words.say("status.partial", { why }));
  }
  if (override) rest.push(words.say("verdict.overridden", { ...override }));
  return { level, conclusion: words.say(`conclusion.${conclusion}`), rest };
}
