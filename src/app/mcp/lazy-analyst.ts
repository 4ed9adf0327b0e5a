import type { Analyst, IncidentEvent } from "../../core/analyst.ts";
import type { Tool } from "../../core/tool.ts";

/**
 * An analyst that is opened at the first question: a client of MCP asks for the tool list at once,
 * and that answer must not wait for a database. Watching alone does not open it, since before the
 * first question nothing can happen.
 */
export function lazyAnalyst(tools: readonly Tool[], open: () => Promise<Analyst>): Analyst {
  let opened: Promise<Analyst> | null = null;
  const waiting = new Set<(analyst: Analyst) => void>();
  const get = (): Promise<Analyst> => {
    opened ??= open().then((analyst) => {
      for (const attach of waiting) attach(analyst);
      waiting.clear();
      return analyst;
    });
    return opened;
  };
  return {
    tools,
    runbooks: [],
    subscribe: (incident, listener) => attachLater(waiting, opened, incident, listener),
    start: async (request) => (await get()).start(request),
    investigate: async (request, signal) => (await get()).investigate(request, signal),
    cancel: async (incident, by) => (await get()).cancel(incident, by),
    ask: async (incident, question, options) => (await get()).ask(incident, question, options),
    incident: async (id) => (await get()).incident(id),
    incidents: async (filter) => (await get()).incidents(filter),
    report: async (incident) => (await get()).report(incident),
    steps: async (incident, after) => (await get()).steps(incident, after),
    acknowledge: async (incident, by) => (await get()).acknowledge(incident, by),
    overridePriority: async (incident, level, reason, by) =>
      (await get()).overridePriority(incident, level, reason, by),
    decide: async (decision) => (await get()).decide(decision),
    feedback: async (incident, verdict, reason, by) =>
      (await get()).feedback(incident, verdict, reason, by),
    call: async (tool, input, scope) => (await get()).call(tool, input, scope),
  };
}

function attachLater(
  waiting: Set<(analyst: Analyst) => void>,
  opened: Promise<Analyst> | null,
  incident: string | "all",
  listener: (event: IncidentEvent) => void,
): () => void {
  let isWanted = true;
  let stop = () => {};
  const attach = (analyst: Analyst) => {
    if (isWanted) stop = analyst.subscribe(incident, listener);
  };
  if (opened) opened.then(attach, () => undefined);
  else waiting.add(attach);
  return () => {
    isWanted = false;
    waiting.delete(attach);
    stop();
  };
}
