import { answerFromReport } from "../../agent/answer-from-report.ts";
import type { Analyst, AskOptions } from "../../core/analyst.ts";
import type { Answer } from "../../core/incident.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import type { Store } from "../../core/store.ts";
import { askWithModel } from "./ask-with-model.ts";
import type { InvestigationParts } from "./investigations.ts";
import { modelWatch } from "./model-watch.ts";

/** Answers from the saved report, or with a model when one is set. */
export async function answerQuestion(
  analyst: Analyst,
  asked: { readonly report: Report; readonly question: string; readonly options: AskOptions },
  { parts, store }: { readonly parts: InvestigationParts; readonly store: Store },
): Promise<Answer> {
  const { report, question, options } = asked;
  const language = options.language ?? report.language;
  const model = options.model ?? parts.config.model.name;
  if (model === "builtin") return answerFromReport(report, question, language);
  const steps = await analyst.steps(report.id, 0);
  const investigation = (await analyst.incident(report.id))?.investigation ?? "";
  const sink = async (step: Step) => {
    await store.steps.append(investigation, [step]);
    options.onStep?.(step);
  };
  const { principal: by, onDraft } = options;
  const run = { incident: report.id, investigation, by, onDraft };
  const watch = modelWatch({ store, clock: parts.clock }, run);
  return askWithModel(analyst, { ...asked, model, steps, sink, watch }, parts);
}
