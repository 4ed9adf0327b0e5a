import type { Analyst } from "../core/analyst.ts";
import type { InvestigationRequest } from "../core/investigation-request.ts";
import type { Report } from "../core/report.ts";
import type { Step } from "../core/step.ts";
import { draftProgress } from "./draft-progress.ts";
import type { Terminal } from "./terminal.ts";

/** Runs an investigation and shows on stderr what it is doing and what it has found. */
export async function investigateWithProgress(
  analyst: Analyst,
  request: InvestigationRequest,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Report> {
  let findings = 0;
  let shownFirst = false;
  const showDraft = draftProgress(terminal);
  const stop = analyst.subscribe("all", (event) => {
    if (event.kind === "draft") showDraft(event.text);
    if (event.kind !== "step") return;
    const { step } = event;
    if (step.kind === "note") terminal.say(step.text);
    if (step.kind === "evidence-added") {
      findings += 1;
      if (!shownFirst && step.evidence.kind !== "normal") {
        shownFirst = true;
        terminal.say(
          `first finding after ${step.usage.seconds.toFixed(1)} s: ${step.evidence.statement}`,
        );
      }
    }
    const line = progressLine(step, findings);
    if (line) terminal.progress(line);
  });
  try {
    return await analyst.investigate(request, signal);
  } finally {
    stop();
    terminal.clearProgress();
  }
}

/** What a step looks like on the progress line; most steps do not change it. */
function progressLine(step: Step, findings: number): string | null {
  const count = findings === 1 ? "1 finding" : `${findings} findings`;
  const prefix = `[${step.usage.seconds.toFixed(1)} s, ${count}]`;
  if (step.kind === "tool-call")
    return `${prefix} ${step.tool.replaceAll("_", " ")}: ${step.because}`;
  if (step.kind === "hypothesis-moved" && step.to === "supported") {
    return `${prefix} likely: ${step.hypothesis.mechanism}`;
  }
  if (step.kind === "hypothesis-moved" && step.to === "refuted") {
    return `${prefix} ruled out: ${step.hypothesis.mechanism}: ${step.because}`;
  }
  return null;
}
