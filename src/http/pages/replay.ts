import { html } from "hono/html";
import type { Incident } from "../../core/incident.ts";
import type { Principal } from "../../core/principal.ts";
import { cleanText } from "../../core/redaction.ts";
import type { Step } from "../../core/step.ts";
import { subnav } from "./incident-status.ts";
import { clean, page } from "./layout.ts";
import { sayStep, stepDetail, stepLine } from "./steps.ts";

const detailCharsMax = 20_000;

/** The whole investigation as a list of its steps. */
export function replayList(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly principal: Principal;
}) {
  const { incident, steps, principal } = options;
  const first = steps[0];
  return page(
    { title: `Replay: ${incident.title}`, principal },
    html`${subnav(incident.id)}
      <h1>Replay: ${clean(incident.title, 150)}</h1>
      ${
        first
          ? html`<p class="pager">
                <a href="/reports/${incident.id}/replay/${first.number}">Go through it step by step</a>
                <span class="faint">${steps.length} steps</span>
              </p>
              <ol class="steps">
                ${steps.map((step) => stepLine(step))}
              </ol>`
          : html`<p>No step is kept: the investigation has not begun, or its steps have expired.</p>`
      }`,
  );
}

/** One step with everything it did, and the way to its neighbours. */
export function replayStep(options: {
  readonly incident: Incident;
  readonly steps: readonly Step[];
  readonly index: number;
  readonly principal: Principal;
}) {
  const { incident, steps, index, principal } = options;
  const step = steps[index];
  if (!step) throw new Error(`there is no step ${index}`);
  const at = (n: number) => `/reports/${incident.id}/replay/${steps[n]?.number ?? 1}`;
  const evidence = steps
    .slice(0, index + 1)
    .flatMap((item) => (item.kind === "evidence-added" ? [item.evidence] : []));
  const { usage } = step;
  return page(
    { title: `Step ${step.number}: ${incident.title}`, principal },
    html`${subnav(incident.id)}
      <h1>Step ${step.number} of ${steps.at(-1)?.number}: ${step.kind}</h1>
      <nav class="pager" aria-label="Steps">
        ${index > 0 ? html`<a rel="prev" accesskey="p" href="${at(index - 1)}">← Before</a>` : ""}
        ${index < steps.length - 1 ? html`<a rel="next" accesskey="n" href="${at(index + 1)}">Next →</a>` : ""}
        <a href="/reports/${incident.id}/replay">All steps</a>
      </nav>
      <p>${clean(sayStep(step).words, 1_000)}</p>
      <pre tabindex="0" aria-label="All of step ${step.number}">${cleanText(stepDetail(step), detailCharsMax)}</pre>
      <p class="faint">
        Used so far: ${usage.toolCalls} tool calls, ${usage.modelCalls} model calls,
        ${usage.seconds.toFixed(1)} s, $${usage.costUsd.toFixed(2)}
      </p>
      <h2>Known at this point</h2>
      ${
        evidence.length === 0
          ? html`<p>Nothing yet.</p>`
          : html`<ul>
              ${evidence.map((item) => html`<li><b>${item.id}</b> ${clean(item.statement, 400)}</li>`)}
            </ul>`
      }`,
  );
}
