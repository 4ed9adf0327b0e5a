import type { Report } from "../core/report.ts";
import { respondWithin } from "../priority/matrix.ts";
import { dayAndClock, percent } from "./format.ts";
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
  // A report of an earlier version has the time of the computed level.
  const time = override && !priority.computed ? respondWithin[level] : priority.respondWithin;
  const respond = words.sayOr(`respond.${time}`, words.say("verdict.respond", { time }));
  const sure = words.say("verdict.confidence", { percent: percent(report.confidence) });
  const rest = [
    ...(report.confidence > 0 ? [sure] : []),
    conclusion === "no-incident" && !override ? words.say("verdict.planned") : respond,
  ];
  if (report.recoveredAt) {
    const time = words.say("time.utc", { time: dayAndClock(Date.parse(report.recoveredAt)) });
    rest.push(words.say("verdict.recovered", { time }));
  }
  if (status === "partial") {
    const why = usage.stoppedBy ?? words.say("stopped.unknown");
    rest.push(words.say("status.partial", { why }));
  }
  if (override) {
    const { by, reason } = override;
    const computed = priority.computed?.level;
    const was = computed && computed !== level ? words.say("verdict.computed", { computed }) : "";
    rest.push(`${words.say("verdict.overridden", { level, by, reason })}${was}`);
  }
  return { level, conclusion: words.say(`conclusion.${conclusion}`), rest };
}

const actionTitles = {
  confirmed: "section.do",
  likely: "section.suggested",
  inconclusive: "section.check",
  "no-incident": "section.nothing-to-do",
} as const;

/** What stands above the actions: how firmly they are meant depends on the conclusion. */
export function actionsTitle(report: Report, words: Words): string {
  return words.say(actionTitles[report.conclusion]);
}

/** Checks come before the remedy that depends on them. */
export function actionsInReadingOrder({ conclusion, actions }: Report): Report["actions"] {
  if (conclusion !== "inconclusive") return actions;
  const checks = actions.filter((action) => action.kind === "monitor");
  return [...checks, ...actions.filter((action) => action.kind !== "monitor")];
}
