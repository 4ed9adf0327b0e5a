import type { Report } from "../../core/report.ts";
import { isBurning, isLoss } from "../../report/impact-words.ts";
import { mcpLimits } from "../limits.ts";
import type { Facts } from "../reply.ts";

/** A report as a model or a person in a hurry needs it; every claim keeps its evidence ids. */
export function digestOf(report: Report): Facts {
  const { priority } = report;
  const cited = citedByDigest(report);
  return {
    conclusion: report.conclusion,
    confidence: round(report.confidence),
    priority: `${priority.level}, act within: ${priority.respondWithin}`,
    priority_because: priority.factors
      .filter((factor) => factor.rating === "critical" || factor.rating === "high")
      .slice(0, 4)
      .map((factor) => `${factor.statement} (${factor.state})`),
    summary: report.summary,
    root_causes: report.rootCauses.slice(0, 3).map(causeOf),
    first_failing: report.firstFailing,
    blast_radius: report.blastRadius.slice(0, 12),
    onset: report.onset,
    users: report.impact.users,
    ...impactOf(report.impact),
    actions: report.actions.slice(0, 5).map((action) => ({
      do: `${action.kind}: ${action.text}`,
      ...(action.runbook === undefined ? {} : { runbook: `shodo://runbooks/${action.runbook}` }),
      risk: action.risk,
      evidence: action.evidence,
    })),
    evidence: report.evidence
      .filter((item) => cited.has(item.id))
      .slice(0, 12)
      .map((item) => ({ id: item.id, statement: item.statement })),
    evidence_total: report.evidence.length,
    ruled_out: report.ruledOut.slice(0, 4),
    gaps: report.gaps.slice(0, 6),
    status: report.status,
    model: report.model,
  };
}

/**
 * Losses that are more than normal variation, and the names of what is as expected: a difference
 * within the expectation's own interval is no loss, and must not be told as one.
 */
function impactOf({ business, slos }: Report["impact"]): Facts {
  const lost = business.filter(isLoss).slice(0, 4);
  const burning = slos.filter(isBurning).slice(0, 4);
  const fine = [...business.filter((kpi) => !isLoss(kpi)).map(({ kpi }) => kpi)];
  fine.push(...slos.filter((slo) => !isBurning(slo)).map(({ name }) => name));
  return {
    business_lost: lost.map((kpi) => ({
      kpi: kpi.kpi,
      expected: round(kpi.expected),
      actual: round(kpi.actual),
      lost: round(kpi.lost),
      unit: kpi.unit,
      ...(kpi.lostValue === undefined ? {} : { lost_value: round(kpi.lostValue) }),
      ...(kpi.currency === undefined ? {} : { currency: kpi.currency }),
      evidence: kpi.evidence,
    })),
    slos_burning: burning.map(({ name, burnRate, budgetLeft, evidence }) => ({
      slo: name,
      burn_rate: round(burnRate),
      budget_left: round(budgetLeft),
      evidence,
    })),
    as_expected: fine.slice(0, 12),
  };
}

/** The whole report as a resource: charts are for views, not for models. */
export function wholeReport(report: Report): Facts {
  const evidence = report.evidence.map(({ chart: _chart, ...item }) => item);
  return { ...report, evidence };
}

/**
 * One page of the report for those who asked for detail. The first has everything but the later
 * items of evidence; further pages have evidence alone. `next` is where to go on, or null at the
 * end.
 */
export function reportPage(
  report: Report,
  offset: number,
): { readonly body: Facts; readonly next: number | null } {
  const { evidence, priority, ...rest } = report;
  const until = offset + mcpLimits.detailedEvidence;
  const items = evidence.slice(offset, until).map((item) => evidenceOf(item, report));
  const shown = `${Math.min(offset + 1, evidence.length)}-${offset + items.length}`;
  const page = { evidence: items, evidence_shown: `${shown} of ${evidence.length}` };
  const factors = priority.factors.map(({ message: _message, ...factor }) => factor);
  const body = offset === 0 ? { ...rest, priority: { ...priority, factors }, ...page } : page;
  return { body, next: until < evidence.length ? until : null };
}

/** Without its chart, and without the window where that is the report's. */
function evidenceOf(item: Report["evidence"][number], report: Report): Facts {
  const { chart: _chart, window, provenance, ...told } = item;
  const isSame = (one: typeof window) =>
    one.from === report.window.from && one.to === report.window.to;
  return {
    ...told,
    ...(isSame(window) ? {} : { window }),
    provenance: provenance.map(({ source, query, rows, truncated, link, window: read }) => ({
      ...{ source, query, rows, truncated },
      ...(isSame(read) ? {} : { window: read }),
      ...(link === undefined ? {} : { link }),
    })),
  };
}

function causeOf(cause: Report["rootCauses"][number]): Facts {
  return {
    rank: cause.rank,
    service: cause.service,
    ...(cause.resource === null ? {} : { resource: cause.resource }),
    ...(cause.change === null
      ? {}
      : { change: `${cause.change.kind} ${cause.change.ref}: ${cause.change.title}` }),
    mechanism: cause.mechanism,
    confidence: round(cause.confidence),
    supporting: cause.supporting,
    contradicting: cause.contradicting,
  };
}

function citedByDigest(report: Report): ReadonlySet<string> {
  return new Set([
    ...report.rootCauses.slice(0, 3).flatMap((c) => [...c.supporting, ...c.contradicting]),
    ...report.actions.slice(0, 5).flatMap((action) => action.evidence),
    ...report.impact.business.filter(isLoss).flatMap((kpi) => kpi.evidence),
  ]);
}

/** Three significant digits: what a reader can use. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
