import type { Analyst } from "../../core/analyst.ts";
import type { Incident } from "../../core/incident.ts";
import type { Step } from "../../core/step.ts";
import { mcpLimits } from "../limits.ts";
import type { Call, McpParts } from "../parts.ts";
import type { Facts } from "../reply.ts";

/** True once no more work is being done on it. */
export function isFinished(incident: Incident): boolean {
  return incident.state !== "queued" && incident.state !== "investigating";
}

/** What a step means to someone who watches, or null for steps of no interest. */
export function stepLine(step: Step): string | null {
  switch (step.kind) {
    case "started":
      return `started with ${step.driver}`;
    case "tool-call":
      return `${step.tool}: ${step.because}`;
    case "evidence-added":
      return `${step.evidence.id}: ${step.evidence.statement}`;
    case "hypothesis-moved":
      return `${step.to}: ${step.hypothesis.mechanism}`;
    case "gap-found":
      return `could not know ${step.gap.what}: ${step.gap.why}`;
    case "budget-spent":
      return `budget ${step.budget}: ${step.action}`;
    case "alarm-joined":
      return `alarm joined: ${step.name}`;
    case "verified":
      return `verified ${step.key}: ${step.because}`;
    case "final":
      return step.stoppedBy ? `stopped by ${step.stoppedBy}` : "report is ready";
    case "model-message":
    case "tool-result":
    case "note":
      return null;
  }
}

/** Where an investigation stands: counts, the last thing it did, what it has found so far. */
export function standOf(steps: readonly Step[]): Facts {
  const last = steps.at(-1);
  const doing = [...steps]
    .reverse()
    .map(stepLine)
    .find((line) => line !== null);
  const evidence = steps.flatMap((step) => (step.kind === "evidence-added" ? [step.evidence] : []));
  const top = [...evidence].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  const hypotheses = new Map(
    steps.flatMap((step) =>
      step.kind === "hypothesis-moved" ? [[step.hypothesis.key, step] as const] : [],
    ),
  );
  return {
    progress: {
      steps: last?.number ?? 0,
      tool_calls: last?.usage.toolCalls ?? 0,
      findings: evidence.length,
      seconds: Math.round(last?.usage.seconds ?? 0),
      doing: doing ?? "waiting for its turn",
    },
    findings: top.slice(0, mcpLimits.conciseItems).map((item) => ({
      id: item.id,
      statement: item.statement,
      ...(item.service === undefined ? {} : { service: item.service }),
    })),
    hypotheses: [...hypotheses.values()].slice(-5).map((step) => ({
      claim: step.hypothesis.mechanism,
      stands: step.to,
      because: step.because,
    })),
  };
}

/**
 * Waits until the incident's work is finished, a step after `after` exists (when given), `seconds`
 * are over or the caller goes away. The store is asked, since another replica may do the work;
 * events of this process only make it quicker.
 */
export async function waitFor(
  parts: McpParts,
  call: Call,
  wanted: { readonly incident: string; readonly seconds: number; readonly after?: number },
): Promise<void> {
  const until = parts.clock.now() + wanted.seconds * 1_000;
  let seen = wanted.after ?? 0;
  while (!call.signal.aborted) {
    const incident = await parts.analyst.incident(wanted.incident);
    if (!incident || isFinished(incident)) return;
    const steps = await parts.analyst.steps(wanted.incident, seen);
    if (steps.length > 0) {
      seen = steps.at(-1)?.number ?? seen;
      await tell(call, steps);
      if (wanted.after !== undefined) return;
    }
    const left = until - parts.clock.now();
    if (left <= 0) return;
    await nextEvent(parts, call, wanted.incident, Math.min(left, mcpLimits.pollMs));
  }
}

async function tell(call: Call, steps: readonly Step[]): Promise<void> {
  for (const step of steps.slice(-5)) {
    const line = stepLine(step);
    if (line !== null) await call.progress(step.number, line);
  }
}

/** Resolves at the next event of the incident, after `ms`, or when the call is aborted. */
async function nextEvent(parts: McpParts, call: Call, incident: string, ms: number): Promise<void> {
  const woken = new AbortController();
  const stop = parts.analyst.subscribe(incident, () => woken.abort());
  try {
    await parts.pause(ms, AbortSignal.any([woken.signal, call.signal]));
  } finally {
    stop();
  }
}

/** Stops the investigation itself when the caller who waits for it cancels the request. */
export async function cancelWith(analyst: Analyst, call: Call, incident: string): Promise<boolean> {
  if (!call.signal.aborted) return false;
  await analyst.cancel(incident, call.caller);
  return true;
}
