import type { Incident } from "../core/incident.ts";
import type { Report } from "../core/report.ts";
import type { CaseRecord, NewCase } from "./cases.ts";
import type { Parts } from "./parts.ts";
import type { CaseState } from "./views/case-state.ts";
import type { Progress } from "./views/progress.ts";

/** Stored state of an incident as its views need it. */
export function caseState(
  parts: Parts,
  record: NewCase & Pick<Partial<CaseRecord>, "survivor">,
  stored: {
    readonly incident: Incident;
    readonly report: Report | null;
    readonly progress: Progress | null;
  },
): CaseState {
  const { settings } = parts;
  return {
    ...stored,
    language: record.language,
    linkHosts: settings.linkHosts,
    // With sign-in links the button is answered for each person on their own.
    reportUrl:
      settings.publicUrl && !parts.signInLink
        ? `${settings.publicUrl.replace(/\/$/, "")}/reports/${encodeURIComponent(record.incident)}`
        : null,
    runbook: stored.report ? runbookOf(parts, stored.report) : null,
    chartFile: record.chartFile,
    charts: record.charts,
    survivor: record.survivor ?? null,
    stoppedBy: record.stoppedBy,
  };
}

/** The first runbook that the report proposes and that has something to decide on. */
function runbookOf(parts: Parts, report: Report): CaseState["runbook"] {
  for (const action of report.actions) {
    const runbook = parts.analyst.runbooks.find((one) => one.name === action.runbook);
    const first = runbook?.actions[0];
    if (runbook && first) return { name: runbook.name, action: first };
  }
  return null;
}
