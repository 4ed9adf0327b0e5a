import { HumanMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { z } from "zod";
import { faultName } from "./model-faults.ts";
import type { OpenModel } from "./open-model.ts";

/** What one tiny real call showed. */
export interface ModelCheck {
  readonly isReady: boolean;
  readonly line: string;
}

const question = "Call the tool `ready` with ok set to true.";

/** Makes one tiny call and says whether the model answers, how fast, and whether it calls tools. */
export async function checkModel(
  { name, chat }: OpenModel,
  clock: { now(): number },
  signal: AbortSignal,
): Promise<ModelCheck> {
  const startedAt = clock.now();
  const schema = z.toJSONSchema(z.object({ ok: z.boolean() }));
  const ready = langchainTool(() => "", { name: "ready", description: "Says it works.", schema });
  try {
    const bound = chat.bindTools?.([ready]);
    if (!bound) return { isReady: false, line: `${name}: its adapter cannot call tools` };
    const answer = await bound.invoke([new HumanMessage(question)], { signal });
    const took = `${clock.now() - startedAt} ms`;
    const calls = answer.tool_calls?.some((call) => call.name === "ready") ?? false;
    const line = calls
      ? `${name}: answers in ${took} and calls tools`
      : `${name}: answers in ${took} but did not call a tool; choose a model that supports tools`;
    return { isReady: calls, line };
  } catch (error) {
    const line = `${name}: failed (${faultName(error)}); check the key, the base URL and the name`;
    return { isReady: false, line };
  }
}
