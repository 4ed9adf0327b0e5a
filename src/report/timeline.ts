import type { Evidence } from "../core/evidence.ts";
import { cleanLine } from "../core/redaction.ts";
import type { Report } from "../core/report.ts";
import { type EpochMs, toIso } from "../core/window.ts";
import { shortRef } from "./cause-words.ts";
import { span } from "./format.ts";
import { statementIn, type Words } from "./languages.ts";
import type { ReportInput } from "./report-input.ts";

type Entry = Omit<Report["timeline"][number], "at"> & { readonly at: EpochMs };

const changesMax = 5;
const symptomsMax = 6;
const joinedMax = 6;
/** Kinds of evidence whose time says when a service began to suffer. */
const symptomKinds = new Set(["anomaly", "log-pattern", "trace", "edge", "external"]);

/** What happened when: changes before onset, onset, first symptom per service, alarm, recovery. */
export function timelineOf(input: ReportInput, words: Words): Report["timeline"] {
  const onset = input.diagnosis?.onset ?? null;
  const entries = [
    ...changeEntries(input, words),
    ...symptomEntries(input, words),
    ...(input.alarm ? [alarmEntry(input, input.alarm, words)] : []),
    ...joinedEntries(input, words),
  ];
  if (onset) entries.push(onsetEntry(input, onset, words));
  if (input.recoveredAt && onset) {
    const text = words.say("timeline.recovery");
    entries.push({ at: input.recoveredAt, kind: "recovery", text, evidence: [] });
  }
  const order: readonly Entry["kind"][] = ["change", "onset", "symptom", "alarm", "recovery"];
  return entries
    .sort((a, b) => a.at - b.at || order.indexOf(a.kind) - order.indexOf(b.kind))
    .map((entry) => ({ ...entry, at: toIso(entry.at) }));
}

/**
 * When harm began to show, at the service whose signal tells; causes may stir earlier elsewhere.
 */
function onsetEntry(
  input: ReportInput,
  onset: NonNullable<NonNullable<ReportInput["diagnosis"]>["onset"]>,
  words: Words,
): Entry {
  const shown = input.evidence.find((item) => item.kind === "onset");
  const { from, to } = onset.interval;
  const half = Math.max(onset.at - from, to - onset.at, 0);
  const uncertainty = half > 0 ? words.say("timeline.uncertainty", { span: span(half) }) : "";
  const service = shown?.service ?? input.diagnosis?.firstFailing;
  const text = service
    ? words.say("timeline.onset", { service })
    : words.say("timeline.onset.unknown");
  return {
    at: onset.at,
    kind: "onset",
    text: `${text}${uncertainty}`,
    evidence: shown ? [shown.id] : [],
  };
}

/** The blamed change first of all, then the nearest before onset. */
function changeEntries(input: ReportInput, words: Words): Entry[] {
  const known = new Map<string, Entry>();
  const add = (
    change: { ref: string; kind: string; service: string; title: string; timestamp: EpochMs },
    evidence: readonly string[],
  ) => {
    const key = `${change.service} ${change.ref}`;
    if (known.has(key)) return;
    const text = words.say("timeline.change", {
      kind: words.sayOr(`change.${change.kind}`, change.kind),
      ref: shortRef(change.ref),
      service: change.service,
      title: cleanLine(change.title, 120),
    });
    known.set(key, { at: change.timestamp, kind: "change", text, evidence: [...evidence] });
  };
  const changed = input.evidence.filter((item) => item.facts?.change);
  const citing = (ref: string) =>
    changed.filter((item) => item.facts?.change?.ref === ref).map((item) => item.id);
  for (const { change } of input.diagnosis?.hypotheses.slice(0, 3) ?? []) {
    if (change) add(change, citing(change.ref));
  }
  const blamed = [...known.keys()];
  for (const item of changed) if (item.facts?.change) add(item.facts.change, [item.id]);
  for (const change of input.changes ?? []) add(change, citing(change.ref));
  const onset = input.diagnosis?.onset?.at ?? input.alarm?.firedAt ?? input.window.to;
  const rank = ([key, entry]: [string, Entry]) =>
    blamed.includes(key) ? -1 : entry.at <= onset ? onset - entry.at : (entry.at - onset) * 4;
  return [...known]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, changesMax)
    .map(([, entry]) => entry);
}

/** For each service its earliest sign, in the order in which they fell. */
function symptomEntries(input: ReportInput, words: Words): Entry[] {
  const first = new Map<string, Evidence & { at: EpochMs }>();
  const hurt = hurtServices(input);
  for (const item of input.evidence) {
    if (item.at === undefined || !item.service || !symptomKinds.has(item.kind)) continue;
    if (hurt.size > 0 && !hurt.has(item.service)) continue;
    const known = first.get(item.service);
    if (!known || item.at < known.at) first.set(item.service, { ...item, at: item.at });
  }
  return [...first.values()]
    .sort((a, b) => a.at - b.at)
    .slice(0, symptomsMax)
    .map((item) => ({
      at: item.at,
      kind: "symptom",
      text: cleanLine(statementIn(words, item), 200),
      evidence: [item.id],
    }));
}

/** Who is part of the story: suspects, victims and the service of the alarm. */
function hurtServices({ diagnosis, alarm }: ReportInput): ReadonlySet<string> {
  const suspects = diagnosis?.hypotheses.slice(0, 3).flatMap((item) => item.service ?? []) ?? [];
  const { firstFailing = null, blastRadius = [] } = diagnosis ?? {};
  const all = [...suspects, firstFailing, ...blastRadius, alarm?.service];
  return new Set(all.filter((service): service is string => Boolean(service)));
}

function alarmEntry(
  input: ReportInput,
  alarm: NonNullable<ReportInput["alarm"]>,
  words: Words,
): Entry {
  const text = words.say("timeline.alarm", { name: cleanLine(alarm.name, 120) });
  const evidence = input.evidence
    .filter((item) => item.kind === "alarm" && joinedId(item) === null)
    .slice(0, 1);
  return { at: alarm.firedAt, kind: "alarm", text, evidence: evidence.map((item) => item.id) };
}

/** Alarms that joined the incident, in the order in which they fired. */
function joinedEntries({ evidence }: ReportInput, words: Words): Entry[] {
  return evidence
    .flatMap((item) => {
      const id = joinedId(item);
      if (id === null || item.at === undefined) return [];
      const text = words.say(id, { ...item.message?.params });
      return [{ at: item.at, kind: "alarm" as const, text, evidence: [item.id] }];
    })
    .sort((a, b) => a.at - b.at)
    .slice(0, joinedMax);
}

/** Its line in the timeline; null for evidence that no alarm brought. */
function joinedId({ message }: Evidence) {
  if (message?.id === "finding.alarm-joined") return "timeline.alarm-joined";
  if (message?.id === "finding.alarm-joined-unplaced") return "timeline.alarm-joined-unplaced";
  return null;
}
