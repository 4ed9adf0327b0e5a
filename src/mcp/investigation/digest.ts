import type { Report } from "../../core/report.ts";
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
    business: report.impact.business.slice(0, 4).map((kpi) => ({
      kpi: kpi.kpi,
      lost: round(kpi.lost),
      unit: kpi.unit,
      ...(kpi.lostValue === undefined ? {} : { lost_value: round(kpi.lostValue) }),
      ...(kpi.currency === undefined ? {} : { currency: kpi.currency }),
    })),
    actions: report.actions.slice(0, 5).map((action) => ({
      do: `${action.kind}: ${action.text}`,
      risk: action.risk,
      evidence: action.evidence,
    })),
    evidence: report.evidence
      .filter((item) => cited.has(item.id))
      .slice(0, 12)
      .map((item) => ({ id: item.id, statement: item.statement })),
    evidence_total: report.evidence.length,
    ruled_out: report.ruledOut.slice(0, 4).map((r) => ({ claim: r.claim, because: r.because })),
    gaps: report.gaps.slice(0, 6),
    status: report.status,
    model: report.model,
  };
}

/** The whole report for those who asked for detail: charts are for views, not for models. */
export function wholeReport(report: Report): Facts {
  const evidence = report.evidence.map(({ chart: _chart, ...item }) => item);
  return { ...report, evidence };
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
  ]);
}

/** Three significant digits: what a reader can use. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
