import { Ledger } from "../../agent/ledger.ts";
import type { Watch } from "../../agent/session.ts";
import type { Analyst, AskOptions } from "../../core/analyst.ts";
import type { Answer } from "../../core/incident.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import { openSession } from "../../investigate.ts";
import { openModels } from "./drivers.ts";
import { type InvestigationParts, openSubject } from "./investigations.ts";
import { requestFor } from "./tool-calls.ts";

/** What one question may use: a few looks, not another investigation. */
const limits = {
  toolCalls: 8,
  seconds: 90,
  bytesScanned: 5_000_000_000,
  modelCalls: 8,
  tokens: 120_000,
  costUsd: 0.5,
} as const;

/** Asks a model about an incident; it sees the saved evidence and may look further a little. */
export async function askWithModel(
  analyst: Analyst,
  asked: {
    readonly report: Report;
    readonly question: string;
    readonly model: string;
    readonly options: AskOptions;
    readonly steps: readonly Step[];
    readonly sink: (step: Step) => Promise<void>;
    readonly watch: Watch;
  },
  parts: InvestigationParts,
): Promise<Answer> {
  const { report, question, model, options, steps, sink, watch } = asked;
  const [{ answerFollowUp, answerTools }, models] = await Promise.all([
    import("../../agent/model/follow-up.ts"),
    openModels(model, parts.config),
  ]);
  const signal = options.signal ?? new AbortController().signal;
  const { principal } = options;
  const request = await requestFor(analyst, { incident: report.id, window: null, principal });
  const subject = await openSubject(request, parts, signal);
  try {
    const { alarm, title, window, telemetry, kpis, slos } = subject;
    const { tools, runbooks, priority, clock } = parts;
    const answer = answerTools(steps);
    const language = options.language ?? report.language;
    const baseline = subject.baseline ?? window;
    const input = {
      incident: report.id,
      ...{ title, alarm, question, window, baseline, language, telemetry, tools, runbooks },
      ...{ kpis, slos, priority, limits, clock, sink, watch, signal },
      driver: { tools: answer.tools },
      recorded: [],
    };
    const ledger = Ledger.fromSteps(steps);
    const after = steps.at(-1)?.number ?? 0;
    const session = openSession({ ...input, after }, { window, baseline }, ledger);
    return await answerFollowUp(session, answer, { report, question, options: models });
  } finally {
    await subject.close();
  }
}
