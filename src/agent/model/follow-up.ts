import { z } from "zod";
import type { Answer } from "../../core/incident.ts";
import type { Prompts } from "../../core/prompts.ts";
import { clip } from "../../core/redaction.ts";
import type { Report } from "../../core/report.ts";
import type { Step } from "../../core/step.ts";
import { defineTool, readOnly, type Tool } from "../../core/tool.ts";
import { answerFromReport } from "../answer-from-report.ts";
import { checkClaims } from "../claim-check.ts";
import { fence } from "../fence.ts";
import type { Session } from "../session.ts";
import { toolText } from "../tool-text.ts";
import { faultName } from "./model-faults.ts";
import { readResult } from "./own-tools.ts";
import { ResultShelf } from "./result-shelf.ts";
import { type ReactRun, runReact } from "./run-react.ts";
import { modelTracing } from "./tracing.ts";

export type FollowUpOptions = Pick<ReactRun, "models" | "prices" | "retry"> & {
  readonly prompts: Prompts;
};

const evidenceMax = 60;
const savedMax = 40;

/** What the model answered; null until it has. */
interface Given {
  readonly text: string;
  readonly open: readonly string[];
}

/** The tools a follow-up has beside those of `tools/`, and what they hold. */
export interface AnswerTools {
  readonly tools: readonly Tool[];
  readonly shelf: ResultShelf;
  /** One line for each saved result: its handle and what it answered. */
  readonly saved: readonly string[];
  given(): Given | null;
}

/** A tool by which the model answers, and one that reads the results of the investigation again. */
export function answerTools(steps: readonly Step[]): AnswerTools {
  let given: Given | null = null;
  const tool = defineTool({
    name: "answer",
    title: "Answer",
    description:
      "Gives the answer and ends the work: at most five sentences, each citing evidence ids such as [E7].",
    input: z.object({
      text: z.string().max(2_000),
      open: z.array(z.string().max(300)).max(5).default([]).describe("What stays unknown"),
    }),
    output: z.object({ accepted: z.boolean() }),
    annotations: readOnly,
    costly: false,
    async run({ text, open }, { findings, alarm }) {
      const faults = checkClaims(text, findings, alarm);
      const [fault] = faults;
      if (fault && text) {
        const message = `The answer was not accepted: ${describe(fault)}.`;
        const next = "Cite an existing id in every sentence, with numbers as findings state them.";
        return { kind: "failed", reason: "invalid-input", message, next, retryable: true };
      }
      given = { text, open };
      return { kind: "data", output: { accepted: true }, findings: [], gaps: [] };
    },
  });
  const shelf = new ResultShelf();
  const saved = savedResults(steps, shelf);
  // A tool with a typed input is no Tool of any input, though the runner parses before it calls.
  const tools = [tool, readResult(shelf)] as unknown as readonly Tool[];
  return { tools, shelf, saved, given: () => given };
}

/** Puts every result of the investigation on the shelf, so that few reads have to be made again. */
function savedResults(steps: readonly Step[], shelf: ResultShelf): string[] {
  const inputs = new Map(
    steps.flatMap((s) => (s.kind === "tool-call" ? [[s.callId, JSON.stringify(s.input)]] : [])),
  );
  return steps.flatMap((step) => {
    if (step.kind !== "tool-result" || step.result.kind !== "data") return [];
    const { callId, tool, result } = step;
    const { text } = toolText(tool, result, [], Number.POSITIVE_INFINITY);
    return [`${shelf.keep(callId, text)}: ${tool} ${clip(inputs.get(callId) ?? "", 100)}`];
  });
}

/**
 * Answers a question about a finished investigation from its saved evidence, with new tool calls
 * only where needed. A model that fails or cannot cite leaves the answer to the built-in analyst.
 */
export async function answerFollowUp(
  session: Session,
  answer: AnswerTools,
  { report, question, options }: { report: Report; question: string; options: FollowUpOptions },
): Promise<Answer> {
  const [first] = options.models;
  const { language } = session.brief;
  try {
    await runReact(session, {
      ...options,
      job: "answer",
      tracing: modelTracing(),
      shelf: answer.shelf,
      ending: { name: "answer", isDone: () => answer.given() !== null },
      tools: [...session.runner.tools, ...answer.tools],
      systemPrompt: options.prompts["answer-follow-up"],
      opening: openingOf(session, report, { question, saved: answer.saved }),
    });
  } catch (error) {
    const fallback = answerFromReport(report, question, language);
    return { ...fallback, model: `builtin (after ${first.name} failed: ${faultName(error)})` };
  }
  const given = answer.given();
  if (!given?.text) {
    const fallback = answerFromReport(report, question, language);
    const open = [...new Set([...fallback.open, ...(given?.open ?? [])])];
    return { ...fallback, open, model: `builtin (after ${first.name} gave no answer)` };
  }
  const evidence = [...new Set(given.text.match(/\bE\d+\b/g) ?? [])];
  return { text: given.text, evidence, model: first.name, open: given.open };
}

function openingOf(
  { ledger, brief }: Session,
  report: Report,
  { question, saved }: { readonly question: string; readonly saved: readonly string[] },
): string {
  const statements = ledger.evidence.slice(0, evidenceMax).map((e) => `${e.id} ${e.statement}`);
  const causes = report.rootCauses.map(
    (cause) => `${cause.rank}. ${cause.mechanism} (confidence ${cause.confidence.toFixed(2)})`,
  );
  const ruledOut = report.ruledOut.map((item) => `${item.claim}: ${item.because}`);
  return [
    fence("verdict", [report.summary, ...causes].join("\n")),
    fence("ruled out", ruledOut.join("\n") || "nothing"),
    fence("evidence", statements.join("\n") || "nothing"),
    fence("saved results, for read_result", saved.slice(0, savedMax).join("\n") || "nothing"),
    fence("question", question),
    `Answer in language: ${brief.language}.`,
  ].join("\n\n");
}

function describe(fault: ReturnType<typeof checkClaims>[number]): string {
  if (fault.kind === "unknown-evidence") return `${fault.id} does not exist`;
  if (fault.kind === "unsupported-number") return `no cited finding states ${fault.number}`;
  if (fault.kind === "parroted") return "it repeats what somebody outside wrote";
  if (fault.kind === "forbidden") return "it holds a link, a command or markup";
  return "a sentence cites no evidence";
}
