import { clip } from "../core/redaction.ts";
import type { Step } from "../core/step.ts";

const inputCharsMax = 160;

/** A step as one line, for reading a run; null for steps that say nothing by themselves. */
export function stepLine(step: Step): string | null {
  const said = sentence(step);
  return said === null ? null : `${String(step.number).padStart(3)}  ${said}`;
}

function sentence(step: Step): string | null {
  switch (step.kind) {
    case "started":
      return `started by ${step.driver}${step.question ? `: ${step.question}` : ""}`;
    case "model-message":
      return `${step.model} (${step.job}, ${step.inputTokens} + ${step.outputTokens} tokens)`;
    case "tool-call":
      return `calls ${step.tool} ${clip(JSON.stringify(step.input ?? {}), inputCharsMax)}: ${step.because}`;
    case "tool-result":
      return `  ${step.result.kind}, ${step.evidence.length} findings, ${step.tookMs} ms`;
    case "evidence-added":
      return `  ${step.evidence.id} ${step.evidence.statement}`;
    case "hypothesis-moved":
      return `  ${step.hypothesis.key} is ${step.to}: ${step.because}`;
    case "gap-found":
      return `  not known: ${step.gap.what}: ${step.gap.why}`;
    case "budget-spent":
      return `the ${step.budget} are spent: ${step.action}`;
    case "alarm-joined":
      return `alarm ${step.name} joined`;
    case "verified":
      return `  ${step.key}: ${step.before.toFixed(2)} to ${step.after.toFixed(2)}: ${step.because}`;
    case "note":
      return step.text;
    case "final":
      return `ended ${step.status}${step.stoppedBy ? `, stopped by ${step.stoppedBy}` : ""}`;
  }
}
