import { AlarmInbox, heardOf } from "./agent/alarm-inbox.ts";
import { Budget, type BudgetLimits } from "./agent/budget.ts";
import { Ledger } from "./agent/ledger.ts";
import { Recorder, type StepSink } from "./agent/recorder.ts";
import type { Driver, DriverEnd, Session, Watch } from "./agent/session.ts";
import { situationOf } from "./agent/situation.ts";
import { ToolRunner } from "./agent/tool-runner.ts";
import { verify } from "./agent/verify.ts";
import type { Alarm } from "./core/alarm.ts";
import type { Clock } from "./core/clock.ts";
import type { Evidence } from "./core/evidence.ts";
import type { Diagnosis } from "./core/hypothesis.ts";
import type { Kpi, Slo } from "./core/objectives.ts";
import {
  type Priority,
  type PriorityOverride,
  type PrioritySettings,
  withOverride,
} from "./core/priority.ts";
import { redactDeep } from "./core/redaction.ts";
import { type Report, unreadable } from "./core/report.ts";
import type { Runbook } from "./core/runbook.ts";
import { matchRunbooks } from "./core/runbook-match.ts";
import type { Telemetry } from "./core/source.ts";
import type { RunBrief, Step } from "./core/step.ts";
import type { Tool } from "./core/tool.ts";
import type { Comparison, Window } from "./core/window.ts";
import { chooseWindows } from "./investigate-windows.ts";
import { assessPriority } from "./priority/assess.ts";
import { factsFrom } from "./priority/facts-from.ts";
import { buildReport } from "./report/build.ts";
import type { ReportInput } from "./report/report-input.ts";

/** One investigation: what to look into, and with what. */
export interface InvestigationInput {
  readonly incident: string;
  readonly title: string;
  readonly alarm: Alarm;
  readonly question: string | null;
  readonly window: Window;
  /** Null: normal time is found in the telemetry. */
  readonly baseline: Window | null;
  readonly language: string;
  readonly telemetry: Telemetry;
  readonly tools: readonly Tool[];
  readonly runbooks: readonly Runbook[];
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
  readonly priority: PrioritySettings;
  readonly override: PriorityOverride | null;
  readonly similar: Report["similar"];
  readonly limits: BudgetLimits;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly sink: StepSink;
  readonly watch?: Watch;
  /** Steps of an interrupted run of the same investigation; empty for a new one. */
  readonly recorded: readonly Step[];
  /** Where alarms arrive that join the incident while this runs. */
  readonly inbox?: AlarmInbox;
  readonly signal: AbortSignal;
}

/** Causes that a model refuted, ahead of those that code ruled out. */
const refutedMax = 3;

/**
 * The whole story: trigger → windows → evidence, as the driver picks the tools → verify → priority
 * → report. Always ends in a report, partial when something stopped it. Storing it is the caller's.
 */
export async function investigate(asked: InvestigationInput): Promise<Report> {
  const brief = briefOf(asked.recorded) ?? (await newBrief(asked));
  const input = asked.recorded.length === 0 ? asked : asBegun(asked, brief);
  const session = openSession(input, brief);
  if (input.recorded.length === 0) {
    const { name: driver } = input.driver;
    await session.recorder.append({ kind: "started", driver, question: input.question, brief });
  }
  const end = await drive(input.driver, session);
  await session.hear(true);
  const diagnosis = await verifyRanking(session);
  const { telemetry } = input;
  const isBlind = telemetry.gaps().length > 0 && !telemetry.hasData?.();
  const isUnread = session.ledger.evidence.length === 0 && isBlind;
  const stoppedBy = isUnread ? unreadable : end.stoppedBy;
  const status = stoppedBy === null ? "complete" : "partial";
  await session.recorder.append({ kind: "final", status, stoppedBy });
  return buildReport({ ...reportInput(input, session, diagnosis, end), status, stoppedBy });
}

/** The brief of a run that goes on, as its first step has it. */
export function briefOf(steps: readonly Step[]): RunBrief | null {
  const [first] = steps;
  return first?.kind === "started" ? (first.brief ?? null) : null;
}

/** A run that goes on is about what it was about when it began, whoever takes it up. */
function asBegun(input: InvestigationInput, brief: RunBrief): InvestigationInput {
  const [first] = input.recorded;
  const question = first?.kind === "started" ? first.question : input.question;
  const { title, alarm, language, kpis, slos } = brief;
  return { ...input, title, alarm, language, kpis, slos, question };
}

async function newBrief(input: InvestigationInput): Promise<RunBrief> {
  const { title, alarm, language, kpis, slos } = input;
  return redactDeep({ ...(await chooseWindows(input)), title, alarm, language, kpis, slos });
}

function reportInput(
  input: InvestigationInput,
  { ledger, budget, brief }: Session,
  diagnosis: Diagnosis | null,
  end: DriverEnd,
): Omit<ReportInput, "status" | "stoppedBy"> {
  const { alarm, title, language, runbooks, similar } = input;
  const { window, baseline } = brief;
  const priority = priorityOf(input, diagnosis, ledger.evidence);
  return {
    id: input.incident,
    title,
    language,
    model: end.model ?? input.driver.name,
    ...(end.narrative ? { narrative: end.narrative } : {}),
    alarm,
    detectedAt: alarm.firedAt,
    window,
    baseline,
    diagnosis: diagnosis && {
      ...diagnosis,
      ruledOut: [...ledger.refuted().slice(0, refutedMax), ...diagnosis.ruledOut],
    },
    priority,
    evidence: ledger.evidence,
    gaps: ledger.gaps,
    usage: budget.usage,
    recoveredAt: diagnosis?.recoveredAt ?? null,
    runbooks: matchRunbooks(runbooks, situationOf({ alarm }, diagnosis, ledger.evidence)),
    similar,
  };
}

/** Computed from the verified ranking and all evidence; a person's override is kept on top. */
function priorityOf(
  { priority: settings, override, alarm }: InvestigationInput,
  diagnosis: Diagnosis | null,
  findings: readonly Evidence[],
): Priority {
  const known = diagnosis ?? nothingKnown;
  const priority = assessPriority(
    factsFrom({ diagnosis: known, findings, settings, alarm }),
    settings,
  );
  return override ? withOverride(priority, override, settings.respondWithin) : priority;
}

const nothingKnown: Diagnosis = {
  hypotheses: [],
  ruledOut: [],
  onset: null,
  firstFailing: null,
  blastRadius: [],
  isHealthy: false,
};

/** A session over the input; `ledger` is given when saved evidence is to be asked about. */
export function openSession(
  input: Omit<InvestigationInput, "driver" | "similar" | "override"> & {
    readonly driver: Pick<Driver, "tools">;
    /** Number of the newest step that is there already. */
    readonly after?: number;
  },
  { window, baseline }: Comparison,
  ledger = new Ledger(),
): Session {
  const { telemetry, clock, alarm, signal } = input;
  const budget = new Budget(
    input.limits,
    clock,
    () => telemetry.bytesScanned(),
    () => telemetry.spent?.() ?? null,
  );
  const last = input.recorded.at(-1);
  if (last) budget.restore(last.usage);
  const recorder = new Recorder({
    clock,
    usage: () => budget.usage,
    sink: input.sink,
    after: last?.number ?? input.after ?? 0,
  });
  const { kpis, slos, runbooks, priority, tools, recorded } = input;
  const now = clock.now();
  const context = {
    telemetry,
    alarm,
    window,
    baseline,
    kpis,
    slos,
    runbooks,
    priority,
    now,
    signal,
  };
  const runner = new ToolRunner({
    tools,
    own: input.driver.tools ?? [],
    context,
    ledger,
    budget,
    recorder,
    redact: redactDeep,
    recorded,
  });
  const { title, question, language } = input;
  const brief = { title, question, alarm, window, baseline, language };
  const inbox = input.inbox ?? new AlarmInbox(alarm.fingerprint);
  inbox.forget([alarm.fingerprint, ...heardOf(recorded)]);
  const hear = (isLast = false) => runner.hear(inbox, isLast);
  const watch = input.watch ?? {};
  return { brief, runner, ledger, budget, recorder, recorded, watch, signal, hear };
}

/** A driver that throws is a bug; what was found until then is still reported. */
async function drive(driver: Driver, session: Session): Promise<DriverEnd> {
  try {
    return await driver.run(session);
  } catch (error) {
    const what = error instanceof Error ? error.message : "unknown fault";
    await session.recorder.append({ kind: "note", text: `the driver broke: ${what}` });
    return { stoppedBy: "a fault of Shodo's own" };
  }
}

async function verifyRanking({ ledger, recorder }: Session): Promise<Diagnosis | null> {
  if (!ledger.diagnosis) return null;
  const { diagnosis, lowered } = verify(ledger.diagnosis, ledger.evidence, ledger.gaps);
  for (const each of lowered) await recorder.append({ kind: "verified", ...each });
  return diagnosis;
}
