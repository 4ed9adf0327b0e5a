import { reason } from "../core/reasons.ts";
import { isJoined } from "./alarm-inbox.ts";
import type { Driver, DriverEnd, Session } from "./session.ts";

/** What the policy would do next. */
interface Move {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly because: string;
}

/** A cause this sure, with this lead over the next, needs no further look. */
const settledConfidence = 0.85;
const settledLead = 0.3;
/** Services looked at closely; the first are the most anomalous. */
const closeLooksMax = 8;

/**
 * The analyst without a model: a policy in code that picks the next tools from what has been found.
 * First the whole picture, cheaply; then traces and logs only where something broke, and what
 * changed; then a ranking, and one closer look at what the ranking puts first. The tools of one
 * stage need nothing of one another, and run at the same time.
 */
export const builtinDriver: Driver = {
  name: "builtin",
  async run(session) {
    const { runner, budget } = session;
    for (const stage of [...stages, afterLateAlarms]) {
      await session.hear();
      const moves = stage(session).filter(({ tool, input }) => !runner.wasRun(tool, input));
      const calls: Promise<unknown>[] = [];
      for (const { tool, input, because } of moves) {
        if (!runner.isSpent) calls.push(runner.call(tool, input, because));
      }
      await Promise.all(calls);
      if (calls.length < moves.length) return spent(session);
    }
    const { rung, budget: which } = budget.rung();
    return { stoppedBy: rung === "stop" ? which : null };
  },
};

type Stage = (session: Session) => readonly Move[];

const stages: readonly Stage[] = [
  () => [{ tool: "find_anomalies", input: {}, because: reason("call.anomalies") }],
  () => [
    { tool: "measure_business_impact", input: {}, because: reason("call.impact") },
    { tool: "get_slo_status", input: {}, because: reason("call.budgets") },
  ],
  (session) => {
    const services = brokenServices(session);
    const [input, traces, logs] =
      services.length > 0
        ? ([{ services }, "call.traces", "call.logs"] as const)
        : ([{}, "call.traces-anywhere", "call.logs-anywhere"] as const);
    const named = { services: list(services) };
    return [
      { tool: "analyze_traces", input, because: reason(traces, named) },
      { tool: "compare_log_patterns", input, because: reason(logs, named) },
      { tool: "list_changes", input: {}, because: reason("call.changes") },
    ];
  },
  () => [{ tool: "rank_root_causes", input: {}, because: reason("call.causes") }],
  (session) => (isSettled(session) ? [] : closerLook(session)),
  () => [{ tool: "assess_priority", input: {}, because: reason("call.priority") }],
  (session) => [{ tool: "search_runbooks", input: {}, because: runbookReason(session) }],
];

/**
 * Services that only an alarm has named, since the others were looked at, deserve a look as well.
 */
const afterLateAlarms: Stage = ({ ledger, runner }) => {
  const looked = new Set(
    ledger.evidence.flatMap((item) => (isJoined(item) ? [] : (item.service ?? []))),
  );
  const services = ledger.evidence
    .flatMap((item) => (isJoined(item) && item.service ? [item.service] : []))
    .filter((service, at, all) => !looked.has(service) && all.indexOf(service) === at)
    .slice(0, closeLooksMax);
  if (services.length === 0 || runner.wasRun("analyze_traces", { services })) return [];
  const because = reason("call.late-alarm", { services: list(services) });
  return [
    { tool: "analyze_traces", input: { services }, because },
    { tool: "compare_log_patterns", input: { services }, because },
  ];
};

/** Services with harmful findings, heaviest first. */
function brokenServices({ ledger }: Session): string[] {
  const weight = new Map<string, number>();
  for (const { service, kind, weight: w } of ledger.evidence) {
    if (!service || kind === "normal") continue;
    weight.set(service, Math.max(weight.get(service) ?? 0, w ?? 0));
  }
  return [...weight]
    .sort((a, b) => b[1] - a[1])
    .slice(0, closeLooksMax)
    .map(([service]) => service);
}

function isSettled({ ledger }: Session): boolean {
  const [first, second] = ledger.diagnosis?.hypotheses ?? [];
  if (!first) return false;
  const lead = first.confidence - (second?.confidence ?? 0);
  return first.confidence >= settledConfidence && lead >= settledLead;
}

/**
 * One failing request end to end, and the suspect's neighbours: what would tell two causes apart.
 */
function closerLook({ ledger }: Session): readonly Move[] {
  const suspects = (ledger.diagnosis?.hypotheses ?? [])
    .slice(0, 2)
    .flatMap(({ service }) => service ?? []);
  const suspect = suspects[0];
  if (!suspect) return [];
  return [
    {
      tool: "get_topology",
      input: { service: suspect },
      because: reason("call.neighbours", { service: suspect }),
    },
    {
      tool: "get_trace",
      input: { services: suspects, only_errors: true, limit: 5 },
      because: reason("call.failing", { services: list(suspects) }),
    },
  ];
}

function runbookReason({ ledger }: Session): string {
  const kind = ledger.diagnosis?.hypotheses[0]?.causeKind;
  return reason("call.runbook", { kind: kind?.replaceAll("-", " ") ?? "this" });
}

async function spent({ recorder, budget, signal }: Session): Promise<DriverEnd> {
  if (signal.aborted) return { stoppedBy: "stopped on request" };
  const { budget: which } = budget.rung();
  await recorder.append({
    kind: "budget-spent",
    budget: which,
    action: "answered with what was found",
  });
  return { stoppedBy: which };
}

function list(services: readonly string[]): string {
  if (services.length <= 3) return services.join(", ");
  return `${services.slice(0, 2).join(", ")} and ${services.length - 2} more`;
}
