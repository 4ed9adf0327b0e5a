import type { Finding } from "../../core/evidence.ts";
import type { Observations } from "../../core/rows.ts";
import { toIso } from "../../core/window.ts";
import { type Statement, say } from "../statement.ts";
import type { ChangeCandidate } from "./correlation.ts";

type Judged = Omit<ChangeCandidate, "name" | "mechanism" | "message" | "reasons" | "contradicting">;

/** The sentences that speak for and against a change, and the one that says how it works. */
export function changeFindings(
  judged: Judged,
  observations: Observations,
): Pick<ChangeCandidate, "name" | "mechanism" | "message" | "reasons" | "contradicting"> {
  const { ref, timing } = judged;
  const base = {
    layer: "application" as const,
    kind: "change" as const,
    ...(judged.service ? { service: judged.service } : {}),
    window: observations.window,
    provenance: observations.provenance.changes ?? [],
    at: judged.change.timestamp,
  };
  const finding = (part: string, said: Statement, weight: number, quote?: string): Finding => ({
    ...base,
    ...said,
    key: `change:${ref}:${part}`,
    weight: Math.min(1, Math.max(0, weight)),
    ...(quote ? { quote } : {}),
  });
  const name = nameOf(judged);
  const change = name;
  const reasons: Finding[] = [];
  const contradicting: Finding[] = [];

  const word = judged.words[0];
  if (word && word.weight >= toldMin) {
    const verb = { gone: "removes", come: "adds", near: "touches" }[word.side];
    const names = judged.words
      .filter((w) => w === word || w.weight >= toldMin)
      .slice(0, 3)
      .map((w) => `"${w.text}"`)
      .join(", ");
    const where = word.symptom.source === "log" ? "log lines" : placeNames[word.symptom.source];
    const { service, text } = word.symptom;
    const said = say("change.words", { change, verb, names, where, service });
    reasons.push(finding("words", said, judged.parts.words / 4, text));
  }
  if (judged.trait && judged.parts.mechanism > 0) {
    const said = say("change.does", { change, does: judged.trait.phrase });
    reasons.push(finding("mechanism", said, judged.parts.mechanism / 3, judged.trait.quote));
  }
  if (timing.verdict === "fits" && timing.liveAt !== null) {
    reasons.push(finding("timing", livedSince(timing, timing.liveAt, change), timing.fit / 2));
  }
  if (timing.verdict === "too-late") {
    contradicting.push(finding("late", say("change.late", { change }), 0.9));
  }
  if (timing.verdict === "not-deployed") {
    contradicting.push(finding("merged", say("change.merged", { change }), 0.8));
  }
  if (timing.earlier) {
    const { metric, service, onset } = timing.earlier;
    const said = say("change.before", { metric, service, time: clock(onset.at), change });
    contradicting.push(finding("before", said, 0.7));
  }
  if (judged.parts.nature <= -2) {
    contradicting.push(
      finding("harmless", say("change.does", { change, does: harmlessWords(judged) }), 0.6),
    );
  }
  if (judged.explained < 1) {
    contradicting.push(finding("unexplained", say("change.unexplained", { change }), 0.5));
  }
  carryChange(judged, reasons.length > 0 ? reasons : contradicting);
  const { statement: mechanism, message } = mechanismOf(judged, name);
  return { name, mechanism, message, reasons, contradicting };
}

/** When it went live, and what moved then. */
function livedSince(timing: Judged["timing"], liveAt: number, change: string): Statement {
  const { movement } = timing;
  const time = clock(liveAt);
  if (!movement) return say("change.live-before", { change, time });
  const { metric, service, onset } = movement;
  return say("change.live-moved", {
    change,
    time,
    metric,
    service,
    later: later(onset.at - liveAt),
  });
}

/** The first finding also carries the change itself, for the report's timeline. */
function carryChange({ change, service }: Judged, findings: Finding[]): void {
  const [first] = findings;
  if (!first) return;
  const { ref, kind, title, timestamp } = change;
  const named = { ref, kind, title, timestamp, service: service ?? change.service };
  findings[0] = { ...first, facts: { change: named } };
}

/** A shared word lighter than this is met by chance. */
const toldMin = 0.2;

const placeNames = { log: "log lines", span: "spans", alarm: "the alarm", metric: "metrics" };

/** A commit by the first digits of its hash. */
export function shortRef(ref: string): string {
  return /^[0-9a-f]{10,}$/i.test(ref) ? ref.slice(0, 7) : ref;
}

function nameOf(judged: Judged): string {
  const { unit } = judged;
  const carrier = unit.carriers[0];
  const short = shortRef(unit.ref);
  if (unit.kind === "commit" && carrier && unit.isDeployRecorded) {
    return `commit ${short} (deployed to ${carrier.service} at ${clock(carrier.at)})`;
  }
  const on = judged.service ? ` of ${judged.service}` : "";
  const kind = short.toLowerCase().startsWith(unit.kind) ? "" : `${unit.kind} `;
  return `${kind}${short}${on} at ${clock(unit.writtenAt)}`;
}

/** How it works, as far as that is seen. */
function mechanismOf({ trait, words, parts }: Judged, change: string): Statement {
  const [word] = words;
  const told = word && word.weight >= 0.5 ? word : null;
  const does = trait && parts.mechanism > 0 ? trait.phrase : null;
  const stands = told && { word: told.text, service: told.symptom.service };
  if (does && stands) return say("mechanism.does-quoted", { change, does, ...stands });
  if (does) return say("mechanism.does", { change, does });
  return stands
    ? say("mechanism.words", { change, ...stands })
    : say("mechanism.coincides", { change });
}

function harmlessWords(judged: Judged): string {
  switch (judged.unit.nature) {
    case "documents":
      return "changes documents only";
    case "tests":
      return "changes tests only";
    case "looks":
      return "changes appearance only";
    case "tooling":
      return "changes tooling only";
    case "elsewhere":
      return "changes another environment only";
    case "dependencies":
      return "only raises versions of packages that no error names";
    case "code":
      return "only moves code around";
  }
}

function clock(at: number): string {
  return toIso(at).slice(11, 16);
}

function later(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds <= 0) return "right after";
  return seconds < 90 ? `${seconds} s later` : `${Math.round(seconds / 60)} min later`;
}
