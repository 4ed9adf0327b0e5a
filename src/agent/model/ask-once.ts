import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";
import type { Session } from "../session.ts";
import { callModel } from "./call-model.ts";
import { DraftListener } from "./draft-listener.ts";
import type { OpenModel } from "./open-model.ts";
import { costOf } from "./price.ts";
import { RecordedMessages, toStored } from "./recording.ts";
import type { ModelTracing } from "./tracing.ts";

/** A model call outside the loop: one question, one forced tool call as the answer. */
export interface OneQuestion<Answer extends z.ZodObject> {
  readonly job: "verify" | "narrate";
  readonly model: OpenModel;
  readonly systemPrompt: string;
  readonly question: string;
  readonly answer: { readonly name: string; readonly schema: Answer };
}

/**
 * Asks once, counts and records the call, and returns the parsed answer; null when the model failed
 * or answered something else. A recorded answer of an interrupted run is given again.
 */
export async function askOnce<Answer extends z.ZodObject>(
  session: Session,
  { job, model, systemPrompt, question, answer }: OneQuestion<Answer>,
  options: { readonly prices: ModelSettings["prices"]; readonly tracing: ModelTracing },
): Promise<z.infer<Answer> | null> {
  const { budget, recorder, signal } = session;
  const recorded = new RecordedMessages(session.recorded, job).next();
  if (recorded) return parsed(recorded.tool_calls, answer.schema);
  if (budget.rung().rung === "stop" || signal.aborted) return null;
  try {
    const schema = z.toJSONSchema(answer.schema, { io: "input" });
    const { name } = answer;
    const only = langchainTool(() => "", { name, description: `Gives the ${name}.`, schema });
    const bound = model.chat.bindTools?.([only], { tool_choice: name });
    if (!bound) return null;
    const messages = [new SystemMessage(systemPrompt), new HumanMessage(question)];
    const call = { model: model.name, job, tracing: options.tracing };
    const callbacks = [new DraftListener(session)];
    const ask = () => bound.invoke(messages, { signal, callbacks });
    const sent = { messages, tools: [{ name, schema }] };
    const { message: said, tokens } = await callModel(session, call, sent, ask);
    const { input, output } = tokens;
    const costUsd = costOf(model.name, { input, output }, options.prices);
    budget.spendModelCall({ input, output, costUsd });
    await recorder.append({
      kind: "model-message",
      job,
      model: model.name,
      text: name,
      inputTokens: input,
      outputTokens: output,
      costUsd,
      message: toStored(said),
    });
    return parsed(said.tool_calls, answer.schema);
  } catch {
    // Whatever the model's server did: what depends on this answer is left out.
    return null;
  }
}

function parsed<Answer extends z.ZodObject>(
  calls: readonly { readonly args: unknown }[] | undefined,
  schema: Answer,
): z.infer<Answer> | null {
  const result = schema.safeParse(calls?.[0]?.args);
  return result.success ? result.data : null;
}
