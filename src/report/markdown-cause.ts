import type { Report } from "../core/report.ts";
import { capitalised, shortRef } from "./cause-words.ts";
import { percent } from "./format.ts";
import type { Words } from "./languages.ts";
import { cites, plain } from "./markdown-text.ts";

const alternativesMax = 3;
/** An alternative less likely than this is not worth a reader's time. */
const confidenceMin = 0.03;

/** A change at least this likely forbids to say that none is to blame. */
const suspicionMin = 0.2;

/** What caused it, what speaks for and against, what else was considered and set aside. */
export function causeSection(report: Report, words: Words): string {
  if (report.rootCauses.length === 0) return ruledOut(report, words, "##");
  const isSure = report.conclusion === "confirmed" || report.conclusion === "likely";
  const parts = [`## ${words.say(isSure ? "section.cause" : "section.leads")}`];
  const shown = report.rootCauses.filter(
    (cause, i) => i === 0 || (i <= alternativesMax && cause.confidence >= confidenceMin),
  );
  parts.push(shown.map((cause) => causeItem(cause, words)).join("\n"));
  const notes = notesOf(report, words);
  if (notes !== "") parts.push(notes);
  const aside = ruledOut(report, words, "###");
  if (aside !== "") parts.push(aside);
  return parts.join("\n\n");
}

function causeItem(cause: Report["rootCauses"][number], words: Words): string {
  const names = [cause.service ?? "", ...(cause.resource?.split("/") ?? [])];
  const mechanism = capitalised(cause.mechanism, names);
  const end = words.code === "ja" ? "。" : ".";
  const lines = [`${cause.rank}. **${percent(cause.confidence)}** ${plain(mechanism)}${end}`];
  if (cause.change) {
    const { kind, ref, service, title } = cause.change;
    lines.push(
      plain(
        words.say("cause.change-line", {
          kind: words.sayOr(`change.${kind}`, kind),
          ref: shortRef(ref),
          service,
          title,
        }),
      ),
    );
  }
  const proof = [
    cause.supporting.length > 0 ? `${words.say("cause.for")}${cites(cause.supporting, 6)}` : "",
    cause.contradicting.length > 0
      ? `${words.say("cause.against")}${cites(cause.contradicting, 4)}`
      : "",
  ].filter((part) => part !== "");
  if (proof.length > 0) lines.push(proof.join(" · "));
  return lines.join("  \n   ");
}

function notesOf(report: Report, words: Words): string {
  const [best] = report.rootCauses;
  const isSure = report.conclusion === "confirmed" || report.conclusion === "likely";
  const notes: string[] = [];
  if (report.firstFailing) {
    notes.push(words.say("cause.first-failing", { service: report.firstFailing }));
  }
  const victims = report.blastRadius.filter((service) => service !== best?.service);
  if (victims.length > 0) {
    notes.push(words.say("cause.blast-radius", { services: words.list(victims, 8) }));
  }
  const isSuspected = report.rootCauses.some(
    (cause) => cause.change !== null && cause.confidence >= suspicionMin,
  );
  if (isSure && best && !isSuspected) {
    notes.push(noChange(report, words));
  }
  return plain(notes.join(words.code === "ja" ? "" : " "), 1_000);
}

/** A change that was not read is not cleared: of several sources, those that failed are named. */
function noChange(report: Report, words: Words): string {
  const unread = report.gaps.filter(({ what, effect, signal }) =>
    signal ? signal === "changes" : /\bchanges?\b/i.test(`${what} ${effect}`),
  );
  if (unread.length === 0) return words.say("cause.no-change");
  if (!unread.every((gap) => gap.isPartial)) return words.say("cause.changes-unread");
  const what = words.list([...new Set(unread.map((gap) => gap.what))], 3);
  return words.say("cause.changes-partly", { what });
}

function ruledOut(report: Report, words: Words, level: "##" | "###"): string {
  if (report.ruledOut.length === 0) return "";
  const items = report.ruledOut.map((item) => {
    const because = item.because.replace(/[.。]+$/, "");
    return `- ${plain(item.claim)}: ${plain(because)}${cites(item.evidence)}`;
  });
  return `${level} ${words.say("section.ruled-out")}\n\n${items.join("\n")}`;
}
