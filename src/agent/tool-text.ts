import type { Evidence } from "../core/evidence.ts";
import { clip } from "../core/redaction.ts";
import type { ToolResult } from "../core/tool.ts";
import { fence } from "./fence.ts";

/** A tool's result as a model reads it: our own sentences, then the data in a fence. */
export interface ToolText {
  readonly text: string;
  /** True when the fenced data was cut and the whole should be kept beside the steps. */
  readonly isCut: boolean;
}

/** The name under which the whole result of a call can be read on. */
export function handleOf(callId: string): string {
  return `result-${callId}`;
}

/** Says what came of a call. Evidence ids stand before the statements they belong to. */
export function toolText(
  name: string,
  result: ToolResult,
  evidence: readonly Evidence[],
  charsMax: number,
): ToolText {
  if (result.kind === "failed") {
    return { text: `FAILED ${result.message} ${result.next}`, isCut: false };
  }
  if (result.kind === "empty") {
    const why = result.reasons.join(" ");
    return {
      text: fence(name, `EMPTY: searched ${result.searched}. ${why} Next: ${result.next}`),
      isCut: false,
    };
  }
  const lines = evidence.map(({ id, statement }) => `${id} ${statement}`);
  const rest = evidence.length > 0 ? withoutFindings(result.output) : result.output;
  const body = [...lines, ...(rest === null ? [] : [JSON.stringify(rest)])].join("\n");
  const isCut = body.length > charsMax;
  const notes = [
    ...result.gaps.map((gap) => `not known: ${gap.what}: ${gap.why}`),
    ...(result.truncated
      ? [
          `shown ${result.truncated.shown} of ${result.truncated.total ?? "more"}: ${result.truncated.next}`,
        ]
      : []),
  ];
  return { text: [fence(name, clip(body, charsMax)), ...notes].join("\n"), isCut };
}

/** The output without the rows that the evidence lines already say; null when nothing is left. */
function withoutFindings(output: unknown): unknown {
  if (!output || typeof output !== "object" || !("findings" in output)) return output;
  const { findings: _, ...rest } = output;
  return Object.keys(rest).length > 0 ? rest : null;
}
