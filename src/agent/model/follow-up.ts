import { z } from "zod";
import type { Answer } from "../../core/incident.ts";
import type { Prompts } from "../../core/prompts.ts";
import type { Report } from "../../core/report.ts";
import { defineTool, readOnly, type Tool } from "../../core/tool.ts";
import { answerFromReport } from "../answer-from-report.ts";
import { checkClaims } from "../claim-check.ts";
import { fence } from "../fence.ts";
import type { Session } from "../session.ts";
import { faultName } from "./model-faults.ts";
import { ResultShelf } from "./result-shelf.ts";
import { type ReactRun, runReact } from "./run-react.ts";
import { modelTracing } from "./tracing.ts";

export type FollowUpOptions = Pick<ReactRun, "models" | "prices" | "retry"> & {
  readonly prompts: Prompts;
};

const evidenceMax = 60;

/** What the model answered; null until it has. */
interface Given {
  readonly text: string;
  readonly open: readonly string[];
}

/** A tool by which the model answers, and what it answered. */
export function answerTool(): { readonly tool: Tool; given(): Given | null } {
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
    async run({ text, open }, { findings }) {
      const faults = checkClaims(text, findings);
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
  return { tool: tool as unknown as Tool, given: () => given };
}

/**
 * Answers a question about a finished investigation from its saved evidence, with new tool calls only
 * where needed. A model that fails or cannot cite leaves the answer to the built-in analyst.
 */
export async function answerFollowUp(
  session: Session,
  answer: ReturnType<typeof answerTool>,
  { report, question, options }: { report: Report; question: string; options: FollowUpOptions },
): Promise<Answer> {
  const [first] = options.models;
  const { language } = session.brief;
  try {
    await runReact(session, {
      ...options,
      job: "answer",
      tracing: modelTracing(),
      shelf: new ResultShelf(),
      ending: { name: "answer", isDone: () => answer.given() !== null },
      tools: [...session.runner.tools, answer.tool],
      systemPrompt: options.prompts["answer-follow-up"],
      opening: openingOf(session, report, question),
    });
  } catch (error) {
    const fallback = answerFromReport(report, question, language);
    return { ...fallback, model: `builtin (after ${first.name} failed: ${faultName(error)})` };
  }
  const given = answer.given();
  if (!given) {
    const fallback = answerFromReport(report, question, language);
    return { ...fallback, model: `builtin (after ${first.name} gave no answer)` };
  }
  const evidence = [...new Set(given.text.match(/\bE\d+\b/g) ?? [])];
  return { text: given.text, evidence, model: first.name, open: given.open };
}

function openingOf({ ledger, brief }: Session, report: Report, question: string): string {
  const statements = ledger.evidence.slice(0, evidenceMax).map((e) => `${e.id} ${e.statement}`);
  const causes = report.rootCauses.map(
    (cause) => `${cause.rank}. ${cause.mechanism} (confidence ${cause.confidence.toFixed(2)})`,
  );
  const ruledOut = report.ruledOut.map((item) => `${item.claim}: ${item.because}`);
  return [
    fence("verdict", [report.summary, ...causes].join("\n")),
    fence("ruled out", ruledOut.join("\n") || "nothing"),
    fence("evidence", statements.join("\n") || "nothing"),
    fence("question", question),
    `Answer in language: ${brief.language}.`,
  ].join("\n\n");
}

function describe(fault: ReturnType<typeof checkClaims>[number]): string {
  if (fault.kind === "unknown-evidence") return `${fault.id} does not exist`;
  if (fault.kind === "unsupported-number") return `no cited finding states ${fault.number}`;
  if (fault.kind === "forbidden") return "it holds a link, a command or markup";
  return "a sentence cites no evidence";
}
