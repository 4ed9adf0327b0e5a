import { z } from "zod";
import type { ModelSettings } from "../../core/model-settings.ts";
import type { Prompts } from "../../core/prompts.ts";
import { reason } from "../../core/reasons.ts";
import type { Runbook } from "../../core/runbook.ts";
import { builtinDriver } from "../builtin-policy.ts";
import { checkClaims } from "../claim-check.ts";
import { firstMessage } from "../first-message.ts";
import type { Driver, DriverEnd, Session } from "../session.ts";
import { askOnce } from "./ask-once.ts";
import { faultName } from "./model-faults.ts";
import type { OpenModel } from "./open-model.ts";
import { type OwnTools, ownTools } from "./own-tools.ts";
import { priceWarning } from "./price.ts";
import { BudgetSpent } from "./react-middleware.ts";
import { ResultShelf } from "./result-shelf.ts";
import { runReact } from "./run-react.ts";
import { type ModelTracing, modelTracing } from "./tracing.ts";
import { verifyWithModel } from "./verify-pass.ts";

export interface ReactDriverOptions {
  /** Tried in order; when all fail the built-in analyst finishes. */
  readonly models: readonly [OpenModel, ...OpenModel[]];
  readonly verifier: OpenModel | null;
  readonly prompts: Prompts;
  readonly runbooks: readonly Runbook[];
  readonly prices: ModelSettings["prices"];
  readonly retry: { readonly maxRetries: number; readonly initialDelayMs: number };
  readonly tracing?: ModelTracing;
}

/** Reads made before the model is asked, so that its first message says what is known already. */
const ground = [
  { tool: "find_anomalies", because: reason("call.anomalies") },
  { tool: "measure_business_impact", because: reason("call.impact") },
  { tool: "rank_root_causes", because: reason("call.causes") },
] as const;

/**
 * A ReAct agent on the shared runner and ledger. Code computes a ranking first; the model tests it,
 * looks further, and may reorder what is unsettled. Whatever the model does or fails to do, the
 * computed ranking remains, so that a run with a model is not worse than one without.
 */
export function reactDriver(options: ReactDriverOptions): Driver {
  const shelf = new ResultShelf();
  const own = ownTools(shelf);
  const tracing = options.tracing ?? modelTracing();
  const { name } = options.models[0];
  return {
    name,
    tools: own.tools,
    async run(session) {
      for (const move of ground) {
        if (session.runner.isSpent) return builtinDriver.run(session);
        await session.runner.call(move.tool, {}, move.because);
      }
      await tellUnpriced(session, options);
      return tracing.run("shodo", () => converse(session, own, shelf, { ...options, tracing }));
    },
  };
}

/** Before the first request; a run that goes on has said it. */
async function tellUnpriced(session: Session, options: ReactDriverOptions): Promise<void> {
  const { models, verifier, prices } = options;
  const names = new Set([...models, ...(verifier ? [verifier] : [])].map(({ name }) => name));
  const text = priceWarning([...names], prices, session.budget.limits);
  const isTold = session.recorded.some((step) => step.kind === "model-message");
  if (text && !isTold) await session.recorder.append({ kind: "note", text });
}

type Converse = ReactDriverOptions & { readonly tracing: ModelTracing };

async function converse(
  session: Session,
  own: OwnTools,
  shelf: ResultShelf,
  options: Converse,
): Promise<DriverEnd> {
  const [first] = options.models;
  const computed = session.ledger.diagnosis;
  try {
    await runAgent(session, own, shelf, options);
  } catch (error) {
    if (error instanceof BudgetSpent || session.signal.aborted) return endOfBudget(session, error);
    return fallBack(session, first.name, error);
  }
  const conclusion = own.conclusion();
  if (!conclusion) {
    await session.recorder.append({ kind: "note", text: "the model ended without a conclusion" });
    const end = await builtinDriver.run(session);
    return { ...end, model: `builtin (after ${first.name} gave no conclusion)` };
  }
  const verified = await verifyWithModel(session, options);
  if (conclusion.isReordered && !verified && computed) {
    // Not reviewed is not accepted: the computed order comes back.
    session.ledger.rank(computed);
    await session.recorder.append({ kind: "note", text: "the reordering was not verified" });
  }
  const narrative =
    (await acceptedNote(conclusion.note, session)) ??
    (await acceptedNote(await writeNarrative(session, options), session));
  return { stoppedBy: null, model: first.name, ...(narrative ? { narrative } : {}) };
}

async function runAgent(
  session: Session,
  own: OwnTools,
  shelf: ResultShelf,
  options: Converse,
): Promise<void> {
  const isDone = () => own.conclusion() !== null;
  const ending = { name: "conclude", isDone };
  await runReact(session, {
    ...options,
    job: "investigate",
    ending,
    shelf,
    tools: [...session.runner.tools, ...own.tools],
    systemPrompt: options.prompts.investigate,
    opening: firstMessage(session, options.runbooks),
  });
}

/** The story asked for on its own, when the conclusion brought none that could be shown. */
async function writeNarrative(session: Session, options: Converse): Promise<string> {
  const answer = await askOnce(
    session,
    {
      job: "narrate",
      model: options.models[0],
      systemPrompt: options.prompts["write-narrative"],
      question: firstMessage(session, []),
      answer: { name: "narrative", schema: narrativeSchema },
    },
    options,
  );
  return answer?.text ?? "";
}

const narrativeSchema = z.object({ text: z.string().max(2_000) });

/** The model's note, if it is in the language asked for and every claim in it holds; else null. */
async function acceptedNote(
  note: string,
  { brief, ledger, recorder }: Session,
): Promise<string | null> {
  if (!note) return null;
  const first = ledger.diagnosis?.hypotheses[0];
  const subject = first?.service ?? first?.change?.ref ?? null;
  const isOnVerdict = subject === null || note.toLowerCase().includes(subject.toLowerCase());
  const faults = checkClaims(note, ledger.evidence, brief.alarm).map((fault) => fault.kind);
  const reasons = [
    ...new Set(faults),
    ...(isOnVerdict ? [] : ["not about the verdict"]),
    ...(isWrittenIn(note, brief.language) ? [] : ["not in the language asked for"]),
  ];
  if (reasons.length === 0) return note;
  const text = `the model's note was dropped: ${reasons.join(", ")}`;
  await recorder.append({ kind: "note", text });
  return null;
}

/**
 * English may quote a Japanese log line; Japanese cannot do without kana. Others are not judged.
 */
function isWrittenIn(note: string, language: string): boolean {
  const count = (letters: RegExp) => note.match(letters)?.length ?? 0;
  if (language.startsWith("ja")) {
    return count(/[\p{Script=Hiragana}\p{Script=Katakana}]/gu) > 0;
  }
  const japanese = count(/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu);
  return !language.startsWith("en") || japanese * 3 < count(/\p{L}/gu);
}

async function endOfBudget(session: Session, error: unknown): Promise<DriverEnd> {
  const isStopped = session.signal.aborted;
  const budget = error instanceof BudgetSpent ? error.budget : "time";
  if (!isStopped) {
    const action = "answered with what was found";
    await session.recorder.append({ kind: "budget-spent", budget, action });
  }
  return { stoppedBy: isStopped ? "stopped on request" : budget };
}

/** The model cannot go on: the built-in analyst finishes, and the report says so. */
async function fallBack(session: Session, name: string, error: unknown): Promise<DriverEnd> {
  const why = faultName(error);
  await session.recorder.append({ kind: "note", text: `${name} failed: ${why}` });
  const end = await builtinDriver.run(session);
  return { ...end, model: `builtin (after ${name} failed: ${why})` };
}
