import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { createMiddleware } from "langchain";
import type { Evidence } from "../../core/evidence.ts";
import { limits } from "../../core/limits.ts";
import type { ModelSettings } from "../../core/model-settings.ts";
import { redactDeep } from "../../core/redaction.ts";
import type { ModelJob } from "../../core/step.ts";
import { isJoined } from "../alarm-inbox.ts";
import { fence } from "../fence.ts";
import type { Session } from "../session.ts";
import { canonical } from "../tool-runner.ts";
import { toolText } from "../tool-text.ts";
import type { Answered } from "./answering.ts";
import { compact } from "./compaction.ts";
import { LoopGuard } from "./loop-guard.ts";
import { costOf } from "./price.ts";
import { RecordedMessages, toStored } from "./recording.ts";
import type { ResultShelf } from "./result-shelf.ts";
import type { ModelTracing } from "./tracing.ts";

/** Thrown to end a run whose budget is used up; the driver reports what was found. */
export class BudgetSpent extends Error {
  readonly budget: string;
  constructor(budget: string) {
    super(`the ${budget} are spent`);
    this.budget = budget;
  }
}

export interface ReactParts {
  readonly session: Session;
  readonly job: ModelJob;
  /** The tool that gives the answer: the only one left when the others are withdrawn. */
  readonly ending: { readonly name: string; isDone(): boolean };
  readonly shelf: ResultShelf;
  readonly prices: ModelSettings["prices"];
  readonly tracing: ModelTracing;
  /** Who gave the newest answer, and what it took. */
  readonly newest: () => Answered | null;
}

const conversationCharsMax = 90_000;
/** Times a model is asked again after an answer that cannot be used. */
const repairsMax = 2;
/** Times a model is asked to conclude once its tools are withdrawn. */
const withdrawnAsksMax = 3;
const nudgeText =
  "Most of the budget is used, or the last calls brought nothing new. Conclude with what you have.";
const lateText =
  "These alarms belong to the same incident. Say whether the cause explains them; look where it does not.";
const lateAlarmsMax = 10;
const emptyText =
  "That answer could not be used: it had no readable tool call. Call a tool with valid JSON.";
const uncounted =
  "the model's server does not say how many tokens it used: counted as one for every four bytes";

/**
 * Shodo's own part of the loop: every model call is counted against the budget, recorded before the
 * run goes on, and given again after a crash; every tool call goes through the runner.
 */
export function reactMiddleware(parts: ReactParts) {
  const { session, ending } = parts;
  const recorded = new RecordedMessages(session.recorded, parts.job);
  const guard = new LoopGuard();
  // A question's results stand beside those of the investigation and of the questions before it.
  const prefix = parts.job === "answer" ? `ask-${session.recorder.number}` : "call";
  const evidenceByCall = new Map<string, readonly Evidence[]>();
  const state = {
    isNudged: false,
    isWithdrawn: false,
    withdrawnAsks: 0,
    calls: 0,
    isUncountedTold: false,
  };

  return createMiddleware({
    name: "ShodoRun",
    async wrapModelCall(request, handler) {
      if (ending.isDone()) return new AIMessage("done");
      const ask = async (extra: readonly BaseMessage[]): Promise<AIMessage> => {
        const again = recorded.next();
        if (again) return identified(again, state, prefix);
        await session.hear();
        const hints = [...lateAlarms(session), ...hintsFor(session, state, ending.name)];
        if (state.withdrawnAsks > withdrawnAsksMax) return new AIMessage("no conclusion");
        const tools = state.isWithdrawn
          ? request.tools.filter((tool) => nameOf(tool) === ending.name)
          : request.tools;
        const messages = [
          ...compact(request.messages, conversationCharsMax, (id) => evidenceByCall.get(id) ?? []),
          ...extra,
          ...hints.map((text) => new HumanMessage(text)),
        ];
        const answer = await handler({ ...request, messages, tools });
        await record(parts, answer, state);
        return identified(answer, state, prefix);
      };
      return usable(ask);
    },
    async wrapToolCall(request) {
      const { name, args, id } = request.toolCall;
      const { runner } = session;
      const call = await parts.tracing.tool(name, () =>
        runner.call(name, args, "asked by the model", id),
      );
      const key = id ?? call.callId;
      evidenceByCall.set(key, call.evidence);
      const advice = guard.observe(`${name} ${canonical(args)}`, call.result.kind === "failed");
      if (advice === "nudge") state.isNudged = true;
      if (advice === "withdraw") state.isWithdrawn = true;
      return new ToolMessage({ content: shownText(parts, name, call), tool_call_id: key, name });
    },
  });
}

/**
 * Asks until the answer has a tool call that can be read, or is plain text; a few times at most.
 */
async function usable(ask: (extra: readonly BaseMessage[]) => Promise<AIMessage>) {
  let answer = await ask([]);
  for (let repair = 0; repair < repairsMax && !isUsable(answer); repair += 1) {
    answer = await ask([new HumanMessage(emptyText)]);
  }
  return isUsable(answer) ? answer : new AIMessage("no usable answer");
}

function isUsable(answer: AIMessage): boolean {
  return (answer.tool_calls?.length ?? 0) > 0;
}

/**
 * Alarms that joined meanwhile: said at every turn, since hints are no part of the conversation.
 */
function lateAlarms({ ledger }: Session): string[] {
  const joined = ledger.evidence.filter(isJoined);
  if (joined.length === 0) return [];
  const lines = joined
    .slice(-lateAlarmsMax)
    .map(({ id, statement, quote }) => `${id} ${statement}${quote ? ` | ${quote}` : ""}`);
  return [`${lateText}\n${fence("alarms that joined", lines.join("\n"))}`];
}

function hintsFor(
  session: Session,
  state: { isNudged: boolean; isWithdrawn: boolean; withdrawnAsks: number },
  ending: string,
): string[] {
  const { rung, budget } = session.budget.rung();
  if (session.signal.aborted) throw new BudgetSpent("time allowed by the caller");
  if (rung === "stop") throw new BudgetSpent(budget);
  if (rung === "answer-now") state.isWithdrawn = true;
  if (state.isWithdrawn) state.withdrawnAsks += 1;
  const isDeaf = state.withdrawnAsks > withdrawnAsksMax;
  if (isDeaf && rung === "answer-now") throw new BudgetSpent(budget);
  if (state.isWithdrawn)
    return [`The tools are withdrawn. Call ${ending} now with what the evidence shows.`];
  if (rung === "nudge" || state.isNudged) return [nudgeText];
  return [];
}

function nameOf(tool: unknown): unknown {
  return typeof tool === "object" && tool !== null && "name" in tool ? tool.name : null;
}

async function record(
  parts: ReactParts,
  answer: AIMessage,
  state: { isUncountedTold: boolean },
): Promise<void> {
  const { session, prices, job } = parts;
  const answered = parts.newest();
  const model = answered?.model.name ?? "unknown";
  const { input, output } = answered?.tokens ?? { input: 0, output: 0 };
  const costUsd = costOf(model, { input, output }, prices);
  session.budget.spendModelCall({ input, output, costUsd });
  if (answered?.isEstimated && !state.isUncountedTold) {
    state.isUncountedTold = true;
    await session.recorder.append({ kind: "note", text: uncounted });
  }
  await session.recorder.append({
    kind: "model-message",
    job,
    model,
    text: redactDeep(answer.text),
    inputTokens: input,
    outputTokens: output,
    costUsd,
    message: toStored(answer),
  });
}

/**
 * Gives every answer and every call an id of our own: gateways repeat ids, and the loop would take
 * the later message for a correction of the earlier one.
 */
function identified(answer: AIMessage, state: { calls: number }, prefix: string): AIMessage {
  state.calls += 1;
  const turn = state.calls;
  const calls = (answer.tool_calls ?? []).map((call, i) => {
    return { ...call, id: `${prefix}-${turn}-${i}` };
  });
  return new AIMessage({
    id: `answer-${turn}`,
    content: answer.text,
    tool_calls: calls,
    additional_kwargs: answer.additional_kwargs,
    ...(answer.usage_metadata ? { usage_metadata: answer.usage_metadata } : {}),
  });
}

/**
 * The result as the model reads it; the whole is kept, whether it is cut now or compacted later.
 */
function shownText(
  { shelf }: ReactParts,
  name: string,
  { callId, result, evidence }: Awaited<ReturnType<Session["runner"]["call"]>>,
): string {
  const { text, isCut } = toolText(name, result, evidence, limits.toolResultCharsMax);
  const whole = isCut ? toolText(name, result, evidence, Number.POSITIVE_INFINITY).text : text;
  const handle = shelf.keep(callId, whole);
  return isCut ? `${text}\nThe result was cut; its handle for read_result is ${handle}.` : text;
}
