import type { AlarmInbox } from "../../agent/alarm-inbox.ts";
import type { BudgetLimits } from "../../agent/budget.ts";
import type { Driver, Watch } from "../../agent/session.ts";
import type { Config } from "../../config.ts";
import type { Alarm } from "../../core/alarm.ts";
import type { CaptureIncident } from "../../core/capture.ts";
import type { Clock } from "../../core/clock.ts";
import { UserError } from "../../core/errors.ts";
import type { Incident } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import { limits } from "../../core/limits.ts";
import type { Kpi, Slo } from "../../core/objectives.ts";
import type { PrioritySettings } from "../../core/priority.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Source, Telemetry } from "../../core/source.ts";
import type { Step } from "../../core/step.ts";
import type { Tool } from "../../core/tool.ts";
import type { Window } from "../../core/window.ts";
import { type InvestigationInput, investigate } from "../../investigate.ts";
import { knowAlarm } from "../../investigate-alarm.ts";
import { capture, readCaptureIncident } from "../../sources/capture.ts";
import { openTelemetry } from "../../sources/telemetry.ts";

/** What investigations need that does not change between them. */
export interface InvestigationParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly tools: readonly Tool[];
  readonly runbooks: readonly Runbook[];
  readonly priority: PrioritySettings;
  /** Sources of `shodo.yaml`; empty means that only captures can be read. */
  readonly sources: readonly Source[];
  readonly driverFor: (model: string) => Promise<Driver>;
  /**
   * Folder that is read where a request names none and there is no live telemetry: for practice.
   */
  readonly capture?: string | undefined;
}

/** What a request is about, once a capture or the defaults have filled in what it left open. */
export interface Subject {
  readonly title: string;
  readonly alarm: Alarm;
  readonly window: Window;
  readonly baseline: Window | null;
  readonly kpis: readonly Kpi[];
  readonly slos: readonly Slo[];
  readonly telemetry: Telemetry;
  close(): Promise<void>;
}

/** A live incident is looked at from this long before its alarm to this long after. */
const beforeAlarmMs = 2 * 3_600_000;
const afterAlarmMs = 15 * 60_000;

/** Opens the telemetry of a request and works out its windows. */
export async function openSubject(
  request: InvestigationRequest,
  parts: InvestigationParts,
  signal: AbortSignal,
): Promise<Subject> {
  const folder = request.capture ?? parts.capture ?? null;
  if (folder !== null) return openCapture(folder, request, parts, signal);
  const { config, clock, sources } = parts;
  if (sources.length === 0) {
    throw new UserError(
      "No telemetry source is configured. Add `sources` to shodo.yaml (shodo init), " +
        "or give --capture DIR, or try shodo demo.",
    );
  }
  const at = request.alarm?.firedAt ?? clock.now();
  const usual = { from: at - beforeAlarmMs, to: Math.min(at + afterAlarmMs, clock.now()) };
  const telemetry = openTelemetry(sources, telemetryOptions(parts, signal));
  const alarm = alarmFor(request, at);
  // A window that a person gave stands.
  const known = request.window
    ? { alarm, window: request.window }
    : await knowAlarm(telemetry, alarm, usual);
  return {
    title: titleOf(request, request.alarm?.summary),
    ...known,
    baseline: request.baseline,
    kpis: config.kpis,
    slos: config.slos,
    telemetry,
    close: async () => {},
  };
}

async function openCapture(
  folder: string,
  request: InvestigationRequest,
  parts: InvestigationParts,
  signal: AbortSignal,
): Promise<Subject> {
  const incident = await readCaptureIncident(folder, request.window);
  const source = await capture.open("capture", { folder });
  return {
    title: titleOf(request, incident.title),
    alarm: request.alarm ?? alarmOf(incident, request.service),
    window: request.window ?? incident.window,
    baseline: request.baseline ?? incident.baseline ?? null,
    kpis: incident.kpis,
    slos: incident.slos,
    telemetry: openTelemetry([source], telemetryOptions(parts, signal)),
    close: () => source.close(),
  };
}

function telemetryOptions({ config, clock }: InvestigationParts, signal: AbortSignal) {
  const { readTimeoutMs } = limits;
  const { bytesScanned: bytesMax, sourcesUsd: costUsdMax, awsPrices: prices } = config.budget;
  return { clock, signal, readTimeoutMs, bytesMax, costUsdMax, prices };
}

/** Runs one investigation over an opened subject. */
export async function runInvestigation(options: {
  incident: Incident;
  request: InvestigationRequest;
  subject: Subject;
  parts: InvestigationParts;
  similar: Report["similar"];
  recorded: readonly Step[];
  inbox: AlarmInbox;
  sink: (step: Step) => Promise<void>;
  watch: Watch;
  signal: AbortSignal;
}): Promise<Report> {
  const { incident, request, subject, parts, recorded } = options;
  const { inbox, sink, watch, signal, similar } = options;
  const { config, clock, tools, runbooks, priority } = parts;
  const { title, alarm, window, baseline, kpis, slos, telemetry } = subject;
  const input: InvestigationInput = {
    incident: incident.id,
    title,
    alarm,
    question: request.question,
    window,
    baseline,
    language: request.language ?? config.language,
    telemetry,
    tools,
    runbooks,
    kpis,
    slos,
    priority,
    override: incident.override,
    similar,
    limits: config.budget satisfies BudgetLimits,
    driver: await parts.driverFor(request.model ?? config.model.name),
    clock,
    sink,
    watch,
    recorded,
    inbox,
    signal,
  };
  return investigate(input);
}

function titleOf(request: InvestigationRequest, fallback: string | undefined): string {
  return request.question ?? request.alarm?.name ?? fallback ?? "investigation";
}

/** The trigger of a capture in the shape every alarm has. */
function alarmOf(incident: CaptureIncident, service: string | null): Alarm {
  const { trigger, title, id, window } = incident;
  return {
    fingerprint: id,
    sender: "capture",
    name: trigger.name ?? title,
    service: service ?? trigger.service ?? null,
    resource: null,
    metric: trigger.metric ?? null,
    threshold: trigger.threshold ?? null,
    observed: trigger.observed ?? null,
    severity: trigger.severity ?? null,
    state: "firing",
    firedAt: trigger.firedAt ?? window.from,
    summary: trigger.summary ?? title,
    labels: {},
    link: null,
    raw: trigger,
  };
}

/** The alarm of a live request; a question stands for one. */
function alarmFor(request: InvestigationRequest, at: number): Alarm {
  const { alarm, service, question } = request;
  if (alarm) return service === null ? alarm : { ...alarm, service };
  const summary = question ?? "Is something wrong?";
  return {
    fingerprint: `question:${summary}`,
    sender: "question",
    name: summary,
    service,
    resource: null,
    metric: null,
    threshold: null,
    observed: null,
    severity: null,
    state: "firing",
    firedAt: at,
    summary,
    labels: {},
    link: null,
    raw: null,
  };
}
