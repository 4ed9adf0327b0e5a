import { isoTime, type Window } from "../core/window.ts";
import { refusal } from "./reply.ts";

/** `null` when neither end was given, `invalid` for what cannot be a window. */
export function windowInput(ends: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): Window | null | "invalid" {
  if (ends.from === undefined && ends.to === undefined) return null;
  const from = isoTime.safeParse(ends.from);
  const to = isoTime.safeParse(ends.to);
  if (!from.success || !to.success || from.data >= to.data) return "invalid";
  return { from: from.data, to: to.data };
}

/** The answer to an invalid window. */
export function badWindow(): ReturnType<typeof refusal> {
  return refusal({
    reason: "invalid-input",
    message: "`from` and `to` must both be ISO 8601 times, `from` before `to`.",
    next: 'Give both, e.g. "2026-03-01T10:00:00Z", or neither: the window is then worked out.',
  });
}
