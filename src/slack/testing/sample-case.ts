import type { Alarm } from "../../core/alarm.ts";
import type { Incident } from "../../core/incident.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { CaseState } from "../views/case-state.ts";
import { consoleLink, minute, sampleStart } from "./sample-evidence.ts";
import { sampleReport } from "./sample-report.ts";

/** An alarm as CloudWatch sends it. */
export function sampleAlarm(change: Partial<Alarm> = {}): Alarm {
  return {
    fingerprint: "checkout-5xx",
    sender: "cloudwatch",
    name: "checkout 5xx share high",
    service: "checkout",
    resource: null,
    metric: "http_5xx_share",
    threshold: 0.02,
    observed: 0.184,
    severity: "critical",
    state: "firing",
    firedAt: sampleStart + 4 * minute,
    summary: "5xx share of checkout is above 2% for 3 of 3 minutes",
    labels: { account: "111122223333", region: "eu-west-1" },
    link: consoleLink,
    raw: null,
    ...change,
  };
}

/** Reported: one alarm on checkout, nobody on it yet. */
export function sampleIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: "inc_0sample",
    title: "checkout 5xx share high",
    state: "reported",
    service: "checkout",
    openedAt: sampleStart + 4 * minute,
    updatedAt: sampleStart + 6 * minute,
    resolvedAt: null,
    alarms: [
      {
        alarm: sampleAlarm(),
        count: 1,
        firstAt: sampleStart + 4 * minute,
        lastAt: sampleStart + 4 * minute,
        reasons: ["first alarm"],
      },
    ],
    openedBy: { id: "alarm", name: "alarm", role: "admin", door: "alarm" },
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: "run_0sample",
    mergedInto: null,
    ...change,
  };
}

export const sampleRunbook: Runbook = {
  name: "rollback-deploy",
  title: "Roll back a deploy",
  causes: ["change"],
  keywords: ["deploy"],
  services: [],
  actions: [
    {
      name: "Roll back the service",
      command: "aws ecs update-service --cluster shop --service orders --task-definition orders:41",
      blastRadius:
        "All tasks of orders restart within two minutes; requests in flight are drained.",
      rollback:
        "aws ecs update-service --cluster shop --service orders --task-definition orders:42",
      undoes: ["deploy", "commit"],
      approver: "approver",
    },
  ],
  body: "",
};

/** The sample incident with its report and a runbook, in English. */
export function sampleCase(change: Partial<CaseState> = {}): CaseState {
  const action = sampleRunbook.actions[0];
  return {
    incident: sampleIncident(),
    report: sampleReport(),
    progress: null,
    language: "en",
    linkHosts: ["console.aws.amazon.com"],
    reportUrl: null,
    runbook: action ? { name: sampleRunbook.name, action } : null,
    chartFile: null,
    charts: "native",
    survivor: null,
    stoppedBy: null,
    ...change,
  };
}
