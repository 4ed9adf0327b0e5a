import { HumanMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { type AgentMiddleware, createAgent, modelRetryMiddleware } from "langchain";
import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";
import type { ModelJob } from "../../core/step.ts";
import type { Tool } from "../../core/tool.ts";
import type { Session } from "../session.ts";
import { answering } from "./answering.ts";
import { DraftListener } from "./draft-listener.ts";
import { fallbackChain } from "./fallback-chain.ts";
import { causesOf, retryRule } from "./model-faults.ts";
import type { OpenModel } from "./open-model.ts";
import { BudgetSpent, type ReactParts, reactMiddleware } from "./react-middleware.ts";
import type { ResultShelf } from "./result-shelf.ts";
import type { ModelTracing } from "./tracing.ts";

export interface ReactRun {
  readonly job: ModelJob;
  /** Tried in order. */
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
/** Longest time that a timer can hold. */
const timerMaxMs = 2_147_483_647;

/**
 * One ReAct conversation, until the ending tool was called, the model gave up, or a budget ended
 * it. Throws `BudgetSpent`, and whatever the last model of the chain failed with.
 */
export async function runReact(session: Session, run: ReactRun): Promise<void> {
  const { models, job, prices, retry, tracing, ending, shelf } = run;
  const [first] = models;
  const innermost = answering(session, { job, models, tracing });
  const { newest } = innermost;
  const agent = createAgent({
    model: first.chat,
    tools: run.tools.map(bridged),
    systemPrompt: run.systemPrompt,
    middleware: [
      reactMiddleware({ session, job, ending, shelf, prices, tracing, newest }),
      fallbackChain(session, models),
      // Its type does not fit its own parameter under exactOptionalPropertyTypes.
      modelRetryMiddleware({
        ...retry,
        retryOn: retryRule(),
        onFailure: "error",
      }) as AgentMiddleware,
      innermost.middleware,
    ],
  });
  const messages = [new HumanMessage(run.opening)];
  const callbacks = [new DraftListener(session)];
  const signal = withinTime(session);
  try {
    await agent.invoke({ messages }, { recursionLimit, signal, callbacks });
  } catch (error) {
    const { rung, budget } = session.budget.rung();
    if (rung === "stop" && !session.signal.aborted) throw new BudgetSpent(budget);
    // Layers of middleware wrap what ended the run.
    throw causesOf(error).find((each) => each instanceof BudgetSpent) ?? error;
  }
}

/** Also aborts what hangs when the seconds of the budget are over. */
function withinTime({ budget, signal }: Session): AbortSignal {
  const leftMs = Math.ceil((budget.limits.seconds - budget.usage.seconds) * 1000);
  const timer = AbortSignal.timeout(Math.min(Math.max(leftMs, 0), timerMaxMs));
  return AbortSignal.any([signal, timer]);
}

/** A tool of ours in LangChain's shape. It is never run by LangChain: the middleware does that. */
function bridged(tool: Tool) {
  const { name, description } = tool;
  const schema = z.toJSONSchema(tool.input, { io: "input" });
  return langchainTool(() => "", { name, description, schema });
}
