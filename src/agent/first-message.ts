import type { Evidence, EvidenceKind } from "../core/evidence.ts";
import type { Diagnosis, Hypothesis } from "../core/hypothesis.ts";
import { clip } from "../core/redaction.ts";
import type { Runbook } from "../core/runbook.ts";
import { matchRunbooks } from "../core/runbook-match.ts";
import { toIso } from "../core/window.ts";
import { fence } from "./fence.ts";
import type { Brief, Session } from "./session.ts";
import { situationOf } from "./situation.ts";

const findingsMax = 24;
const changesMax = 10;
const businessMax = 8;
const servicesMax = 20;
const lineCharsMax = 260;
const causesMax = 6;
const ruledOutMax = 6;
const gapsMax = 8;
const runbooksMax = 4;

const ofChanges: readonly EvidenceKind[] = ["change"];
const ofBusiness: readonly EvidenceKind[] = ["kpi", "slo"];

/**
 * What the code already knows, as the first message to a model: alarm, windows, services, the
 * computed ranking, the heaviest findings with their ids, changes, KPIs, gaps and the runbooks that
 * fit. Bounded, whatever the telemetry holds.
 */
export function firstMessage(
  session: Pick<Session, "brief" | "ledger">,
  runbooks: readonly Runbook[],
): string {
  const { brief, ledger } = session;
  const { diagnosis, evidence } = ledger;
  const ids = (keys: readonly string[]) => ledger.idsOf(keys).slice(0, 8).join(" ");
  const causes = (diagnosis?.hypotheses ?? []).slice(0, causesMax);
  const changes = evidence.filter(({ kind }) => ofChanges.includes(kind));
  const business = evidence.filter(({ kind }) => ofBusiness.includes(kind));
  const others = evidence.filter((item) => !changes.includes(item) && !business.includes(item));
  const fitting = matchRunbooks(runbooks, situationOf(brief, diagnosis, evidence));
  const sections: [string, string[]][] = [
    ["alarm", alarmLines(brief)],
    ["windows", windowLines(brief, diagnosis)],
    ["services", servicesIn(evidence)],
    ["computed ranking", causes.map((cause) => causeLine(cause, ids))],
    ["findings", heaviest(others, findingsMax).map(findingLine)],
    ["changes", heaviest(changes, changesMax).map(findingLine)],
    ["business", heaviest(business, businessMax).map(findingLine)],
    [
      "ruled out",
      (diagnosis?.ruledOut ?? []).slice(0, ruledOutMax).map((r) => `${r.claim}: ${r.because}`),
    ],
    ["not known", ledger.gaps.slice(0, gapsMax).map((gap) => `${gap.what}: ${gap.why}`)],
    [
      "runbooks",
      fitting
        .slice(0, runbooksMax)
        .map(({ runbook, why }) => `${runbook.name}: ${runbook.title} (${why})`),
    ],
  ];
  const blocks = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([label, lines]) =>
      fence(label, lines.map((line) => clip(line, lineCharsMax)).join("\n")),
    );
  return [...blocks, `Write your note in language: ${brief.language}.`].join("\n\n");
}

function alarmLines({ alarm, question }: Brief): string[] {
  const { name, summary, service, metric, threshold, observed, severity, firedAt } = alarm;
  return [
    `name: ${name}`,
    `summary: ${summary}`,
    `service: ${service ?? "not named"}`,
    `metric: ${metric ?? "not named"}`,
    ...(threshold === null ? [] : [`threshold: ${threshold}`]),
    ...(observed === null ? [] : [`observed: ${observed}`]),
    ...(severity === null ? [] : [`severity as sent: ${severity}`]),
    `fired: ${toIso(firedAt)}`,
    ...(question ? [`question: ${question}`] : []),
  ];
}

function windowLines({ window, baseline }: Brief, diagnosis: Diagnosis | null): string[] {
  return [
    `incident: ${toIso(window.from)} to ${toIso(window.to)}`,
    `normal time: ${toIso(baseline.from)} to ${toIso(baseline.to)}`,
    `onset: ${diagnosis?.onset ? toIso(diagnosis.onset.at) : "not found"}`,
    `first failing: ${diagnosis?.firstFailing ?? "not found"}`,
    `victims: ${diagnosis?.blastRadius.slice(0, 10).join(", ") || "none"}`,
  ];
}

/** Services that findings speak of, on one line, the heaviest first. */
function servicesIn(evidence: readonly Evidence[]): string[] {
  const byWeight = [...evidence].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  const names = [...new Set(byWeight.flatMap(({ service }) => service ?? []))];
  if (names.length === 0) return [];
  const more = names.length > servicesMax ? ` and ${names.length - servicesMax} more` : "";
  return [`${names.slice(0, servicesMax).join(", ")}${more}`];
}

function causeLine(cause: Hypothesis, ids: (keys: readonly string[]) => string): string {
  const against = ids(cause.contradicting);
  return [
    `${cause.key} (${cause.causeKind}, confidence ${cause.confidence.toFixed(2)})`,
    clip(cause.mechanism, 160),
    `for ${ids(cause.supporting) || "nothing"}`,
    ...(against ? [`against ${against}`] : []),
  ].join(" | ");
}

function findingLine({ id, statement }: Evidence): string {
  return `${id} ${statement}`;
}

/** The heaviest findings in the order of their ids. */
function heaviest(evidence: readonly Evidence[], max: number): Evidence[] {
  const chosen = new Set(
    [...evidence].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, max),
  );
  return evidence.filter((item) => chosen.has(item));
}
