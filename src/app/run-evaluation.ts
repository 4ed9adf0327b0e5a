import type { EvaluateOptions, EvaluationText } from "../cli/runtime.ts";
import { evaluate } from "../eval/evaluate.ts";
import { evaluationText } from "../eval/table.ts";
import { openAnalyst } from "./open-analyst.ts";
import type { Platform } from "./platform.ts";

/** Scores the analyst on a suite, with a store that is gone afterwards. */
export async function runEvaluation(
  options: EvaluateOptions,
  { clock, ids }: Platform,
): Promise<EvaluationText> {
  const { suite, repeat, only, alarmAtVictim, progress, signal, configFile, model } = options;
  const storePath = ":memory:";
  const opened = await openAnalyst({ configFile, model, clock, ids, storePath });
  try {
    const chosen = { suite, repeat, only, alarmAtVictim, model: model ?? null, progress, signal };
    const evaluation = await evaluate(opened.analyst, chosen);
    return { text: evaluationText(evaluation), json: evaluation };
  } finally {
    await opened.close();
  }
}
