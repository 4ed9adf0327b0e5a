import { z } from "zod";
import type { Diagnosis, Hypothesis } from "../../core/hypothesis.ts";
import { limits } from "../../core/limits.ts";
import {
  defineTool,
  readOnly,
  type Tool,
  type ToolContext,
  type ToolResult,
} from "../../core/tool.ts";
import { checkReason } from "../claim-check.ts";
import { isUndisputed } from "../undisputed.ts";
import type { ResultShelf } from "./result-shelf.ts";

/** What the model answered with `conclude`; null until it has. */
export interface Conclusion {
  readonly primary: string;
  readonly note: string;
  /** Whether the answer changed the computed order. */
  readonly isReordered: boolean;
}

export interface OwnTools {
  readonly tools: readonly Tool[];
  conclusion(): Conclusion | null;
}

const keysMax = 8;
/** Only causes this near the top may be moved to the first place. */
const reachMax = 3;
const citationsMin = 2;

/** The tools a model has beside those of `tools/`: they move the ledger and end the run. */
export function ownTools(shelf: ResultShelf): OwnTools {
  let conclusion: Conclusion | null = null;
  const conclude = defineTool({
    name: "conclude",
    title: "Conclude",
    description:
      "Gives the answer and ends the work. `primary` is the key of a computed cause. A note of 3-5 sentences, each citing evidence ids, numbers only as findings state them.",
    input: z.object({
      primary: z.string().max(300).describe("Key of the cause, from the computed ranking"),
      because: z.string().max(600),
      evidence: z.array(z.string().max(10)).max(20).describe("Ids that support it, e.g. E7"),
      note: z.string().max(2000).default(""),
    }),
    output: z.object({ accepted: z.boolean(), reason: z.string() }),
    annotations: readOnly,
    costly: false,
    async run(input, context) {
      const judged = judge(input.primary, input.evidence, context);
      if (judged.kind === "failed") return judged;
      conclusion = { primary: input.primary, note: input.note, isReordered: judged.isReordered };
      const output = { accepted: true, reason: judged.reason };
      const diagnosis = judged.diagnosis ? { diagnosis: judged.diagnosis } : {};
      return { kind: "data", output, findings: [], gaps: [], ...diagnosis };
    },
  });
  // A tool with a typed input is no Tool of any input, though the runner parses before it calls.
  const tools = [recordHypothesis, readResult(shelf), conclude] as unknown as readonly Tool[];
  return { tools, conclusion: () => conclusion };
}

const recordHypothesis = defineTool({
  name: "record_hypothesis",
  title: "Record hypothesis",
  description: "Marks a computed cause as proposed, supported or refuted, citing evidence ids.",
  input: z.object({
    key: z.string().max(300),
    state: z.enum(["proposed", "supported", "refuted"]),
    because: z.string().max(400),
    evidence: z.array(z.string().max(10)).min(1).max(20),
  }),
  output: z.object({ recorded: z.boolean() }),
  annotations: readOnly,
  costly: false,
  async run({ key, state, because, evidence }, context) {
    const hypothesis = context.diagnosis?.hypotheses.find((each) => each.key === key);
    if (!hypothesis) return unknownKey(key, context.diagnosis);
    const unknown = unknownIds(evidence, context);
    if (unknown.length > 0) return unknownEvidence(unknown);
    // People see the reason as it is: it has to hold like any other sentence of a model.
    const faults = checkReason(because, evidence, context.findings, context.alarm);
    if (faults.length > 0) return unsoundReason;
    const moves = [{ hypothesis, to: state, because, evidence }];
    return { kind: "data", output: { recorded: true }, findings: [], gaps: [], moves };
  },
});

/** Reads on in what the shelf keeps. */
export function readResult(shelf: ResultShelf) {
  return defineTool({
    name: "read_result",
    title: "Read result",
    description: "Reads on in a result that was too long: a text to find in it, or an offset.",
    input: z.object({
      handle: z.string().max(100),
      find: z.string().max(200).optional(),
      offset: z.number().int().min(0).default(0),
    }),
    output: z.object({ text: z.string(), total_chars: z.number() }),
    annotations: readOnly,
    costly: false,
    async run({ handle, find, offset }) {
      const read = shelf.read(handle, { find, offset });
      if (!read) {
        const next = "Use a handle that a result named.";
        return failed(`There is no result "${handle}".`, next);
      }
      const output = { text: read.text, total_chars: read.total };
      return { kind: "data", output, findings: [], gaps: [] };
    },
  });
}

type Judged =
  | Extract<ToolResult, { kind: "failed" }>
  | {
      readonly kind: "judged";
      readonly isReordered: boolean;
      readonly reason: string;
      readonly diagnosis: Diagnosis | null;
    };

/**
 * The computed order stands wherever the report would call its first cause likely, and wherever
 * that cause is undisputed. Else a choice near the top that rests on findings computed for that
 * very cause goes first, no surer than what it replaces: the report still says that nothing is
 * established.
 */
function judge(key: string, evidence: readonly string[], context: ToolContext): Judged {
  const { diagnosis } = context;
  const place = diagnosis?.hypotheses.findIndex((each) => each.key === key) ?? -1;
  const chosen = diagnosis?.hypotheses[place];
  if (!diagnosis || !chosen) return unknownKey(key, diagnosis);
  const unknown = unknownIds(evidence, context);
  if (unknown.length > 0) return unknownEvidence(unknown);
  const stays = (reason: string): Judged => {
    return { kind: "judged", isReordered: false, reason, diagnosis: null };
  };
  if (place === 0) return stays("The computed ranking says the same.");
  const [first] = diagnosis.hypotheses;
  if (first && (first.confidence >= limits.likelyConfidenceMin || isUndisputed(first))) {
    return stays("Noted; the computed first cause is settled and stays first.");
  }
  if (place >= reachMax) return stays("Noted; that cause is too far down to go first.");
  const keys = new Set(context.findings.filter((e) => evidence.includes(e.id)).map((e) => e.key));
  if (chosen.supporting.filter((each) => keys.has(each)).length < citationsMin) {
    return stays(`Noted; to go first it needs ${citationsMin} of the findings that support it.`);
  }
  const reason = "The cause goes first.";
  return { kind: "judged", isReordered: true, reason, diagnosis: moved(diagnosis, chosen) };
}

function moved(diagnosis: Diagnosis, chosen: Hypothesis): Diagnosis {
  const first = diagnosis.hypotheses[0];
  const confidence = first?.confidence ?? 0;
  const others = diagnosis.hypotheses
    .filter((each) => each !== chosen)
    .map((each) => ({ ...each, confidence: Math.min(each.confidence, confidence * 0.9) }));
  return { ...diagnosis, hypotheses: [{ ...chosen, confidence }, ...others] };
}

function unknownIds(ids: readonly string[], { findings }: ToolContext): string[] {
  const known = new Set<string>(findings.map(({ id }) => id));
  return ids.filter((id) => !known.has(id));
}

function unknownEvidence(ids: readonly string[]) {
  return failed(
    `Evidence ${ids.join(", ")} does not exist.`,
    "Cite ids of findings you were shown.",
  );
}

const unsoundReason = failed(
  "The reason was not accepted: it holds markup, a link, or a number that no cited finding states.",
  "Give it in one plain sentence, with numbers as the cited findings state them.",
);

function unknownKey(key: string, diagnosis: Diagnosis | null) {
  const keys = (diagnosis?.hypotheses ?? []).slice(0, keysMax).map((each) => each.key);
  return failed(`There is no computed cause "${key}".`, `Use one of: ${keys.join(", ")}.`);
}

function failed(message: string, next: string): Extract<ToolResult, { kind: "failed" }> {
  return { kind: "failed", reason: "invalid-input", message, next, retryable: false };
}
