import { assessPriority } from "../../priority/assess.ts";
import type { PriorityFacts } from "../../priority/facts.ts";
import { defaultPrioritySettings } from "../../priority/settings.ts";
import type { ReportInput } from "../report-input.ts";
import {
  alarm,
  baseline,
  diagnosis,
  found,
  leak,
  minute,
  noon,
  poolRunbook,
  provider,
  usage,
  window,
} from "./leak-case.ts";

/** Hand-made investigations that end in each kind of report. */

const facts: PriorityFacts = {
  isHealthy: false,
  failingShare: { state: "measured", value: 0.31, evidence: ["anomaly:storefront:errors"] },
  slowdown: { state: "measured", value: 1.4, evidence: [] },
  affected: ["storefront"],
  kpis: {
    state: "measured",
    value: [
      {
        kpi: "orders",
        lostShare: 386 / 498,
        surelyLostShare: 341 / 498,
        isExcess: false,
        isDelayed: false,
        lostText: "−16,212 EUR",
        evidence: ["kpi:orders"],
      },
    ],
    evidence: ["kpi:orders"],
  },
  unavailable: {
    state: "measured",
    value: { service: "checkout", failedShare: 0.78, slowdown: 6, isSecondary: false },
    evidence: ["log:checkout:timeout"],
  },
  isPeakHour: { state: "unknown", because: "less than a day of traffic was read" },
  spread: { affected: 2, known: 6 },
  regulated: [],
  dataLoss: { state: "unknown", because: "nothing speaks of it" },
  securityBreach: { state: "unknown", because: "no source reports on security" },
  regulatedBreach: { state: "unknown", because: "no source reports on compliance" },
};

/** A leak by a deploy, found. */
export const confirmed: ReportInput = {
  id: "inc_0mi8example",
  title: "Checkout fails for most shoppers",
  language: "en",
  model: "builtin",
  alarm,
  detectedAt: alarm.firedAt,
  window,
  baseline,
  diagnosis,
  priority: assessPriority(facts, defaultPrioritySettings),
  evidence: found,
  gaps: [],
  usage,
  status: "complete",
  stoppedBy: null,
  runbooks: [{ runbook: poolRunbook, score: 0.8, why: "cause is leak; found “pool”" }],
  recoveredAt: noon + 41 * minute,
  similar: [{ incident: "inc_0mh2earlier", score: 0.82, why: "same service, same error pattern" }],
};

/** The logs are denied and two leads are left. */
export const inconclusive: ReportInput = {
  ...confirmed,
  id: "inc_0mi9example",
  title: "Checkout is slow",
  diagnosis: {
    hypotheses: [
      {
        ...provider,
        confidence: 0.34,
        contradicting: [],
        supporting: ["anomaly:storefront:errors"],
      },
      {
        ...leak,
        change: null,
        causeKind: "saturation",
        mechanism: "checkout has no free database connection",
        confidence: 0.27,
        supporting: ["anomaly:checkout:db.pool.waiting"],
        remediation: "scale",
      },
    ],
    ruledOut: [],
    onset: null,
    firstFailing: "checkout",
    blastRadius: ["storefront"],
    isHealthy: false,
  },
  priority: assessPriority(
    {
      ...facts,
      failingShare: { state: "unknown", because: "no request counts could be read" },
      slowdown: { state: "measured", value: 4.2, evidence: ["anomaly:storefront:errors"] },
      kpis: { state: "unknown", because: "no KPI has data" },
      unavailable: { state: "unknown", because: "no request counts or durations could be read" },
    },
    defaultPrioritySettings,
  ),
  evidence: found.filter((item) => ["E1", "E4", "E8"].includes(item.id)),
  gaps: [
    {
      what: "logs of all services",
      why: "access denied: the role lacks logs:StartQuery.",
      effect: "error messages could not be compared with the changes",
      signal: "logs",
    },
    {
      what: "business metrics",
      why: "no KPI is configured",
      effect: "impact on revenue is assumed",
      signal: "business",
    },
  ],
  status: "partial",
  stoppedBy: "the time budget of 60 s",
  runbooks: [],
  recoveredAt: null,
  similar: [],
};

/** The alarm fired on normal noise. */
export const healthy: ReportInput = {
  ...confirmed,
  id: "inc_0miaexample",
  title: "storefront latency alarm",
  diagnosis: {
    hypotheses: [
      {
        ...provider,
        key: "none",
        causeKind: "nothing-wrong",
        service: null,
        mechanism:
          "storefront latency reached 412 ms, which it also did on 9 of the last 60 minutes before the alarm",
        confidence: 0.88,
        supporting: ["normal:payment"],
        contradicting: [],
        remediation: "monitor",
      },
    ],
    ruledOut: [
      {
        claim: "Deploy 77c1 to catalog",
        because: "no signal of catalog or of its callers moved after it",
        findings: ["normal:payment"],
      },
    ],
    onset: null,
    firstFailing: null,
    blastRadius: [],
    isHealthy: true,
  },
  priority: assessPriority({ ...facts, isHealthy: true }, defaultPrioritySettings),
  evidence: found.filter((item) => item.kind === "normal"),
  runbooks: [],
  recoveredAt: null,
  similar: [],
};

/** Nothing could be read at all. */
export const unreadable: ReportInput = {
  ...inconclusive,
  id: "inc_0mibexample",
  title: "Checkout is slow",
  diagnosis: null,
  evidence: [],
  stoppedBy: "no source could be read",
};
