import type { EmptyOutcome, FailedOutcome } from "../../src/core/outcome.ts";
import type { ToolResult, Truncation } from "../../src/core/tool.ts";

type NotData = Exclude<ToolResult, { kind: "data" }>;

/** A read without data as the tool's answer: failed stays failed, empty says what was searched. */
export function notData(reading: EmptyOutcome | FailedOutcome): NotData {
  if (reading.kind === "empty") {
    const { searched, reasons, next, gaps } = reading;
    return { kind: "empty", searched, reasons, next, gaps };
  }
  const { reason, message, retryable } = reading;
  const next = retryable
    ? "Try again once, with a smaller window."
    : "Go on without it and say so in the answer.";
  return { kind: "failed", reason, message, next, retryable };
}

/** The first `max` of a list, and a note when there were more. */
export function cut<T>(
  list: readonly T[],
  max: number,
  next: string,
): { shown: readonly T[]; truncated?: Truncation } {
  if (list.length <= max) return { shown: list };
  return { shown: list.slice(0, max), truncated: { shown: max, total: list.length, next } };
}
