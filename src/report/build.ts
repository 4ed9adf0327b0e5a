import type { Evidence } from "../core/evidence.ts";
import type { Hypothesis, RuledOut } from "../core/hypothesis.ts";
import { limits } from "../core/limits.ts";
import type { Message } from "../core/message.ts";
import { cleanDeep, cleanLine, cleanText } from "../core/redaction.ts";
import { type Report, type ReportEvidence, reportSchema } from "../core/report.ts";
import { toIso, type Window } from "../core/window.ts";
import { actionsOf } from "./actions.ts";
import { mechanismIn } from "./cause-words.ts";
import { concludes, isNoCause } from "./conclusion.ts";
import { phraseIn, statementIn, type Words, wordsOf } from "./languages.ts";
import type { ReportInput } from "./report-input.ts";
import { summaryOf } from "./summary.ts";
import { timelineOf } from "./timeline.ts";

const causesMax = 5;
const ruledOutMax = 8;
const evidenceMax = 200;
/** Findings beyond these keep their numbers and lose their points. */
const chartsMax = 8;
const queryCharsMax = 4_000;
/** Any other text, names included. */
const textCharsMax = 4_000;
const narrativeCharsMax = 2_000;

/**
 * The report of an investigation. Every text that came from outside is cleaned and redacted here,
 * and the result is parsed, so that a claim citing evidence that does not exist cannot leave.
 */
export function buildReport(input: ReportInput): Report {
  const words = wordsOf(input.language);
  const conclusion = concludes(input.diagnosis);
  const best = input.diagnosis?.hypotheses[0];
  const ids = idsOf(input.evidence);
  const isHealthy = conclusion === "no-incident";
  const report: Report = {
    id: input.id,
    title: cleanLine(input.title, limits.incidentTitleCharsMax),
    language: words.code,
    status: input.status,
    conclusion,
    confidence: clamp(best?.confidence ?? 0),
    model: input.model,
    priority: priorityIn(input, ids, words),
    window: isoWindowOf(input.window),
    baseline: isoWindowOf(input.baseline),
    onset: !isHealthy && input.diagnosis?.onset ? toIso(input.diagnosis.onset.at) : null,
    ...(!isHealthy && input.recoveredAt ? { recoveredAt: toIso(input.recoveredAt) } : {}),
    detectedAt: toIso(input.detectedAt),
    summary: summaryOf(input, conclusion, words),
    ...(input.narrative ? { narrative: cleanText(input.narrative, narrativeCharsMax) } : {}),
    rootCauses: isHealthy ? [] : causesOf(input, ids, words),
    ruledOut: (input.diagnosis?.ruledOut ?? []).slice(0, ruledOutMax).map((item) => ({
      claim: cleanLine(claimOf(item, input, words)),
      because: cleanLine(becauseOf(item, words)),
      evidence: ids(item.findings),
    })),
    firstFailing: isHealthy ? null : (input.diagnosis?.firstFailing ?? null),
    blastRadius: isHealthy ? [] : [...(input.diagnosis?.blastRadius ?? [])],
    impact: impactOf(input, ids, words),
    timeline: timelineOf(input, words),
    actions: actionsOf(input, conclusion, ids, words),
    evidence: evidenceOf(input, words),
    gaps: input.gaps.map((gap) => ({
      what: cleanLine(phraseIn(words, gap.what)),
      why: cleanLine(phraseIn(words, gap.why)),
      effect: cleanLine(phraseIn(words, gap.effect)),
      ...(gap.signal ? { signal: gap.signal } : {}),
      ...(gap.isPartial ? { isPartial: true } : {}),
    })),
    similar: [...input.similar],
    topology: topologyOf(input),
    usage: { ...input.usage, ...(input.stoppedBy === null ? {} : { stoppedBy: input.stoppedBy }) },
  };
  return reportSchema.parse(cleanDeep(report, textCharsMax));
}

function saidIn(words: Words, statement: string, message: Message | undefined): string {
  return statementIn(words, { statement, message });
}

/** A cause that is listed as well is named as it is there. */
function claimOf({ claim, said }: RuledOut, input: ReportInput, words: Words): string {
  const listed = input.diagnosis?.hypotheses.find(({ mechanism }) => mechanism === claim);
  return listed ? mechanismIn(listed, words, input.evidence) : saidIn(words, claim, said?.claim);
}

/**
 * A model's word against a cause that the ranking still lists is told as what it is: an opinion.
 */
function becauseOf({ because, said, isDisputed }: RuledOut, words: Words): string {
  const reason = saidIn(words, because, said?.because);
  return isDisputed ? words.say("ruled-out.disputed", { reason }) : reason;
}

/** Ids from keys or ids of evidence, in order and once each; anything else is left out. */
function idsOf(evidence: readonly Evidence[]): (keys: readonly string[]) => string[] {
  const shown = evidence.slice(0, evidenceMax);
  const byKey = new Map<string, string>(shown.map((item) => [item.key, item.id]));
  for (const item of shown) byKey.set(item.id, item.id);
  return (keys) => [...new Set(keys.flatMap((key) => byKey.get(key) ?? []))];
}

function priorityIn(
  input: ReportInput,
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Report["priority"] {
  const factors = input.priority.factors.map((factor) => ({
    ...factor,
    statement: statementIn(words, factor),
    evidence: ids(factor.evidence),
  }));
  return { ...input.priority, factors };
}

/** The explanations in their order; beside the first, only those with evidence. */
function causesOf(
  input: ReportInput,
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Report["rootCauses"] {
  const told = (input.diagnosis?.hypotheses ?? []).filter((item, i) => {
    const isCited = ids([...item.supporting, ...item.contradicting]).length > 0;
    return i === 0 || isNoCause(item) || isCited;
  });
  return told.slice(0, causesMax).map((hypothesis, i) => ({
    rank: i + 1,
    service: hypothesis.service,
    resource: hypothesis.resource,
    change: changeOf(hypothesis),
    causeKind: hypothesis.causeKind,
    mechanism: mechanismIn(hypothesis, words, input.evidence),
    confidence: clamp(hypothesis.confidence),
    supporting: ids(hypothesis.supporting),
    contradicting: ids(hypothesis.contradicting),
  }));
}

function changeOf({ change }: Hypothesis): Report["rootCauses"][number]["change"] {
  if (!change) return null;
  const { ref, kind, service, title } = change;
  return { ref, kind, service, title: cleanLine(title, 160) };
}

function impactOf(
  input: ReportInput,
  ids: (keys: readonly string[]) => string[],
  words: Words,
): Report["impact"] {
  const users = input.priority.factors.find((factor) => factor.name === "users");
  return {
    users: users ? statementIn(words, users) : "",
    business: input.evidence.flatMap((item) => {
      const loss = item.facts?.kpiLoss;
      if (!loss) return [];
      const { kpi, expected, actual, lost, unit, lostInterval, lostValue, currency } = loss;
      return {
        ...{ kpi, expected, actual, lost, unit },
        ...(lostInterval ? { lostInterval: [...lostInterval] as [number, number] } : {}),
        ...(lostValue === null ? {} : { lostValue }),
        ...(currency === null ? {} : { currency }),
        evidence: ids([...loss.findings, item.id]),
      };
    }),
    slos: input.evidence.flatMap((item) => {
      const status = item.facts?.sloStatus;
      if (!status) return [];
      const { name, target, burnRate, budgetLeft } = status;
      const evidence = ids([...status.findings, item.id]);
      return { name, target, burnRate, budgetLeft, evidence };
    }),
  };
}

function evidenceOf(input: ReportInput, words: Words): ReportEvidence[] {
  const charted = new Set(
    input.evidence
      .filter((item) => item.chart)
      .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))
      .slice(0, chartsMax)
      .map((item) => item.id),
  );
  return input.evidence.slice(0, evidenceMax).map((item) => {
    const { key: _, step: __, facts: ___, message: ____, weight: _____, ...rest } = item;
    const { quote, chart, at, atInterval: ______, interval, ...plain } = rest;
    return {
      ...plain,
      statement: cleanLine(statementIn(words, item), 400),
      window: isoWindowOf(item.window),
      ...(at === undefined ? {} : { at: toIso(at) }),
      ...(interval ? { interval: [...interval] as [number, number] } : {}),
      ...(quote === undefined ? {} : { quote: cleanText(quote) }),
      ...(chart && charted.has(item.id) ? { chart: chartOf(chart) } : {}),
      provenance: item.provenance.map((made) => ({
        ...made,
        query: cleanText(made.query, queryCharsMax),
        window: isoWindowOf(made.window),
      })),
    };
  });
}

function chartOf(chart: NonNullable<Evidence["chart"]>): NonNullable<ReportEvidence["chart"]> {
  return {
    title: cleanLine(chart.title, 120),
    unit: chart.unit,
    lines: chart.lines.map((line) => ({
      label: cleanLine(line.label, 80),
      times: [...line.times],
      values: [...line.values],
    })),
  };
}

function topologyOf(input: ReportInput): Report["topology"] {
  const edges = input.topology ?? input.evidence.flatMap((item) => item.facts?.edges ?? []);
  const unique = new Map(edges.map((edge) => [`${edge.from}\u0000${edge.to}`, edge]));
  return [...unique.values()].map((edge) => ({ ...edge }));
}

function isoWindowOf(window: Window): { from: string; to: string } {
  return { from: toIso(window.from), to: toIso(window.to) };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, Number.isNaN(share) ? 0 : share));
}
