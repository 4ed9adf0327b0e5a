import type { CallToolResult } from "@modelcontextprotocol/server";
import { lengthMs, timeSchema, type Window } from "../core/window.ts";
import { mcpLimits } from "./limits.ts";
import { refusal } from "./reply.ts";

const dayMs = 24 * 3_600_000;

/** The window that was asked for, null for none; or the answer to what cannot be one. */
export type WindowInput =
  | { readonly kind: "window"; readonly window: Window | null }
  | { readonly kind: "refused"; readonly answer: CallToolResult };

/** Both ends or neither; the refusal says what to send instead, since the reader is a model. */
export function windowInput(ends: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): WindowInput {
  if (ends.from === undefined && ends.to === undefined) return { kind: "window", window: null };
  const from = timeSchema.safeParse(ends.from);
  const to = timeSchema.safeParse(ends.to);
  if (!from.success || !to.success || from.data >= to.data) {
    return refused(
      "`from` and `to` must both be ISO 8601 times, `from` before `to`.",
      'Give both, e.g. "2026-03-01T10:00:00Z", or neither: the window is then worked out.',
    );
  }
  const window = { from: from.data, to: to.data };
  const days = lengthMs(window) / dayMs;
  if (days > mcpLimits.windowDaysMax) {
    return refused(
      `The window is ${Math.round(days)} days long; the most is ${mcpLimits.windowDaysMax} days.`,
      "Ask about a shorter time, or about several one after the other.",
    );
  }
  return { kind: "window", window };
}

function refused(message: string, next: string): WindowInput {
  return { kind: "refused", answer: refusal({ reason: "invalid-input", message, next }) };
}
