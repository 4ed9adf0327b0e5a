import { type FindingStatement, findingStatements } from "../core/finding-statements.ts";
import type { RuledOut } from "../core/hypothesis.ts";
import { fill, type Message } from "../core/message.ts";
import { cleanLine } from "../core/redaction.ts";

/** A finding's sentence, and its parts for other languages. */
export interface Statement {
  readonly statement: string;
  readonly message: Message;
}

/** Longest piece of telemetry text inside a sentence. */
const quotedCharsMax = 120;

/** Fills a template. Parameters must be ours or cleaned: use `quoted` for telemetry text. */
export function say(id: FindingStatement, params: Message["params"]): Statement {
  return { statement: fill(findingStatements[id], params), message: { id, params } };
}

/** A cause that was set aside, and why. */
export function setAside(
  claim: Statement,
  because: { readonly statement: string; readonly message?: Message },
): Pick<RuledOut, "claim" | "because" | "said"> {
  return {
    claim: claim.statement,
    because: because.statement,
    said: { claim: claim.message, ...(because.message ? { because: because.message } : {}) },
  };
}

/** Telemetry text made safe to stand in a sentence: one line, redacted, clipped, in quotes. */
export function quoted(text: string): string {
  return `“${cleanLine(text, quotedCharsMax)}”`;
}

/** A name from telemetry (service, metric, operation): cleaned and clipped, without quotes. */
export function named(text: string): string {
  return cleanLine(text, 100);
}
