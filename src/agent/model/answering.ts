import type { AIMessage } from "@langchain/core/messages";
import { createMiddleware } from "langchain";
import type { ModelJob } from "../../core/step.ts";
import type { Session } from "../session.ts";
import { callModel, type ModelAnswer } from "./call-model.ts";
import type { OpenModel } from "./open-model.ts";
import type { ModelTracing } from "./tracing.ts";

/** The answer of the newest request, and the model of the chain that gave it. */
export interface Answered extends Omit<ModelAnswer, "message"> {
  readonly model: OpenModel;
}

/**
 * The innermost part of the loop, inside retries and fallbacks: every single request passes here,
 * so that each is told, traced and read by the name of the model that it really went to.
 */
export function answering(
  session: Session,
  parts: {
    readonly job: ModelJob;
    readonly models: readonly [OpenModel, ...OpenModel[]];
    readonly tracing: ModelTracing;
  },
) {
  let newest: Answered | null = null;
  const middleware = createMiddleware({
    name: "ShodoAnswering",
    async wrapModelCall(request, handler) {
      const { models, job, tracing } = parts;
      const model = models.find(({ chat }) => chat === request.model) ?? models[0];
      const messages = [request.systemMessage, ...request.messages];
      const sent = { messages, tools: request.tools.map(definition) };
      const call = { model: model.name, job, tracing };
      const ask = async (): Promise<AIMessage> => handler(request);
      const { message, ...counted } = await callModel(session, call, sent, ask);
      newest = { ...counted, model };
      return message;
    },
  });
  return { middleware, newest: (): Answered | null => newest };
}

/** What of a tool goes over the wire. */
function definition(tool: object): unknown {
  const part = (name: string): unknown => Reflect.get(tool, name);
  return { name: part("name"), description: part("description"), schema: part("schema") };
}
