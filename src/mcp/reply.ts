import type { CallToolResult } from "@modelcontextprotocol/server";
import { cleanDeep } from "./clean.ts";
import { fenceDeep } from "./fence.ts";
import { toText } from "./text.ts";

/** A JSON object, as `structuredContent` must be. */
export type Facts = Readonly<Record<string, unknown>>;

/**
 * One answer in both forms: hosts show a model either `structuredContent` or the text, never both
 * (measured), so each carries all of it. `meta` is for views, which models do not see.
 */
export function reply(facts: Facts, meta?: Facts): CallToolResult {
  const structuredContent = fenceDeep(cleanDeep(facts)) as Record<string, unknown>;
  return {
    content: [{ type: "text", text: toText(structuredContent) }],
    structuredContent,
    ...(meta ? { _meta: { ...meta } } : {}),
  };
}

/** Something went wrong in a way the caller can act on: what, and the next step. */
export function refusal(refused: {
  readonly reason: string;
  readonly message: string;
  readonly next: string;
  readonly retryable?: boolean;
}): CallToolResult {
  return {
    ...reply({
      kind: "failed",
      reason: refused.reason,
      message: refused.message,
      next: refused.next,
      retryable: refused.retryable ?? false,
    }),
    isError: true,
  };
}

/** The answer to a cursor that no answer of ours carried, or whose rest is gone by now. */
export function badCursor(): CallToolResult {
  return refusal({
    reason: "invalid-input",
    message: "`cursor` is none that this tool gave out, or what it led to is gone.",
    next: "Leave `cursor` out to begin at the first page.",
  });
}

/** The one answer for an incident that does not exist and for one that is someone else's. */
export function noSuchIncident(id: string): CallToolResult {
  return refusal({
    reason: "not-found",
    message: `There is no incident ${JSON.stringify(id.slice(0, 80))} that you may see.`,
    next: "Take an id from list_incidents, or start one with start_investigation.",
  });
}
