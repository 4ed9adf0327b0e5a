import type { Analyst, IncidentEvent } from "../../core/analyst.ts";
import type { Clock } from "../../core/clock.ts";
import type { Evidence } from "../../core/evidence.ts";
import type { Incident, IncidentState } from "../../core/incident.ts";
import type { InvestigationRequest } from "../../core/investigation-request.ts";
import type { Report } from "../../core/report.ts";
import type { Runbook } from "../../core/runbook.ts";
import type { Step, StepBody } from "../../core/step.ts";
import type { Tool, ToolContext } from "../../core/tool.ts";
import { fakeReport } from "./fake-report.ts";

/** An analyst in memory: incidents stay `investigating` until the test finishes or cancels them. */
export interface FakeAnalyst extends Analyst {
  readonly requests: InvestigationRequest[];
  readonly cancelled: string[];
  step(incident: string, body: StepBody): void;
  finish(incident: string, report?: Report): void;
  seed(incident: Incident, report?: Report): void;
}

export const fakeRunbooks: readonly Runbook[] = [
  {
    name: "pool-exhausted",
    title: "Connection pool exhausted",
    causes: ["saturation"],
    keywords: ["pool"],
    services: [],
    actions: [],
    body: "# Connection pool exhausted\n\nRaise the pool or drop the slow query.\n",
  },
];

/** Keeps all in memory; an investigation moves on only when the test says so. */
export function fakeAnalyst(tools: readonly Tool[], clock: Clock): FakeAnalyst {
  const incidents = new Map<string, Incident>();
  const reports = new Map<string, Report>();
  const steps = new Map<string, Step[]>();
  const listeners = new Set<{ id: string; listener: (event: IncidentEvent) => void }>();
  const requests: InvestigationRequest[] = [];
  const cancelled: string[] = [];
  const keys = new Map<string, string>();

  const emit = (id: string, event: IncidentEvent) => {
    for (const entry of listeners) if (entry.id === "all" || entry.id === id) entry.listener(event);
  };
  const move = (id: string, state: IncidentState) => {
    const incident = incidents.get(id);
    if (!incident) return;
    const moved = { ...incident, state, updatedAt: clock.now() };
    incidents.set(id, moved);
    emit(id, { kind: "changed", incident: moved });
  };
  const refused = { kind: "refused" as const, message: "not in this double" };

  const analyst: FakeAnalyst = {
    requests,
    cancelled,
    tools,
    runbooks: fakeRunbooks,
    start: async (request) => {
      requests.push(request);
      const known = request.idempotencyKey === null ? undefined : keys.get(request.idempotencyKey);
      const existing = known === undefined ? undefined : incidents.get(known);
      if (existing) return existing;
      const id = `inc_${String(incidents.size + 1).padStart(4, "0")}`;
      if (request.idempotencyKey !== null) keys.set(request.idempotencyKey, id);
      const incident = fakeIncident(id, request, clock);
      incidents.set(id, incident);
      steps.set(id, []);
      return incident;
    },
    investigate: async () => fakeReport(),
    cancel: async (id) => {
      cancelled.push(id);
      move(id, "cancelled");
      return { kind: "done" };
    },
    ask: async (id, question) =>
      reports.has(id)
        ? { text: `About "${question}": see E1.`, evidence: ["E1"], model: "builtin", open: [] }
        : { kind: "refused", message: "There is no report yet." },
    incident: async (id) => incidents.get(id) ?? null,
    incidents: async (filter) => {
      const all = [...incidents.values()].reverse();
      const from = filter.before ? all.findIndex((i) => i.id === filter.before) + 1 : 0;
      return all
        .slice(from)
        .filter((i) => !filter.states || filter.states.includes(i.state))
        .filter((i) => !filter.service || i.service === filter.service)
        .slice(0, filter.limit);
    },
    report: async (id) => reports.get(id) ?? null,
    steps: async (id, after) => (steps.get(id) ?? []).filter((step) => step.number > after),
    subscribe: (id, listener) => {
      const entry = { id, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    acknowledge: async () => refused,
    overridePriority: async () => refused,
    decide: async () => refused,
    feedback: async () => refused,
    call: async (name, input, scope) => {
      const tool = tools.find((candidate) => candidate.name === name);
      if (!tool) throw new Error(`no tool ${name}`);
      return tool.run(tool.input.parse(input), contextOf(scope.signal, clock));
    },
    step: (id, body) => {
      const list = steps.get(id) ?? [];
      const step = { ...body, number: list.length + 1, at: clock.now(), usage: noUsage } as Step;
      steps.set(id, [...list, step]);
      emit(id, { kind: "step", incident: id, step });
    },
    finish: (id, report = fakeReport()) => {
      reports.set(id, report);
      move(id, "reported");
      emit(id, { kind: "report", incident: id, report });
    },
    seed: (incident, report) => {
      incidents.set(incident.id, incident);
      if (report) reports.set(incident.id, report);
    },
  };
  return analyst;
}

/** Under investigation, with no alarms and no priority yet. */
export function fakeIncident(
  id: string,
  request: Pick<InvestigationRequest, "question" | "service" | "principal"> &
    Partial<Pick<InvestigationRequest, "capture">>,
  clock: Clock,
): Incident {
  return {
    id,
    ...(request.capture ? { capture: request.capture } : {}),
    title: request.question ?? `Look at ${request.service ?? "the capture"}`,
    state: "investigating",
    service: request.service,
    openedAt: clock.now(),
    updatedAt: clock.now(),
    resolvedAt: null,
    alarms: [],
    openedBy: request.principal,
    acknowledgedBy: null,
    priority: null,
    override: null,
    conclusion: null,
    summary: null,
    investigation: `inv_${id}`,
    mergedInto: null,
  };
}

/** Without numbers and provenance: only its id and statement matter. */
export function fakeEvidence(id: `E${number}`, statement: string): Evidence {
  const window = { from: 0, to: 60_000 };
  return {
    id,
    step: 1,
    key: id,
    layer: "application",
    kind: "anomaly",
    service: "checkout",
    statement,
    window,
    provenance: [],
  };
}

const noUsage = {
  modelCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0,
  toolCalls: 0,
  bytesScanned: 0,
  seconds: 0,
};

/** The double's tools look at the signal and the clock only. */
function contextOf(signal: AbortSignal, clock: Clock): ToolContext {
  return { signal, now: clock.now() } as ToolContext;
}
