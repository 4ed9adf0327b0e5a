import { HumanMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import {
  type AgentMiddleware,
  createAgent,
  modelFallbackMiddleware,
  modelRetryMiddleware,
} from "langchain";
import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";
import type { Tool } from "../../core/tool.ts";
import type { Session } from "../session.ts";
import { isRetryable } from "./model-faults.ts";
import type { OpenModel } from "./open-model.ts";
import { type ReactParts, reactMiddleware } from "./react-middleware.ts";
import type { ResultShelf } from "./result-shelf.ts";
import type { ModelTracing } from "./tracing.ts";

export interface ReactRun {
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly prices: ModelSettings["prices"];
  readonly retry: { readonly maxRetries: number; readonly initialDelayMs: number };
  readonly tracing: ModelTracing;
  readonly ending: ReactParts["ending"];
  readonly shelf: ResultShelf;
  readonly tools: readonly Tool[];
  readonly systemPrompt: string;
  readonly opening: string;
}

/** Steps of the graph; each turn takes a few. The budgets end a run long before. */
const recursionLimit = 400;

/**
 * One ReAct conversation, until the ending tool was called, the model gave up, or a budget ended it.
 * Throws `BudgetSpent`, and whatever the last model of the chain failed with.
 */
export async function runReact(session: Session, run: ReactRun): Promise<void> {
  const { models, prices, retry, tracing, ending, shelf } = run;
  const [first, ...others] = models;
  const parts = { session, ending, shelf, modelName: first.name, prices, tracing };
  const agent = createAgent({
    model: first.chat,
    tools: run.tools.map(bridged),
    systemPrompt: run.systemPrompt,
    middleware: [
      reactMiddleware(parts),
      ...(others.length > 0 ? [modelFallbackMiddleware(...others.map((m) => m.chat))] : []),
      // Its type does not fit its own parameter under exactOptionalPropertyTypes.
      modelRetryMiddleware({
        ...retry,
        retryOn: isRetryable,
        onFailure: "error",
      }) as AgentMiddleware,
    ],
  });
  const messages = [new HumanMessage(run.opening)];
  await agent.invoke({ messages }, { recursionLimit, signal: session.signal });
}

/** A tool of ours in LangChain's shape. It is never run by LangChain: the middleware does that. */
function bridged(tool: Tool) {
  const { name, description } = tool;
  const schema = z.toJSONSchema(tool.input, { io: "input" });
  return langchainTool(() => "", { name, description, schema });
}
