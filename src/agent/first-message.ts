import type { Evidence } from "../core/evidence.ts";
import type { Hypothesis } from "../core/hypothesis.ts";
import { clip } from "../core/redaction.ts";
import type { Runbook } from "../core/runbook.ts";
import { toIso } from "../core/window.ts";
import { fence } from "./fence.ts";
import type { Session } from "./session.ts";

const findingsMax = 28;
const statementCharsMax = 260;
const causesMax = 6;
const gapsMax = 8;

/**
 * What the code already knows, as the first message to a model: alarm, windows, the computed ranking,
 * the heaviest findings with their ids, gaps and runbooks. Bounded, whatever the capture holds.
 */
export function firstMessage(
  session: Pick<Session, "brief" | "ledger">,
  runbooks: readonly Runbook[],
): string {
  const { brief, ledger } = session;
  const { alarm, window, baseline, question, language } = brief;
  const diagnosis = ledger.diagnosis;
  const ids = (keys: readonly string[]) => ledger.idsOf(keys).slice(0, 8).join(" ");
  const causes = (diagnosis?.hypotheses ?? []).slice(0, causesMax);
  const sections: [string, string[]][] = [
    [
      "alarm",
      [
        `name: ${alarm.name}`,
        `summary: ${alarm.summary}`,
        `service: ${alarm.service ?? "not named"}`,
        `metric: ${alarm.metric ?? "not named"}`,
        `fired: ${toIso(alarm.firedAt)}`,
        ...(question ? [`question: ${question}`] : []),
      ],
    ],
    [
      "windows",
      [
        `incident: ${toIso(window.from)} to ${toIso(window.to)}`,
        `normal time: ${toIso(baseline.from)} to ${toIso(baseline.to)}`,
        `onset: ${diagnosis?.onset ? toIso(diagnosis.onset.at) : "not found"}`,
        `first failing: ${diagnosis?.firstFailing ?? "not found"}`,
        `victims: ${diagnosis?.blastRadius.slice(0, 10).join(", ") || "none"}`,
      ],
    ],
    ["computed ranking", causes.map((cause) => causeLine(cause, ids))],
    ["findings", heaviest(ledger.evidence).map(findingLine)],
    ["ruled out", (diagnosis?.ruledOut ?? []).slice(0, 6).map((r) => `${r.claim}: ${r.because}`)],
    ["not known", ledger.gaps.slice(0, gapsMax).map((gap) => `${gap.what}: ${gap.why}`)],
    ["runbooks", runbooks.slice(0, 4).map((runbook) => `${runbook.name}: ${runbook.title}`)],
  ];
  const blocks = sections
    .filter(([, lines]) => lines.length > 0)
    .map(([label, lines]) =>
      fence(label, lines.map((line) => clip(line, statementCharsMax)).join("\n")),
    );
  return [...blocks, `Write your note in language: ${language}.`].join("\n\n");
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
function heaviest(evidence: readonly Evidence[]): Evidence[] {
  const chosen = new Set(
    [...evidence].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, findingsMax),
  );
  return evidence.filter((item) => chosen.has(item));
}
