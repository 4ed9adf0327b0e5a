import { html } from "hono/html";
import { redactDeep } from "../../core/redaction.ts";
import type { Step } from "../../core/step.ts";
import { clean } from "./layout.ts";

/** One step in one line. */
export function stepLine(step: Step, options: { readonly isNow?: boolean } = {}) {
  const { words, isKey } = sayStep(step);
  const classes = [isKey ? "key" : "", options.isNow ? "now" : ""].filter(Boolean).join(" ");
  const at = new Date(step.at).toISOString().slice(11, 19);
  return html`<li class="${classes}">
    <small>${step.number} · ${at}</small> ${clean(words, 400)}
  </li>`;
}

/** A step in words; `isKey` when it moved the case forward. */
export function sayStep(step: Step): { readonly words: string; readonly isKey: boolean } {
  switch (step.kind) {
    case "started":
      return { words: `Began, driven by ${step.driver}.`, isKey: false };
    case "model-message":
      return { words: `${step.model}: ${step.text}`, isKey: false };
    case "tool-call":
      return { words: `${step.tool}, because ${step.because}`, isKey: false };
    case "tool-result":
      return { words: `${step.tool} answered: ${answerOf(step)}`, isKey: false };
    case "evidence-added":
      return { words: `${step.evidence.id}: ${step.evidence.statement}`, isKey: true };
    case "hypothesis-moved": {
      const { mechanism, confidence } = step.hypothesis;
      const sure = `${Math.round(confidence * 100)} %`;
      return { words: `${capital(step.to)} (${sure}): ${mechanism} ${step.because}`, isKey: true };
    }
    case "gap-found":
      return { words: `Could not know ${step.gap.what}: ${step.gap.why}`, isKey: true };
    case "budget-spent":
      return { words: `Budget ${step.budget}: ${step.action}`, isKey: false };
    case "alarm-joined":
      return { words: `A late alarm joined: ${step.name}`, isKey: true };
    case "verified":
      return {
        words: `Checked ${step.key}: ${step.before.toFixed(2)} → ${step.after.toFixed(2)}, ${step.because}`,
        isKey: true,
      };
    case "note":
      return { words: step.text, isKey: false };
    case "final":
      return {
        words: `Ended, ${step.status}${step.stoppedBy ? ` (${step.stoppedBy})` : ""}.`,
        isKey: true,
      };
  }
}

/** Everything of a step that is worth reading, as lines of JSON or text. */
export function stepDetail(step: Step): string {
  const {
    usage: _usage,
    at: _at,
    number: _number,
    kind: _kind,
    ...rest
  } = step as Step & Record<string, unknown>;
  return JSON.stringify(redactDeep(rest), withoutBulk, 2);
}

/** Points of charts and wire messages are left out: nobody reads them here. */
function withoutBulk(key: string, value: unknown): unknown {
  if (key === "chart" || key === "message") return undefined;
  return Array.isArray(value) && value.length > 50 ? [...value.slice(0, 50), "…"] : value;
}

function answerOf(step: Extract<Step, { kind: "tool-result" }>): string {
  const { result } = step;
  const found = step.evidence.length > 0 ? `, evidence ${step.evidence.join(", ")}` : "";
  if (result.kind === "data") return `data in ${Math.round(step.tookMs)} ms${found}`;
  if (result.kind === "empty") return `nothing there (${result.searched})`;
  return `failed (${result.reason}): ${result.message}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
