import { html } from "hono/html";
import type { Evidence } from "../../core/evidence.ts";
import { redactDeep } from "../../core/redaction.ts";
import type { Step } from "../../core/step.ts";
import { statementIn, wordsOf } from "../../report/languages.ts";
import type { PageWords } from "../words/page-words.ts";
import { clean } from "./layout.ts";

/** One step in one line. */
export function stepLine(step: Step, words: PageWords) {
  const { said, isKey } = sayStep(step, words);
  const at = new Date(step.at).toISOString().slice(11, 19);
  return html`<li class="${isKey ? "key" : ""}">
    <small>${step.number} · ${at}</small> ${clean(said, 400)}
  </li>`;
}

/** What a finding states, in the reader's language where it has words for it. */
export function findingIn(finding: Evidence, words: PageWords): string {
  return statementIn(wordsOf(words.code), finding);
}

/** A step in words; `isKey` when it moved the case forward. */
export function sayStep(
  step: Step,
  words: PageWords,
): { readonly said: string; readonly isKey: boolean } {
  switch (step.kind) {
    case "started":
      return { said: words.say("step.started", { driver: step.driver }), isKey: false };
    case "model-message":
      return { said: words.say("step.said", { who: step.model, text: step.text }), isKey: false };
    case "tool-call": {
      const because = words.reason(step.because);
      return { said: words.say("step.asked", { tool: step.tool, because }), isKey: false };
    }
    case "tool-result": {
      const answer = answerOf(step, words);
      return { said: words.say("step.answered", { tool: step.tool, answer }), isKey: false };
    }
    case "evidence-added":
      return { said: `${step.evidence.id}: ${findingIn(step.evidence, words)}`, isKey: true };
    case "hypothesis-moved":
      return { said: moveOf(step, words), isKey: true };
    case "gap-found":
      return {
        said: words.say("step.gap", { what: step.gap.what, why: step.gap.why }),
        isKey: true,
      };
    case "budget-spent": {
      const { budget, action } = step;
      return { said: words.say("step.budget", { budget, action }), isKey: false };
    }
    case "alarm-joined":
      return { said: words.say("step.joined", { name: step.name }), isKey: true };
    case "verified": {
      const { key, because } = step;
      const [before, after] = [step.before.toFixed(2), step.after.toFixed(2)];
      return { said: words.say("step.verified", { key, before, after, because }), isKey: true };
    }
    case "note":
      return { said: step.text, isKey: false };
    case "final":
      return { said: endOf(step, words), isKey: true };
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

function answerOf(step: Extract<Step, { kind: "tool-result" }>, words: PageWords): string {
  const { result, evidence } = step;
  if (result.kind === "empty") return words.say("step.empty", { searched: result.searched });
  if (result.kind === "failed") {
    return words.say("step.failed", { reason: result.reason, message: result.message });
  }
  const ids = evidence.length > 0 ? words.say("step.evidence", { ids: evidence.join(", ") }) : "";
  return words.say("step.data", { ms: Math.round(step.tookMs) }) + ids;
}

function moveOf(step: Extract<Step, { kind: "hypothesis-moved" }>, words: PageWords): string {
  const { mechanism, confidence } = step.hypothesis;
  const percent = Math.round(confidence * 100);
  const to = words.name("moved", step.to);
  return words.say("step.moved", { to, percent, mechanism, because: step.because });
}

function endOf(step: Extract<Step, { kind: "final" }>, words: PageWords): string {
  const status = words.name("ended", step.status);
  if (!step.stoppedBy) return words.say("step.ended", { status });
  return words.say("step.ended-by", { status, by: step.stoppedBy });
}
