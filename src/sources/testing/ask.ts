import type { Outcome } from "../../core/outcome.ts";
import type { SignalQuery } from "../../core/query.ts";
import type { SourceContext } from "../../core/source.ts";
import type { Window } from "../../core/window.ts";
import { systemClock } from "../../platform/clock.ts";
import { capture } from "../capture.ts";
import { madeWindow } from "./capture-folder.ts";

/** A context without cancellation, with plenty of time and bytes. */
export function freeContext(): SourceContext {
  return {
    signal: new AbortController().signal,
    deadline: systemClock.now() + 30_000,
    bytesMax: 1e12,
  };
}

/** Opens a capture, asks one question and closes it. */
export async function askCapture(
  folder: string,
  query: SignalQuery,
  window: Window = madeWindow,
): Promise<Outcome> {
  const source = await capture.open("capture", { folder });
  try {
    return await source.run(query, window, freeContext());
  } finally {
    await source.close();
  }
}

/** Rows of an answer, or 0. */
export function rowsOf(outcome: Outcome): number {
  return outcome.kind === "data" ? outcome.frame.length : 0;
}

/** Why something could not be read, one line each; the message of a failure. */
export function complaintsOf(outcome: Outcome): readonly string[] {
  if (outcome.kind === "failed") return [outcome.message];
  return outcome.gaps.map((gap) => `${gap.what}: ${gap.why}; ${gap.effect}`);
}
