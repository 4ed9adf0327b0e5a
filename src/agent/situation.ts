import type { Evidence } from "../core/evidence.ts";
import type { Diagnosis } from "../core/hypothesis.ts";
import type { RunbookSituation } from "../core/runbook-match.ts";
import type { Brief } from "./session.ts";

/** What is known when a runbook is looked for: the alarm, the first cause, and what supports it. */
export function situationOf(
  { alarm }: Pick<Brief, "alarm">,
  diagnosis: Diagnosis | null,
  evidence: readonly Evidence[],
): RunbookSituation {
  const cause = diagnosis?.hypotheses[0];
  return {
    causeKind: cause?.causeKind ?? null,
    texts: [
      alarm.summary ?? "",
      cause?.mechanism ?? "",
      cause?.change ? `${cause.change.kind} ${cause.change.title}` : "",
      ...evidence
        .filter((item) => cause?.supporting.includes(item.key))
        .map((item) => `${item.statement} ${item.quote ?? ""}`),
    ],
    service: cause?.service ?? alarm.service,
  };
}
